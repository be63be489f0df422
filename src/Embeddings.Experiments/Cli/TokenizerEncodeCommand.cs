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
        Option<Choice<Format>> format = Arguments.Choice(
            "--format",
            $"How to write them: numbers, or as token shards of a corpus, as for 'train', where {EndOfText} begins each document if there is such a token.",
            Format.Text);
        Option<double> probability = Arguments.Real(
            "--split-probability", "Split each token into two with this probability, at most 1; the text stays the same.", 0, smallest: 0, "share");
        Option<Choice<SplitPlace>> boundaries = Arguments.Choice(
            "--boundaries", "Where a token is split: as it was merged, or at random between bytes whose sides are tokens.", SplitPlace.Merge);
        Option<ulong?> seed = Arguments.Seed("Decides which tokens are split. Default: 0.");
        var command = new Command("encode", "Turn text into token ids, separated by spaces.")
        {
            tokenizer, file, text, target, format, probability, boundaries, seed,
        };
        HelpWithExamples.AddExamples(
            command,
            "embeddings tokenizer encode tokenizer.json --text \"a few words\"",
            "embeddings tokenizer encode runs/Baseline-seed1 book.txt --out ids.txt",
            "embeddings tokenizer encode tokenizer.json corpus.jsonl --format llmc --out train.bin",
            "embeddings tokenizer encode tokenizer.json book.txt --split-probability 0.1 --boundaries random --out ids.txt");
        command.SetAction((parsed, cancellation) =>
        {
            Tokenizer opened = TokenizerPath.Open(parsed.GetValue(tokenizer)!);
            ForcedSplits? splits = Splits(opened, parsed.GetValue(boundaries).Value, parsed.GetValue(probability));
            ulong drawn = parsed.GetValue(seed) ?? 0;
            if (parsed.GetValue(format).Value is var chosen and not Format.Text)
            {
                SaveShard(opened, splits, drawn, parsed.GetValue(file), parsed.GetValue(target), chosen, cancellation);
                return Task.FromResult(0);
            }

            var ids = new List<int>();
            opened.Encode(InputBytes.Read(parsed.GetValue(file), parsed.GetValue(text), "--text"), ids);
            string line = string.Join(' ', (splits?.Apply(ids.ToArray(), drawn) ?? [.. ids]).Select(id => id.ToString(CultureInfo.InvariantCulture)));
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

    /// <summary>The splits asked for, or null.</summary>
    private static ForcedSplits? Splits(Tokenizer tokenizer, SplitPlace place, double probability) =>
        probability == 0 ? null
        : probability > 1 ? throw new UserError("--split-probability takes a number from 0 to 1.")
        : tokenizer is BytePairTokenizer pairs ? new ForcedSplits(pairs, place, probability)
        : throw new UserError("Only tokens of byte pairs are split; give another tokenizer, or no --split-probability.");

    private static void SaveShard(
        Tokenizer tokenizer, ForcedSplits? splits, ulong seed, string? source, string? target, Format format, CancellationToken cancellation)
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

            ids.AddRange(splits?.Apply(document, seed++) ?? document);
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
