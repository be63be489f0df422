using System.Text;
using System.Xml;

namespace Embeddings.Data.Documentation;

/// <summary>
/// Turns the elements of a documentation comment into paragraphs of plain text: references become the short name of what they refer to,
/// examples and blocks of code are left out, white space is collapsed.
/// </summary>
/// <param name="paragraphs">Receives the paragraphs.</param>
internal sealed class ProseWriter(List<string> paragraphs)
{
    private readonly StringBuilder _paragraph = new();

    /// <summary>Appends the paragraphs of the element the reader stands on, and moves the reader behind it.</summary>
    public void Write(XmlReader reader)
    {
        WriteContent(reader);
        EndParagraph();
    }

    private void WriteContent(XmlReader reader)
    {
        if (reader.IsEmptyElement)
        {
            reader.Read();
            return;
        }

        int depth = reader.Depth;
        reader.Read();
        while (reader.Depth > depth)
        {
            if (reader.NodeType == XmlNodeType.Element)
            {
                WriteElement(reader);
                continue;
            }

            if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace)
            {
                _paragraph.Append(reader.Value);
            }

            reader.Read();
        }

        reader.Read();
    }

    private void WriteElement(XmlReader reader)
    {
        switch (reader.Name.ToLowerInvariant())
        {
            case "example" or "format" or "seealso" or "script" or "devremarks" or "forinternaluseonly":
                reader.Skip();
                break;
            case "code":
                int start = _paragraph.Length;
                WriteContent(reader);
                if (_paragraph.ToString(start, _paragraph.Length - start).Contains('\n', StringComparison.Ordinal))
                {
                    _paragraph.Length = start;
                }

                break;
            case "see" or "paramref" or "typeparamref" or "xref":
                string reference = Reference(reader);
                int before = _paragraph.Length;
                WriteContent(reader);
                if (_paragraph.Length == before)
                {
                    _paragraph.Append(reference);
                }

                break;
            case "b" or "i" or "em" or "strong" or "c" or "a" or "sup" or "sub" or "u" or "span":
                WriteContent(reader);
                break;
            default:
                EndParagraph();
                WriteContent(reader);
                EndParagraph();
                break;
        }
    }

    private static string Reference(XmlReader reader) =>
        (reader.GetAttribute("langword") ?? reader.GetAttribute("name") ?? reader.GetAttribute("href"))
        ?? (reader.GetAttribute("cref") is { } id ? ShortName(id) : "");

    /// <summary>The last name of a documentation id: <c>M:System.Collections.Generic.List`1.Add(`0)</c> to <c>Add</c>.</summary>
    internal static string ShortName(string id)
    {
        int colon = id.IndexOf(':', StringComparison.Ordinal);
        string name = colon >= 0 ? id[(colon + 1)..] : id;
        int parameters = name.IndexOfAny(['(', '{', '~']);
        name = parameters >= 0 ? name[..parameters] : name;
        ReadOnlySpan<char> path = name.AsSpan().TrimEnd('.');
        ReadOnlySpan<char> last = path[(path.LastIndexOf('.') + 1)..];
        if (last is "#ctor" or "#cctor")
        {
            path = path[..^(last.Length + 1)];
            last = path[(path.LastIndexOf('.') + 1)..];
        }

        string shortName = last[(last.LastIndexOf('#') + 1)..].ToString();
        int arity = shortName.IndexOf('`', StringComparison.Ordinal);
        return arity >= 0 ? shortName[..arity] : shortName;
    }

    private void EndParagraph()
    {
        string text = Prose.Collapse(_paragraph);
        _paragraph.Clear();
        if (text.Length > 0)
        {
            paragraphs.Add(text);
        }
    }
}
