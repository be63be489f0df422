using System.Security.Cryptography;
using Embeddings.Checkpoints;
using Embeddings.Cpu;
using Embeddings.Data;
using Embeddings.Models;
using Embeddings.Tokenization;
using Embeddings.Training;

namespace Embeddings.Runtime.Tests.Training;

public sealed class TrainingRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 12)]
    [InlineData(3, 12)]
    [InlineData(2, 2)] // some 70 bytes of data, 64 tokens a step: the data wraps in nearly every step
    public void A_resumed_run_ends_with_the_bits_of_one_that_was_not_stopped(int accumulation, int documents)
    {
        Variant variant = SmallModel.Variant(accumulation: accumulation);
        TrainingOptions whole = Options("whole", 20) with { Variant = variant, Data = SmallCorpus.Split(documents) };
        TrainingResult expected = TrainingRun.Start(whole, Token);

        TrainingOptions parts = whole with { Folder = _folder["parts"], StopAtStep = 10 };
        TrainingResult stopped = TrainingRun.Start(parts, Token);
        TrainingResult actual = TrainingRun.Start(parts with { StopAtStep = null, Mode = StartMode.Resume, Budget = null }, Token);

        Assert.Equal((TrainingOutcome.Stopped, 10L), (stopped.Outcome, stopped.Step));
        Assert.Equal(expected, actual with { Seconds = expected.Seconds });
        Assert.Equal(TrainingOutcome.Finished, actual.Outcome);
        Assert.Equal(TensorHash(whole.Folder), TensorHash(parts.Folder));
        Assert.Equal(Rows(whole.Folder), Rows(parts.Folder));
        Assert.Equal(20, Rows(parts.Folder).Count);
    }

    [Fact]
    public void Rates_times_two_are_those_of_a_declaration_of_twice_the_rate()
    {
        TrainingOptions scaled = Options("scaled", 10) with { Variant = SmallModel.Variant(learningRate: 0.02), RateScale = 2 };
        TrainingOptions declared = Options("declared", 10) with { Variant = SmallModel.Variant(learningRate: 0.04) };
        TrainingRun.Start(scaled, Token);
        TrainingRun.Start(declared, Token);
        Assert.Equal(TensorHash(declared.Folder), TensorHash(scaled.Folder));
        Assert.Equal(2, RunRecord.Read(scaled.Folder)!.Identity.RateScale);
    }

    [Fact]
    public void Steps_made_after_the_last_checkpoint_are_made_again()
    {
        // A crash at step 15: the checkpoint is that of step 10, the metrics go on to 15 and end in half a line.
        TrainingOptions options = Options("crashed", 20);
        TrainingRun.Start(options with { StopAtStep = 10 }, Token);
        byte[] checkpoint = File.ReadAllBytes(CheckpointPath(options.Folder));
        TrainingRun.Start(options with { StopAtStep = 15, Mode = StartMode.Resume }, Token);
        File.WriteAllBytes(CheckpointPath(options.Folder), checkpoint);
        File.AppendAllText(MetricsPath(options.Folder), "{\"step\":16,\"by");
        TrainingRun.Start(options with { Mode = StartMode.Resume }, Token);

        TrainingOptions whole = Options("whole", 20);
        TrainingRun.Start(whole, Token);
        Assert.Equal(TensorHash(whole.Folder), TensorHash(options.Folder));
        Assert.Equal(Rows(whole.Folder), Rows(options.Folder));
    }

    [Fact]
    public void An_evaluation_that_was_interrupted_is_made_when_the_run_goes_on()
    {
        TrainingOptions whole = Options("whole", 10) with { Evaluations = 2 };
        TrainingRun.Start(whole, Token);

        // Cancelled by the model itself, inside the evaluation after step 5.
        using var source = new CancellationTokenSource();
        Variant interrupting = whole.Variant with
        {
            CreateSingle = options => new InterruptingModel(whole.Variant.Description, options, source),
        };
        TrainingOptions parts = whole with { Folder = _folder["parts"] };
        TrainingResult stopped = TrainingRun.Start(parts with { Variant = interrupting }, source.Token);
        Assert.Equal((TrainingOutcome.Stopped, 5L, (double?)null), (stopped.Outcome, stopped.Step, stopped.ValidationBitsPerByte));
        Assert.Equal(4, Rows(parts.Folder).Count);

        TrainingRun.Start(parts with { Mode = StartMode.Resume }, Token);
        Assert.Equal(Rows(whole.Folder), Rows(parts.Folder));
    }

    [Fact]
    public void Results_do_not_depend_on_threads_or_on_the_time_between_checkpoints()
    {
        TrainingOptions one = Options("one", 12) with { Threads = 1 };
        TrainingOptions three = Options("three", 12) with { Threads = 3, CheckpointEvery = TimeSpan.Zero };
        TrainingRun.Start(one, Token);
        TrainingRun.Start(three, Token);
        Assert.Equal(TensorHash(one.Folder), TensorHash(three.Folder));
    }

    [Fact]
    public void Accumulated_passes_average_to_one_larger_batch()
    {
        TrainingOptions large = Options("large", 8) with { Variant = SmallModel.Variant(batch: 8) };
        TrainingOptions small = Options("small", 8) with { Variant = SmallModel.Variant(batch: 2, accumulation: 4) };
        TrainingRun.Start(large, Token);
        TrainingRun.Start(small, Token);
        foreach ((MetricsRow a, MetricsRow b) in Rows(large.Folder).Zip(Rows(small.Folder)))
        {
            Assert.Equal(a.TrainLoss, b.TrainLoss, 1e-4);
            Assert.Equal(a.GradientNorm, b.GradientNorm, 1e-4);
            Assert.Equal((a.Tokens, a.Bytes), (b.Tokens, b.Bytes));
        }
    }

    [Fact]
    public void The_loss_falls_and_validation_is_measured_evenly()
    {
        TrainingOptions options = Options("learns", 200) with { Evaluations = 4 };
        TrainingResult result = TrainingRun.Start(options, Token);
        List<MetricsRow> rows = Rows(options.Folder);
        Assert.True(rows[^1].TrainLoss < rows[0].TrainLoss - 1.5, $"{rows[0].TrainLoss} to {rows[^1].TrainLoss}");
        Assert.Equal([50L, 100, 150, 200], rows.Where(row => row.ValidationBitsPerByte is not null).Select(row => row.Step));
        Assert.Equal(rows[^1].ValidationBitsPerByte, result.ValidationBitsPerByte);
        Assert.Equal(200 * 32 * options.Variant.Description.FlopsPerToken, result.Flops);
    }

    [Fact]
    public void Clipping_scales_a_longer_gradient_down_to_the_limit()
    {
        // With the limit far below every gradient, the update does not see how long the gradient was: AdamW's moments do.
        TrainingOptions options = Options("clipped", 1) with { Variant = SmallModel.Variant(clipNorm: 0.001) };
        TrainingRun.Start(options, Token);
        using var pool = new WorkerPool(1);
        using CompiledModel<float> model = options.Variant.CreateSingle(new ModelOptions(pool, 4));
        using var optimizer = new OptimizerState<float>(options.Variant.Description);
        Checkpoint.Load(CheckpointPath(options.Folder), model, optimizer);
        double squares = 0;
        foreach (float moment in optimizer.FirstMoment.Slice(0, (int)optimizer.FirstMoment.Length))
        {
            squares += (double)moment * moment;
        }

        Assert.True(Rows(options.Folder)[0].GradientNorm > 0.01);
        Assert.Equal(0.001 * (1 - 0.9), Math.Sqrt(squares), 1e-8);
    }

    [Fact]
    public void A_budget_in_bytes_ends_with_the_step_that_reaches_it()
    {
        var pairs = new PairTokenizer("th", "e ", "to", "en");
        TrainingOptions bytes = Options("bytes", 1) with { Budget = TrainingBudget.OfBytes(1000) };
        TrainingOptions paired = bytes with
        {
            Folder = _folder["pairs"], Tokenizer = pairs, Variant = SmallModel.VariantFor(pairs),
        };
        TrainingResult single = TrainingRun.Start(bytes, Token);
        TrainingResult longer = TrainingRun.Start(paired, Token);
        Assert.Equal(1024, single.Bytes);
        Assert.InRange(longer.Bytes, 1000, 1000 + 2 * 32);
        Assert.True(longer.Tokens < single.Tokens);
        Assert.True(Rows(paired.Folder)[^2].Bytes < 1000);
    }

    [Fact]
    public void A_budget_in_operations_ends_with_the_step_that_reaches_it()
    {
        TrainingOptions options = Options("flops", 1);
        double perStep = 32 * options.Variant.Description.FlopsPerToken;
        TrainingResult result = TrainingRun.Start(options with { Budget = TrainingBudget.OfFlops(6.5 * perStep) }, Token);
        Assert.Equal(7, result.Step);
    }

    [Fact]
    public void A_finished_run_is_not_trained_again()
    {
        TrainingOptions options = Options("finished", 5);
        TrainingResult first = TrainingRun.Start(options, Token);
        DateTime written = File.GetLastWriteTimeUtc(CheckpointPath(options.Folder));
        TrainingResult second = TrainingRun.Start(options with { Mode = StartMode.NewOrResume }, Token);
        Assert.Equal(first, second);
        Assert.Equal(written, File.GetLastWriteTimeUtc(CheckpointPath(options.Folder)));
    }

    [Fact]
    public void A_finished_run_can_be_given_a_larger_budget_and_says_so()
    {
        TrainingOptions options = Options("longer", 5);
        TrainingRun.Start(options, Token);
        var notices = new List<string>();
        TrainingResult result = TrainingRun.Start(
            options with { Budget = TrainingBudget.OfSteps(8), Mode = StartMode.Resume, Notice = notices.Add }, Token);
        Assert.Equal(8, result.Step);
        Assert.Contains("planned for 5 steps and now goes to 8 steps", Assert.Single(notices), StringComparison.Ordinal);
        Assert.Equal(8, RunRecord.Read(options.Folder)!.Result!.Step);
    }

    [Fact]
    public void Cancelling_saves_and_stops_without_an_exception()
    {
        using var source = new CancellationTokenSource();
        var progress = new SynchronousProgress(report =>
        {
            if (report.Step == 7)
            {
                source.Cancel();
            }
        });
        TrainingOptions options = Options("cancelled", 1000) with { Progress = progress };
        TrainingResult result = TrainingRun.Start(options, source.Token);
        Assert.Equal((TrainingOutcome.Stopped, 7L), (result.Outcome, result.Step));
        Assert.Equal(7, Checkpoint.Describe(CheckpointPath(options.Folder)).Step);
        Assert.Null(RunRecord.Read(options.Folder)!.Result);
    }

    [Fact]
    public void Progress_tells_rates_and_the_share_that_is_done()
    {
        var reports = new List<TrainingProgress>();
        TrainingRun.Start(Options("progress", 10) with { Progress = new SynchronousProgress(reports.Add) }, Token);
        Assert.Equal(Enumerable.Range(1, 10).Select(step => (long)step), reports.Select(report => report.Step));
        Assert.Equal(0.5, reports[4].Fraction);
        Assert.All(reports, report => Assert.True(report is { TokensPerSecond: > 0, BytesPerSecond: > 0 }));
        Assert.Equal(TimeSpan.Zero, reports[^1].TimeLeft);
    }

    [Fact]
    public void The_record_tells_what_the_run_is()
    {
        TrainingOptions options = Options("record", 3) with { Command = "train SmallModel", Seed = ulong.MaxValue };
        TrainingResult result = TrainingRun.Start(options, Token);
        RunRecord record = RunRecord.Read(options.Folder)!;
        Assert.Equal(options.Variant.Description.Declaration, record.Declaration);
        Assert.Equal(options.Variant.Description.Hash, record.Identity.DeclarationHash);
        Assert.Equal(options.Data.Training.Hash, record.Identity.TrainingData);
        Assert.Equal(ulong.MaxValue, record.Identity.Seed);
        Assert.Equal(result, record.Result);
        Assert.Equal("train SmallModel", Assert.Single(record.Sessions).Command);
        Assert.Equal(256 * 6 * 2, record.Parameters.InputEmbedding);
        Assert.Equal(TrainingBudget.OfSteps(3), record.Budget);
    }

    [Fact]
    public void The_tokenizer_is_saved_once_when_the_run_starts()
    {
        var folders = new List<string>();
        TrainingOptions options = Options("tokenizer", 4) with { SaveTokenizer = folders.Add, StopAtStep = 2 };
        TrainingRun.Start(options, Token);
        TrainingRun.Start(options with { StopAtStep = null, Mode = StartMode.Resume }, Token);
        Assert.Equal([options.Folder], folders);
    }

    internal static List<MetricsRow> Rows(string folder) =>
        [.. MetricsLog.Read(MetricsPath(folder)).Select(row => row with { Seconds = 0 })];

    internal static string MetricsPath(string folder) => Path.Combine(folder, MetricsLog.FileName);

    internal static string CheckpointPath(string folder) => Path.Combine(folder, Checkpoint.FileName);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Parameters, moments and nothing else: the metadata holds times.</summary>
    private static string TensorHash(string folder)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(CheckpointPath(folder));
        byte[] bytes = File.ReadAllBytes(CheckpointPath(folder));
        return Convert.ToHexString(SHA256.HashData(bytes.AsSpan(bytes.Length - (int)file.Tensors[^1].End)));
    }

    private TrainingOptions Options(string folder, long steps) => new()
    {
        Variant = SmallModel.Variant(),
        Tokenizer = new ByteTokenizer(),
        Data = SmallCorpus.Split(),
        Folder = _folder[folder],
        Budget = TrainingBudget.OfSteps(steps),
        Threads = 1,
        Seed = 5,
    };

    private sealed class SynchronousProgress(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
