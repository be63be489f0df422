using System.CommandLine;
using System.Globalization;
using System.Text;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Cli;

/// <summary><c>tokenizer encode</c>: text to ids.</summary>
internal static class TokenizerEncodeCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Argument<string> tokenizer = Arguments.Tokenizer();
        Argument<string?> file = Arguments.InputFile("The text, whatever its bytes. Default: what --text says, or else the standard input.");
        var text = new Option<string?>("--text") { Description = "Text to encode, in place of a file.", HelpName = "text" };
        Option<string?> target = Arguments.OutputFile("The file to write ids to. Default: the standard output.");
        var command = new Command("encode", "Turn text into token ids, separated by spaces.") { tokenizer, file, text, target };
        HelpWithExamples.AddExamples(
            command, "embeddings tokenizer encode tokenizer.json --text \"a few words\"", "embeddings tokenizer encode runs/Baseline-seed1 book.txt --out ids.txt");
        command.SetAction(parsed =>
        {
            Tokenizer opened = TokenizerPath.Open(parsed.GetValue(tokenizer)!);
            byte[] bytes = InputBytes.Read(parsed.GetValue(file), parsed.GetValue(text), "--text");
            var ids = new List<int>();
            opened.Encode(bytes, ids);
            string line = string.Join(' ', ids.Select(id => id.ToString(CultureInfo.InvariantCulture)));
            if (parsed.GetValue(target) is { } path)
            {
                OutputFile.Write(path, line + "\n");
            }
            else
            {
                parsed.InvocationConfiguration.Output.WriteLine(line);
            }
        });
        return command;
    }
}
