using System.CommandLine;
using System.Globalization;
using Embeddings.Data;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Cli;

/// <summary><c>tokenizer encode</c>: text to ids.</summary>
internal static class TokenizerEncodeCommand
{
    private const string EndOfText = "<|endoftext|>";

    private enum Format
    {
        Text,
        Llmc,
        NanoGpt,
    }

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Argument<string> tokenizer = Arguments.Tokenizer();
        Argument<string?> file = Arguments.InputFile("The text, whatever its bytes. Default: what --text says, or else the standard input.");
        var text = new Option<string?>("--text") { Description = "Text to encode, in place of a file.", HelpName = "text" };
        Option<string?> target = Arguments.OutputFile("The file to write ids to. Default: the standard output.");
        Option<Format> format = Arguments.Choice(
            "--format",
            $"How to write them: numbers, or as token shards of a whole corpus, as for 'train', where {EndOfText} begins each document if the tokenizer has it.",
            Format.Text);
        var command = new Command("encode", "Turn text into token ids, separated by spaces.") { tokenizer, file, text, target, format };
        HelpWithExamples.AddExamples(
            command,
            "embeddings tokenizer encode tokenizer.json --text \"a few words\"",
            "embeddings tokenizer encode runs/Baseline-seed1 book.txt --out ids.txt",
            "embeddings tokenizer encode tokenizer.json corpus.jsonl --format llmc --out train.bin");
        command.SetAction((parsed, cancellation) =>
        {
            Tokenizer opened = TokenizerPath.Open(parsed.GetValue(tokenizer)!);
            if (parsed.GetValue(format) is var chosen and not Format.Text)
            {
                SaveShard(opened, parsed.GetValue(file), parsed.GetValue(target), chosen, cancellation);
                return Task.FromResult(0);
            }

            var ids = new List<int>();
            opened.Encode(InputBytes.Read(parsed.GetValue(file), parsed.GetValue(text), "--text"), ids);
            string line = string.Join(' ', ids.Select(id => id.ToString(CultureInfo.InvariantCulture)));
            if (parsed.GetValue(target) is { } path)
            {
                OutputFile.Write(path, line + "\n");
            }
            else
            {
                parsed.InvocationConfiguration.Output.WriteLine(line);
            }

            return Task.FromResult(0);
        });
        return command;
    }

    private static void SaveShard(Tokenizer tokenizer, string? source, string? target, Format format, CancellationToken cancellation)
    {
        if (source is null || target is null)
        {
            throw new UserError("Token shards are made of a file or folder, and written to a file; give both, the second with --out.");
        }

        Corpus corpus = Corpora.Open([source], cancellation: cancellation);
        int? end = (tokenizer as BytePairTokenizer)?.SpecialTokens.TryGetValue(EndOfText, out int id) == true ? id : null;
        var ids = new List<int>();
        foreach (int[] document in ParallelEncoding.Encode(tokenizer, [.. corpus.Documents.Select(each => each.Bytes)], cancellation: cancellation))
        {
            if (end is { } first)
            {
                ids.Add(first);
            }

            ids.AddRange(document);
        }

        if (format == Format.Llmc)
        {
            TokenShards.SaveLlmc(target, ids.ToArray(), tokenizer.VocabularySize);
        }
        else
        {
            TokenShards.SaveNanoGpt(target, ids.ToArray());
        }
    }
}
