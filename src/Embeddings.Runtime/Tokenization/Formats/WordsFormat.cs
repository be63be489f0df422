using System.Text;

namespace Embeddings.Tokenization;

/// <summary>
/// A list of words as a text file: each line is a word, its spaces included, whatever its bytes. The line end, a carriage return before it, and
/// a byte order mark are not part of a word; a word with a line end needs a <c>tokenizer.json</c>.
/// </summary>
internal static class WordsFormat
{
    /// <summary>How names of such files end.</summary>
    public const string Extension = ".words";

    /// <summary>Reads a list.</summary>
    /// <exception cref="FormatException">A word is too short or stands twice, or there is none.</exception>
    public static WordListTokenizer Read(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith(Encoding.UTF8.Preamble))
        {
            file = file[Encoding.UTF8.Preamble.Length..];
        }

        var words = new List<byte[]>();
        var lineOf = new Dictionary<byte[], int>(BytePairDefinition.ByteComparer.Instance);
        for (int line = 1; !file.IsEmpty; line++)
        {
            int end = file.IndexOf((byte)'\n');
            ReadOnlySpan<byte> word = end < 0 ? file : file[..end];
            file = end < 0 ? [] : file[(end + 1)..];
            byte[] bytes = [.. word.EndsWith("\r"u8) ? word[..^1] : word];
            if (bytes.Length < 2)
            {
                throw new FormatException($"line {line} has fewer than two bytes, and single bytes are tokens anyway");
            }

            if (!lineOf.TryAdd(bytes, line))
            {
                throw new FormatException($"line {line} repeats line {lineOf[bytes]}");
            }

            words.Add(bytes);
        }

        return words.Count > 0 ? new WordListTokenizer(words) : throw new FormatException("it has no line");
    }
}
