using System.CommandLine;
using System.Globalization;
using Embeddings.Experiments.Tokenizers;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Cli;

/// <summary><c>tokenizer align</c>: how two tokenizers cut one text.</summary>
internal static class TokenizerAlignCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Argument<string> first = Arguments.Tokenizer();
        var second = new Argument<string>("other") { Description = "The tokenizer to set beside it, given in the same way." };
        Argument<string?> file = Arguments.InputFile("The text, whatever its bytes. Default: what --text says, or else the standard input.");
        var text = new Option<string?>("--text") { Description = "Text to cut, in place of a file.", HelpName = "text" };
        Option<bool> json = Arguments.Json();
        var command = new Command("align", "Set the tokens of two tokenizers over the same text side by side, by where they end.")
        {
            first, second, file, text, json,
        };
        HelpWithExamples.AddExamples(
            command,
            "embeddings tokenizer align small.json large.json --text \"a few words\"",
            "embeddings tokenizer align runs/Baseline-seed1 large.json book.txt --json");
        command.SetAction(parsed =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            SideBySide aligned = SideBySide.Of(
                TokenizerPath.Open(parsed.GetValue(first)!),
                TokenizerPath.Open(parsed.GetValue(second)!),
                InputBytes.Read(parsed.GetValue(file), parsed.GetValue(text), "--text"));
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(output, aligned);
            }
            else
            {
                Print(aligned, output);
            }
        });
        return command;
    }

    private static void Print(SideBySide aligned, TextWriter output)
    {
        var table = new TextTable("token", "id", "last of the other to end by there", "id");
        foreach (AlignedToken token in aligned.Tokens)
        {
            table.Add(
                token.Text,
                token.Id.ToString(CultureInfo.InvariantCulture),
                token.OtherText ?? "none",
                token.OtherId?.ToString(CultureInfo.InvariantCulture) ?? "");
        }

        table.Write(output);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{aligned.Tokens.Count} tokens beside {aligned.OtherTokens}; {aligned.SharedEnds} end at the same places"));
    }
}
