using System.CommandLine;
using System.Globalization;
using System.Text;
using Embeddings.Data;
using Embeddings.Experiments.Reports;
using Embeddings.Experiments.Tokenizers;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Cli;

/// <summary><c>tokenizer inspect</c>: what a tokenizer does to a text.</summary>
internal static class TokenizerInspectCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Argument<string> tokenizer = Arguments.Tokenizer();
        Option<string[]> data = Arguments.Data();
        Option<int> longest = Arguments.Whole("--longest", "How many of the longest tokens to list.", 10, smallest: 0, "count");
        var token = new Option<string?>("--token")
        {
            Description = "Show the pieces of a token, given by id or by its text, and do not read any data.",
            HelpName = "id or text",
        };
        Option<bool> json = Arguments.Json();
        var command = new Command("inspect", "Measure a tokenizer on a text, or show what a token is made of.") { tokenizer, data, longest, token, json };
        HelpWithExamples.AddExamples(
            command, "embeddings tokenizer inspect runs/Baseline-seed1", "embeddings tokenizer inspect tokenizer.json --token \" value\"");
        command.SetAction((parsed, cancellation) =>
        {
            Tokenizer opened = TokenizerPath.Open(parsed.GetValue(tokenizer)!);
            TextWriter output = parsed.InvocationConfiguration.Output;
            bool asJson = parsed.GetValue(json);
            if (parsed.GetValue(token) is { } wanted)
            {
                Show(TokenPieces.Of(opened, Find(opened, wanted)), asJson, output);
            }
            else
            {
                Show(Measure(opened, parsed.GetValue(data)!, parsed.GetValue(longest), asJson, output, cancellation), asJson, output);
            }

            return Task.FromResult(0);
        });
        return command;
    }

    private static TokenizerInspection Measure(
        Tokenizer tokenizer, string[] data, int longest, bool quiet, TextWriter output, CancellationToken cancellation) =>
        ProgressDisplay.Run(output, quiet, line =>
        {
            line.Line("Reading text.");
            Corpus corpus = Corpora.Open(data, cancellation: cancellation);
            return TokenizerInspection.Of(tokenizer, corpus, longest, done => line.Report(done, "encoding"), cancellation);
        });

    /// <summary>A token by its id, or else by its text.</summary>
    private static int Find(Tokenizer tokenizer, string wanted)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(wanted);
        int id = Enumerable.Range(0, tokenizer.VocabularySize).FirstOrDefault(id => tokenizer.Tokens[id].AsSpan().SequenceEqual(bytes), -1);
        bool isNumber = int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        return isNumber && number < tokenizer.VocabularySize ? number
            : id >= 0 ? id
            : throw new UserError(isNumber
                ? $"There is no token {wanted}; the vocabulary has {tokenizer.VocabularySize} entries."
                : $"'{wanted}' is not a token of this vocabulary; a leading space counts, as in \" the\".");
    }

    private static void Show(TokenPieces pieces, bool asJson, TextWriter output)
    {
        if (asJson)
        {
            JsonOutput.Write(output, pieces);
            return;
        }

        foreach (string line in pieces.Lines())
        {
            output.WriteLine(line);
        }
    }

    private static void Show(TokenizerInspection inspection, bool asJson, TextWriter output)
    {
        if (asJson)
        {
            JsonOutput.Write(output, inspection);
            return;
        }

        var table = new TextTable("", "");
        table.Add("entries", VocabularyWords.Count(inspection.VocabularySize));
        table.Add("text", $"{inspection.Corpus}, {VocabularyWords.Count(inspection.Bytes)} bytes");
        table.Add("tokens", VocabularyWords.Count(inspection.Tokens));
        table.Add("bytes per token", VocabularyWords.Number(inspection.BytesPerToken, 3));
        table.Add("entries that occur", $"{VocabularyWords.Number(100 * inspection.Coverage, 1)} %, all but {VocabularyWords.Count(inspection.UnseenRows)}");
        table.Add($"seen less than {TokenizerInspection.RareOccurrences} times", VocabularyWords.Count(inspection.RareRows));
        table.Add("N·H(p)", $"{VocabularyWords.Large(inspection.UnigramBits)}bit, {VocabularyWords.Number(inspection.UnigramBitsPerByte)} per byte");
        table.Write(output);
        if (inspection.Longest.Count > 0)
        {
            output.WriteLine();
            var tokens = new TextTable("longest tokens", "id", "bytes", "occurs");
            foreach (TokenFacts token in inspection.Longest)
            {
                tokens.Add(
                    token.Text, token.Id.ToString(CultureInfo.InvariantCulture), token.Bytes.ToString(CultureInfo.InvariantCulture), VocabularyWords.Count(token.Count));
            }

            tokens.Write(output);
        }
    }
}
