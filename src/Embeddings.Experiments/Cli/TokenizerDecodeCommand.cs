using System.CommandLine;
using System.Globalization;
using System.Text;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Cli;

/// <summary><c>tokenizer decode</c>: ids to text.</summary>
internal static class TokenizerDecodeCommand
{
    private static readonly char[] s_separators = [' ', '\t', '\r', '\n', ',', '[', ']'];

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Argument<string> tokenizer = Arguments.Tokenizer();
        Argument<string?> file = Arguments.InputFile("Ids, separated by spaces, commas or line ends. Default: what --ids says, or else the standard input.");
        var ids = new Option<string?>("--ids") { Description = "Ids to decode, in place of a file.", HelpName = "numbers" };
        Option<string?> target = Arguments.OutputFile("The file to write the bytes to. Default: the standard output.");
        var command = new Command("decode", "Turn token ids back into text.") { tokenizer, file, ids, target };
        HelpWithExamples.AddExamples(
            command, "embeddings tokenizer decode tokenizer.json --ids \"72 105\"", "embeddings tokenizer decode tokenizer.json ids.txt --out book.txt");
        command.SetAction(parsed =>
        {
            Tokenizer opened = TokenizerPath.Open(parsed.GetValue(tokenizer)!);
            byte[] bytes = opened.Decode(Ids(InputBytes.Read(parsed.GetValue(file), parsed.GetValue(ids), "--ids"), opened.VocabularySize));
            if (parsed.GetValue(target) is { } path)
            {
                OutputFile.Write(path, bytes);
            }
            else
            {
                Print(bytes, parsed.InvocationConfiguration.Output);
            }
        });
        return command;
    }

    private static int[] Ids(byte[] text, int vocabularySize)
    {
        string[] words = Encoding.UTF8.GetString(text).Split(s_separators, StringSplitOptions.RemoveEmptyEntries);
        return [.. words.Select(word =>
            !int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                ? throw new UserError($"'{word}' is not a token id; give whole numbers.")
                : id < vocabularySize ? id
                : throw new UserError($"There is no token {id}; the vocabulary has {vocabularySize} entries."))];
    }

    /// <summary>Prints bytes as they are where the output can take them, for they need not be UTF-8.</summary>
    private static void Print(byte[] bytes, TextWriter output)
    {
        if (!ReferenceEquals(output, Console.Out))
        {
            output.Write(Encoding.UTF8.GetString(bytes));
            return;
        }

        output.Flush();
        using Stream raw = Console.OpenStandardOutput();
        raw.Write(bytes);
        raw.Flush();
    }
}
