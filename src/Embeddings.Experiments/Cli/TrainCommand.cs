using System.CommandLine;
using Embeddings.Checkpoints;
using Embeddings.Data;
using Embeddings.Experiments.Reports;
using Embeddings.Experiments.Tokenizers;
using Embeddings.Experiments.Variants;
using Embeddings.Models;
using Embeddings.Tokenization;
using Embeddings.Training;

namespace Embeddings.Experiments.Cli;

/// <summary><c>train</c>: trains a variant in a folder of its own.</summary>
internal static class TrainCommand
{
    private const long DefaultBytes = 10_000_000;
    private const long DefaultValidationBytes = 200_000;
    private const ulong DefaultSeed = 1;

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Argument<string> variant = Arguments.Variant();
        Option<string[]> data = Arguments.Data();
        Option<long?> bytes = Arguments.Amount("--bytes", "Text to train on. Default: once through the data, at most 10M.");
        Option<long?> steps = Arguments.Amount("--steps", "Optimizer steps to make, in place of --bytes.");
        Option<string> device = DeviceChoice.Option();
        Option<string?> precision = DeviceChoice.Precision();
        Option<ulong?> seed = Arguments.Seed("Decides starting values and the order of the data. Default: 1.");
        Option<double> rate = Arguments.Positive("--rate", "Factor on every learning rate that the variant declares.", 1, "factor");
        Option<int> threads = Arguments.Threads();
        Option<string?> folder = Arguments.Out("The run's folder. Default: runs/<variant>-seed<seed>.");
        Option<string?> tokenizer = Arguments.TokenizerOption("Use this tokenizer, and do not train one.");
        SideTokenizers side = Arguments.SideTokenizers("the one in the run's folder, or one that is trained.");
        var trunk = new Option<string?>("--trunk")
        {
            Description = "Begin from this run or checkpoint of a warm-up-stable-decay schedule, and let the rate fall over what it leaves of the budget.",
            HelpName = "path",
        };
        Option<int> evaluations = Arguments.Whole(
            "--evaluations", "Measurements of bits per byte on held-out text, evenly over the run.", 10, smallest: 1, "count");
        Option<long?> validation = Arguments.Amount("--validation-bytes", "Held-out text to measure on, at most. Default: 200k.");
        var resume = new Option<bool>("--resume") { Description = "Go on with the run in the folder, where it stopped." };
        Option<bool> json = Arguments.Json();
        var command = new Command("train", "Train a variant; Ctrl+C saves it and stops.")
        {
            variant, data, bytes, steps, device, precision, seed, rate, threads, folder, tokenizer, evaluations, validation, trunk, resume, json,
        };
        side.AddTo(command);
        HelpWithExamples.AddExamples(
            command,
            "embeddings train Baseline",
            "embeddings train BaselineComposed --data books/ notes.jsonl --bytes 20M --out runs/books",
            "embeddings train BaselineComposed --out runs/books --resume",
            "embeddings train BaselineTrunk --trunk runs/trunk --bytes 20M --out runs/branch");
        command.SetAction((parsed, cancellation) =>
        {
            Variant chosen = VariantCatalog.Find(parsed.GetValue(variant)!);
            using DeviceChoice where = DeviceChoice.Of(parsed.GetValue(device)!, parsed.GetValue(precision), chosen);
            var settings = new Settings(
                chosen,
                parsed.GetValue(data)!,
                Budget(parsed.GetValue(bytes), parsed.GetValue(steps)),
                where,
                parsed.GetValue(seed),
                parsed.GetResult(rate) is { Implicit: false } ? parsed.GetValue(rate) : null,
                parsed.GetValue(threads),
                parsed.GetValue(folder),
                side.Paths(parsed, parsed.GetValue(tokenizer)),
                parsed.GetValue(trunk),
                parsed.GetValue(evaluations),
                parsed.GetValue(validation),
                parsed.GetValue(resume),
                parsed.GetValue(json),
                string.Join(' ', parsed.Tokens.Select(token => token.Value)));
            Run(settings, parsed.InvocationConfiguration.Output, cancellation);
            return Task.FromResult(0);
        });
        return command;
    }

    private static TrainingBudget? Budget(long? bytes, long? steps) => (bytes, steps) switch
    {
        ({ }, { }) => throw new UserError("Give --bytes or --steps, not both."),
        ({ } amount, _) => TrainingBudget.OfBytes(amount),
        (_, { } amount) => TrainingBudget.OfSteps(amount),
        _ => null,
    };

    private static void Run(Settings settings, TextWriter output, CancellationToken cancellation)
    {
        string name = settings.Variant.Name;
        string folder = settings.Folder ?? Path.Combine("runs", FormattableString.Invariant($"{name}-seed{settings.Seed ?? DefaultSeed}"));
        RunRecord? known = RunRecord.Read(folder);
        if (known is not null && !settings.Resume)
        {
            throw new UserError(
                $"'{folder}' already holds a run of {known.Identity.Variant}; add --resume to go on with it, or give another folder with --out.");
        }

        if (known is null && settings.Resume)
        {
            throw new UserError($"'{folder}' holds no run to resume; leave --resume out to start one.");
        }

        TrainingResult result = ProgressDisplay.Run(output, settings.Json, line =>
            TrainingRun.Start(Prepare(settings, folder, known, line, cancellation), cancellation));
        if (result.Outcome == TrainingOutcome.Stopped)
        {
            throw new StoppedException(
                $"Stopped after step {VocabularyWords.Count(result.Step)} with all of it saved in '{folder}'; the same command with --resume goes on from there.");
        }

        if (settings.Json)
        {
            JsonOutput.Write(output, new TrainedRun(name, known?.Identity.Seed ?? settings.Seed ?? DefaultSeed, folder, result));
            return;
        }

        output.WriteLine(
            $"{name}: {VocabularyWords.Number(result.ValidationBitsPerByte)} bits per byte on held-out text after "
            + $"{VocabularyWords.Count(result.Bytes)} bytes in {VocabularyWords.Count(result.Step)} steps, {VocabularyWords.Duration(result.Seconds)}.");
        output.WriteLine($"Run: {Path.GetFullPath(folder)}");
    }

    /// <summary>Reads what the run needs; one that is resumed takes from its record what is not said again.</summary>
    private static TrainingOptions Prepare(
        Settings settings, string folder, RunRecord? known, IProgressLine line, CancellationToken cancellation)
    {
        line.Line(settings.Device.Sentence);
        line.Line("Reading text.");
        string[] sources = settings.Data.Length == 0 ? [.. known?.Data.Sources ?? []] : [.. settings.Data.Select(Lasting)];
        CorpusSplit data = CorpusSplit.Of(Corpora.Open(sources, cancellation: cancellation));
        foreach (string notice in data.Training.Notices)
        {
            line.Line(notice);
        }

        line.Line(
            $"{data.Training.Name}: {VocabularyWords.Count(data.Training.Bytes)} bytes to train on, {VocabularyWords.Count(data.Validation.Bytes)} held out.");
        RunTokenizers tokenizers = OpenTokenizers(settings, folder, known, data, line, cancellation);
        return new TrainingOptions
        {
            Variant = settings.Variant,
            Tokenizer = tokenizers.Targets,
            InputTokenizer = tokenizers.Inputs,
            SecondTokenizer = tokenizers.Second,
            SuffixTokens = tokenizers.Suffixes?.Tokens,
            Trunk = settings.Trunk is { } trunk ? Lasting(trunk) : null,
            Data = data,
            DataSources = sources,
            Folder = folder,
            Budget = settings.Budget ?? (known is null ? TrainingBudget.OfBytes(Math.Min(DefaultBytes, data.Training.Bytes)) : null),
            Mode = settings.Resume ? StartMode.Resume : StartMode.New,
            Seed = settings.Seed ?? known?.Identity.Seed ?? DefaultSeed,
            RateScale = settings.RateScale ?? known?.Identity.RateScale ?? 1,
            Threads = settings.Threads,
            Device = settings.Device.Device,
            Evaluations = settings.Evaluations,
            ValidationBytes = settings.ValidationBytes ?? known?.Data.ValidationBytes ?? DefaultValidationBytes,
            SaveTokenizer = tokenizers.Save,
            Progress = new TrainingProgressLines(line),
            Notice = line.Line,
            Command = settings.Command,
        };
    }

    /// <summary>The tokenizers that are given, or stand in the folder of the run or of its trunk, or else are trained.</summary>
    private static RunTokenizers OpenTokenizers(
        Settings settings, string folder, RunRecord? known, CorpusSplit data, IProgressLine line, CancellationToken cancellation)
    {
        var shelf = new TokenizerShelf(data.Training);
        string? beside = known is not null ? folder : settings.Trunk is { } trunk ? Path.GetDirectoryName(Checkpoint.Locate(trunk)) : null;
        return RunTokenizers.Open(settings.Variant.Description, settings.Tokenizers, beside, (declared, _) =>
        {
            if (declared.IsTrained)
            {
                line.Line($"Training a tokenizer of {VocabularyWords.Count(declared.VocabularySize)} entries.");
            }

            return shelf.Of(declared, cancellation);
        });
    }

    /// <summary>A path that still holds when the run is resumed from another folder; built-in names stay as they are.</summary>
    private static string Lasting(string source) => Path.Exists(source) ? Path.GetFullPath(source) : source;

    private sealed record Settings(
        Variant Variant,
        string[] Data,
        TrainingBudget? Budget,
        DeviceChoice Device,
        ulong? Seed,
        double? RateScale,
        int Threads,
        string? Folder,
        TokenizerPaths Tokenizers,
        string? Trunk,
        int Evaluations,
        long? ValidationBytes,
        bool Resume,
        bool Json,
        string Command);

    private sealed record TrainedRun(string Variant, ulong Seed, string Folder, TrainingResult Result);
}
