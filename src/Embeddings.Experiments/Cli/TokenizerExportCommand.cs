using System.CommandLine;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Cli;

/// <summary><c>tokenizer export</c>: a tokenizer in the format of another program.</summary>
internal static class TokenizerExportCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Argument<string> tokenizer = Arguments.Tokenizer();
        Option<Choice<TokenizerFormat>> format = Arguments.Choice(
            "--format",
            "tokenizer.json, tiktoken's ranks, a folder with GPT-2's vocab.json and merges.txt, or llm.c's tokenizer file.",
            TokenizerFormat.HuggingFace);
        var file = new Option<string>("--out") { Description = "The file, or the folder, to write or replace.", HelpName = "path", Required = true };
        var command = new Command("export", "Write a tokenizer in another program's format.") { tokenizer, format, file };
        HelpWithExamples.AddExamples(command, "embeddings tokenizer export runs/Baseline-seed1 --format tiktoken --out baseline.tiktoken");
        command.SetAction(parsed =>
        {
            Tokenizer opened = TokenizerPath.Open(parsed.GetValue(tokenizer)!);
            string target = parsed.GetValue(file)!;
            Action<string, Tokenizer> write = parsed.GetValue(format).Value switch
            {
                TokenizerFormat.Tiktoken => TokenizerFile.SaveRanks,
                TokenizerFormat.Gpt2 => TokenizerFile.SaveVocabularyAndMerges,
                TokenizerFormat.Llmc => TokenizerFile.SaveLlmc,
                _ => TokenizerFile.Save,
            };
            write(target, opened);
            parsed.InvocationConfiguration.Output.WriteLine($"Written to {Path.GetFullPath(target)}");
        });
        return command;
    }

    /// <summary>A file format of tokenizers.</summary>
    private enum TokenizerFormat
    {
        /// <summary>Hugging Face's <c>tokenizer.json</c>.</summary>
        HuggingFace,

        /// <summary>tiktoken's ranks: a line per token, its bytes in base 64 and its id.</summary>
        Tiktoken,

        /// <summary>GPT-2's <c>vocab.json</c> and <c>merges.txt</c>, in a folder.</summary>
        Gpt2,

        /// <summary>llm.c's tokenizer file.</summary>
        Llmc,
    }
}
