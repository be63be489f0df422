using System.Text;

namespace Embeddings.Data.Documentation;

/// <summary>What counts as prose.</summary>
internal static class Prose
{
    private const int FewestWords = 4;

    /// <summary>The text with every run of white space as one space, none at its ends.</summary>
    public static string Collapse(StringBuilder text)
    {
        var collapsed = new StringBuilder(text.Length);
        bool gap = false;
        foreach (ReadOnlyMemory<char> chunk in text.GetChunks())
        {
            foreach (char character in chunk.Span)
            {
                if (char.IsWhiteSpace(character) || character == '\u200B')
                {
                    gap = true;
                    continue;
                }

                if (gap && collapsed.Length > 0)
                {
                    collapsed.Append(' ');
                }

                gap = false;
                collapsed.Append(character);
            }
        }

        return collapsed.ToString();
    }

    /// <summary>
    /// Whether a paragraph reads as a sentence: at least four words, and its last character closes one. Leaves out the signatures and
    /// instruction names that stand in the documentation of hardware intrinsics, and labels.
    /// </summary>
    public static bool IsSentence(string paragraph)
    {
        int words = 1;
        foreach (char character in paragraph)
        {
            words += character == ' ' ? 1 : 0;
        }

        return words >= FewestWords && char.IsLetter(paragraph[0]) && paragraph[^1] is '.' or '!' or '?' or ':';
    }
}
