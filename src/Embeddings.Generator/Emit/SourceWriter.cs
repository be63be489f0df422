using System.Text;

namespace Embeddings.Generator.Emit;

/// <summary>Text with indentation; lines end in LF on every machine.</summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    public void Line(string text = "")
    {
        if (text.Length > 0)
        {
            _text.Append(' ', _depth * 4).Append(text);
        }

        _text.Append('\n');
    }

    /// <summary>Writes a head line and an opening brace.</summary>
    public void Open(string head)
    {
        Line(head);
        Line("{");
        _depth++;
    }

    /// <summary>Writes an opening brace under the line before.</summary>
    public void OpenBlock()
    {
        Line("{");
        _depth++;
    }

    /// <summary>Closes the brace.</summary>
    public void Close(string tail = "")
    {
        _depth--;
        Line("}" + tail);
    }

    /// <summary>Writes an empty line unless one stands there or a block has just been opened.</summary>
    public void Gap()
    {
        string end = _text.Length > 2 ? _text.ToString(_text.Length - 2, 2) : "";
        if (end != "{\n" && end != "\n\n")
        {
            Line();
        }
    }

    /// <summary>Writes an empty line where a block has just been closed.</summary>
    public void GapAfterBlock()
    {
        if (_text.Length > 2 && _text.ToString(_text.Length - 2, 2) == "}\n")
        {
            Line();
        }
    }

    public override string ToString() => _text.ToString();
}
