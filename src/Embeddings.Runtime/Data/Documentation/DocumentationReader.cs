using System.Xml;

namespace Embeddings.Data.Documentation;

/// <summary>One paragraph of documentation and the type it belongs to.</summary>
/// <param name="Type">Full name of the documented type.</param>
/// <param name="Text">A paragraph on one line.</param>
internal readonly record struct DocumentationLine(string Type, string Text);

/// <summary>Reads the prose of a compiler's XML documentation file, member by member.</summary>
internal static class DocumentationReader
{
    /// <summary>The paragraphs of a file, in its order.</summary>
    /// <exception cref="XmlException">The file is not well-formed.</exception>
    public static List<DocumentationLine> Read(Stream stream)
    {
        var lines = new List<DocumentationLine>();
        var paragraphs = new List<string>();
        var prose = new ProseWriter(paragraphs);
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, IgnoreComments = true };
        using var reader = XmlReader.Create(stream, settings);
        while (reader.ReadToFollowing("member"))
        {
            string type = TypeOf(reader.GetAttribute("name") ?? "");
            if (reader.IsEmptyElement)
            {
                continue;
            }

            paragraphs.Clear();
            int depth = reader.Depth;
            reader.Read();
            while (reader.Depth > depth)
            {
                if (reader.NodeType == XmlNodeType.Element && type.Length > 0 && IsProse(reader.Name))
                {
                    prose.Write(reader);
                }
                else
                {
                    reader.Skip();
                }
            }

            foreach (string text in paragraphs)
            {
                if (Prose.IsSentence(text))
                {
                    lines.Add(new DocumentationLine(type, text));
                }
            }
        }

        return lines;
    }

    private static bool IsProse(string part) =>
        part is "summary" or "remarks" or "param" or "typeparam" or "returns" or "value" or "exception";

    /// <summary>The type that a documentation id belongs to: <c>M:System.String.Join(System.String)</c> to <c>System.String</c>.</summary>
    internal static string TypeOf(string id)
    {
        if (id.Length < 3 || id[1] != ':')
        {
            return "";
        }

        string name = id[2..];
        if (id[0] == 'T')
        {
            return name;
        }

        int end = name.IndexOf('(', StringComparison.Ordinal);
        int dot = name.LastIndexOf('.', end < 0 ? name.Length - 1 : end);
        return dot > 0 ? name[..dot] : name;
    }
}
