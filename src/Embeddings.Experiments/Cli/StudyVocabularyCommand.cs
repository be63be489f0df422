using System.CommandLine;
using System.Collections.Immutable;
using Embeddings.Checkpoints;
using Embeddings.Cpu;
using Embeddings.Data;
using Embeddings.Experiments.Reports;
using Embeddings.Experiments.Statistics;
using Embeddings.Experiments.Studies;
using Embeddings.Experiments.Tokenizers;
using Embeddings.Experiments.Variants;

namespace Embeddings.Experiments.Cli;

/// <summary><c>study vocabulary</c>: vocabulary size × kind of input row.</summary>
internal static class StudyVocabularyCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var tier = new Option<string>("--tier")
        {
            Description = "How much work: quick (minutes) or full (an hour or more).",
            HelpName = "tier",
            DefaultValueFactory = _ => "quick",
        };
        tier.Validators.Add(result =>
        {
            string name = result.GetValueOrDefault<string>() ?? "";
            if (name is not ("quick" or "full"))
            {
                result.AddError(name == "gpu" ? "--tier gpu is not part of this build; give quick or full." : $"--tier takes quick or full, not '{name}'.");
            }
        });
        Option<int> seeds = Arguments.Whole("--seeds", "Paired runs of every cell; at least 2 for intervals. Default: the tier's.", 0, smallest: 1, "count");
        Option<long?> bytes = Arguments.Amount("--bytes", "Training text of a run. Default: the tier's.");
        var sweep = new Option<bool?>("--sweep")
        {
            Description = "Choose each variant's learning rate first: half, once or twice what it declares, on a seed of its own. Default: in the full tier.",
            HelpName = "true|false",
        };
        Option<string[]> data = Arguments.Data();
        Option<string?> folder = Arguments.Out("Where runs and report go. Default: runs/vocabulary-<tier>.");
        Option<string> device = DeviceChoice.Option();
        Option<string?> precision = DeviceChoice.Precision();
        Option<int> threads = Arguments.Threads();
        Option<bool> json = Arguments.Json();
        var command = new Command("vocabulary", "Does a larger vocabulary help because tokens have rows of their own?")
        {
            tier, seeds, bytes, sweep, data, folder, device, precision, threads, json,
        };
        HelpWithExamples.AddExamples(
            command,
            "embeddings study vocabulary",
            "embeddings study vocabulary --tier quick --seeds 5 --data books/ --out runs/books",
            "embeddings study vocabulary --tier full");
        command.SetAction((parsed, cancellation) =>
        {
            VocabularyDesign design = VocabularyDesign.Of(parsed.GetValue(tier) == "full" ? StudyTier.Full : StudyTier.Quick);
            design = design with
            {
                Seeds = parsed.GetValue(seeds) is > 0 and int count ? count : design.Seeds,
                BytesPerRun = parsed.GetValue(bytes) ?? design.BytesPerRun,
                RateScales = parsed.GetValue(sweep) switch
                {
                    true => VocabularyDesign.SweptRateScales,
                    false => [],
                    null => design.RateScales,
                },
            };
            using DeviceChoice where = DeviceChoice.Of(
                parsed.GetValue(device)!, parsed.GetValue(precision), [.. design.Arms.Select(arm => VariantCatalog.Find(arm.Variant))]);
            var settings = new Settings(
                design,
                where,
                parsed.GetValue(data)!,
                parsed.GetValue(folder) ?? Path.Combine("runs", "vocabulary-" + parsed.GetValue(tier)),
                parsed.GetValue(threads),
                parsed.GetValue(json));
            Run(settings, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellation);
            return Task.FromResult(0);
        });
        return command;
    }

    private static void Run(Settings settings, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        AtomicFile.CreateFolder(settings.Folder);
        StudyResults results = ProgressDisplay.Run(output, settings.Json, line =>
        {
            line.Line(settings.Device.Sentence);
            line.Line("Reading text.");
            Corpus corpus = Corpora.Open(settings.Data, cancellation: cancellation);
            CorpusSplit whole = CorpusSplit.Of(corpus);
            var data = whole with { Validation = whole.Validation.Take(settings.Design.ValidationBytes) };
            foreach (string notice in data.Training.Notices)
            {
                line.Line(notice);
            }

            line.Line($"{corpus.Name}: {VocabularyWords.Count(data.Training.Bytes)} bytes to train on, {VocabularyWords.Count(data.Validation.Bytes)} held out.");
            using var pool = new WorkerPool(settings.Threads);
            var shelf = new TokenizerShelf(data.Training);
            shelf.Prepare(settings.Design.Arms.Select(arm => VariantCatalog.Find(arm.Variant).Description), cancellation);
            var executor = new TrainingExecutor(data, shelf, pool, settings.Device.Device, "study vocabulary");
            return Study(settings, executor, pool.Threads, line, error, cancellation);
        });
        if (settings.Json)
        {
            output.WriteLine(File.ReadAllText(Path.Combine(settings.Folder, VocabularyOutput.Results)));
            return;
        }

        Summarize(results, output);
        output.WriteLine($"Report: {Path.GetFullPath(Path.Combine(settings.Folder, VocabularyOutput.Report))}");
    }

    private static StudyResults Study(
        Settings settings, TrainingExecutor executor, int threads, IProgressLine line, TextWriter error, CancellationToken cancellation)
    {
        var store = new RunStore(Path.Combine(settings.Folder, "runs"));
        RateSweep sweep = RateSweep.None;
        StudyPlan plan;
        ImmutableArray<RunResult> runs;
        try
        {
            if (!settings.Design.RateScales.IsEmpty)
            {
                line.Line("Learning rates are chosen first, on a seed of their own.");
                sweep = RateSweep.Choose(StudyRunner.Run(
                    RateSweep.Requests(settings.Design, VariantCatalog.Find), executor, store, new StudyProgressLines(line), cancellation));
            }

            plan = VocabularyStudy.Plan(settings.Design, VariantCatalog.Find, executor, sweep);
            runs = StudyRunner.Run(plan.Runs(), executor, store, new StudyProgressLines(line), cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new StoppedException("Stopped; finished runs are kept and the same command goes on from here.");
        }

        StudyAnalysis analysis = VocabularyStudy.Analyze(settings.Design, plan, executor, runs);
        ImmutableArray<ReferenceScore> references = executor.References(settings.Design.BytesPerRun);
        return VocabularyOutput.Write(
            settings.Folder, settings.Design, analysis, sweep, references, threads, DateTimeOffset.UtcNow, warning => error.WriteLine(warning));
    }

    private static void Summarize(StudyResults results, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"{"variant",-32} {"compared at",-12} {"bits per byte",13}   95 % interval");
        foreach (StudyResults.CellEntry cell in results.Cells)
        {
            output.WriteLine(
                $"{cell.Variant,-32} {cell.Axis,-12} {VocabularyWords.Number(cell.Mean),13}   {VocabularyWords.Number(cell.Low)} … {VocabularyWords.Number(cell.High)}");
        }

        output.WriteLine();
        foreach (StudyResults.ClaimEntry claim in results.Claims)
        {
            output.WriteLine($"{claim.Id,-12} {claim.Verdict,-13} {claim.Explanation}");
        }

        output.WriteLine();
    }

    private sealed record Settings(VocabularyDesign Design, DeviceChoice Device, string[] Data, string Folder, int Threads, bool Json);
}
