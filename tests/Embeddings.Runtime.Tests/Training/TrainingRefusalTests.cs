using Embeddings.Checkpoints;
using Embeddings.Data;
using Embeddings.Models;
using Embeddings.Tokenization;
using Embeddings.Training;

namespace Embeddings.Runtime.Tests.Training;

public sealed class TrainingRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_is_not_resumed_with_another_seed_tokenizer_declaration_or_data()
    {
        TrainingOptions options = Options();
        TrainingRun.Start(options with { StopAtStep = 2 }, Token);
        byte[] before = File.ReadAllBytes(TrainingRunTests.CheckpointPath(options.Folder));
        TrainingOptions resumed = options with { Mode = StartMode.Resume };

        Refused(resumed with { Seed = 6 }, "cannot be resumed with seed 6, not 5");
        Refused(resumed with { RateScale = 2 }, "cannot be resumed with learning rates times 2, not 1");
        Refused(resumed with { Variant = SmallModel.Variant(learningRate: 0.5) }, "another declaration of SmallModel");
        Refused(resumed with { Variant = SmallModel.Variant(name: "Other") }, "the variant Other, not SmallModel");
        Refused(resumed with { Data = SmallCorpus.Split(training: 11) }, "other training data");
        Refused(resumed with { Data = SmallCorpus.Split(validation: 2) }, "other validation data");
        Refused(resumed with { ValidationBytes = 30 }, "other validation data");
        Refused(resumed with { Tokenizer = new RenamedBytes() }, "another tokenizer");
        Assert.Equal(before, File.ReadAllBytes(TrainingRunTests.CheckpointPath(options.Folder)));
        Assert.Equal(TrainingOutcome.Finished, TrainingRun.Start(resumed, Token).Outcome);
    }

    [Fact]
    public void A_run_is_never_overwritten()
    {
        TrainingOptions options = Options();
        TrainingRun.Start(options, Token);
        Refused(options, "already holds a run of SmallModel; resume it or give another folder");
        File.Delete(Path.Combine(options.Folder, RunRecord.FileName));
        Refused(options with { Mode = StartMode.NewOrResume }, "without a run.json");
    }

    [Fact]
    public void There_must_be_a_run_to_resume() => Refused(Options() with { Mode = StartMode.Resume }, "holds no run to resume");

    [Fact]
    public void Two_programs_do_not_train_in_one_folder()
    {
        TrainingOptions options = Options();
        string? message = null;
        var progress = new FirstStep(() => message = Assert.Throws<UserError>(
            () => TrainingRun.Start(options with { Mode = StartMode.NewOrResume, Progress = null }, Token)).Message);
        TrainingRun.Start(options with { Progress = progress }, Token);
        Assert.Equal($"Another program is training in '{options.Folder}'.", message);
    }

    [Fact]
    public void A_loss_that_is_not_a_number_stops_the_run_and_leaves_the_last_good_checkpoint()
    {
        TrainingOptions options = Options() with { Budget = TrainingBudget.OfSteps(10), CheckpointEvery = TimeSpan.Zero };
        Variant failing = options.Variant with { CreateSingle = o => new FailingModel(options.Variant.Description, o, failingStep: 7) };
        Refused(
            options with { Variant = failing },
            $"The loss became NaN at step 7, so training stopped; the checkpoint of step 6 remains in '{options.Folder}'");
        Assert.Equal(6, TrainingRunTests.Rows(options.Folder).Count);
        Assert.Equal(10, TrainingRun.Start(options with { Mode = StartMode.Resume }, Token).Step);
    }

    [Fact]
    public void A_run_whose_rate_is_far_too_high_stops_with_a_sentence()
    {
        TrainingOptions options = Options() with
        {
            Variant = SmallModel.Variant(learningRate: 1e30, clipNorm: 0), Budget = TrainingBudget.OfSteps(50),
        };
        Refused(options, "so training stopped; the checkpoint of step 0 remains");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    [InlineData(double.NaN)]
    public void A_budget_must_be_positive(double amount)
    {
        Refused(Options() with { Budget = new TrainingBudget(BudgetUnit.Steps, amount) }, "trains nothing; give at least 1");
        Refused(Options() with { Budget = new TrainingBudget(BudgetUnit.Bytes, amount) }, "trains nothing; give at least 1");
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Refused(Options() with { Budget = null }, "Say how long to train");
        Refused(Options() with { RateScale = 0 }, "Learning rates times 0 are not possible");
        Refused(Options() with { Threads = -1 }, "-1 threads are not possible");
        Refused(Options() with { Evaluations = 0 }, "0 evaluations are not possible");
        Refused(Options() with { ValidationBytes = 0 }, "Evaluation cannot use 0 bytes");
        Refused(Options() with { StopAtStep = -1 }, "Stopping at step -1 is not possible");
        Refused(Options() with { Folder = " " }, "folder is empty");
        Refused(Options() with { Tokenizer = new PairTokenizer("th") }, "declares a vocabulary of 256 and the tokenizer has 257");
        Assert.False(Directory.Exists(Options().Folder));
    }

    [Fact]
    public void A_context_longer_than_the_data_is_refused()
    {
        var data = new CorpusSplit(
            new Corpus("tiny", [SmallCorpus.Document("a", "abcd"), SmallCorpus.Document("b", "efgh")]), SmallCorpus.Of(1));
        Refused(Options() with { Data = data }, "fewer tokens than the context of 8 of SmallModel needs");
        Assert.False(Directory.Exists(Options().Folder));
        var enough = data with { Training = new Corpus("tiny", [.. data.Training.Documents, SmallCorpus.Document("c", "i")]) };
        Assert.Equal(3, TrainingRun.Start(Options() with { Data = enough }, Token).Step);
    }

    [Fact]
    public void Empty_data_is_refused()
    {
        var empty = new Corpus("nothing", []);
        Refused(Options() with { Data = new CorpusSplit(empty, SmallCorpus.Of(1)) }, "nothing has no documents to train on");
        Refused(Options() with { Data = new CorpusSplit(SmallCorpus.Of(3), empty) }, "nothing has no documents to measure on");
    }

    [Fact]
    public void A_folder_that_cannot_be_created_is_one_sentence()
    {
        string file = _folder.Write("file", "x");
        Refused(Options() with { Folder = Path.Combine(file, "run") }, "Cannot write");
    }

    [Fact]
    public void Damaged_files_of_a_run_are_named()
    {
        TrainingOptions options = Options();
        TrainingRun.Start(options with { StopAtStep = 2 }, Token);
        TrainingOptions resumed = options with { Mode = StartMode.Resume };

        string record = Path.Combine(options.Folder, RunRecord.FileName);
        string good = File.ReadAllText(record);
        foreach (string bad in new[] { "", "{", "null", "{}", "[1]" })
        {
            File.WriteAllText(record, bad);
            Refused(resumed, "is not the record of a run of this program");
        }

        File.WriteAllText(record, good);
        string metrics = TrainingRunTests.MetricsPath(options.Folder);
        string lines = File.ReadAllText(metrics);
        File.WriteAllText(metrics, "nonsense\n" + lines);
        Refused(resumed, "Line 1 of");
        File.WriteAllText(metrics, lines);

        string checkpoint = TrainingRunTests.CheckpointPath(options.Folder);
        byte[] bytes = File.ReadAllBytes(checkpoint);
        File.WriteAllBytes(checkpoint, bytes[..^1]);
        Refused(resumed, "1 bytes are missing at its end");
        File.WriteAllBytes(checkpoint, bytes);
        Assert.Equal(3, TrainingRun.Start(resumed, Token).Step);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static void Refused(TrainingOptions options, string part)
    {
        string message = Assert.Throws<UserError>(() => TrainingRun.Start(options, Token)).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.EndsWith(".", message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", message, StringComparison.Ordinal);
    }

    private TrainingOptions Options() => new()
    {
        Variant = SmallModel.Variant(),
        Tokenizer = new ByteTokenizer(),
        Data = SmallCorpus.Split(),
        Folder = _folder["run"],
        Budget = TrainingBudget.OfSteps(3),
        Threads = 1,
        Seed = 5,
    };

    private sealed class FirstStep(Action action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step == 1)
            {
                action();
            }
        }
    }

    private sealed class RenamedBytes : Tokenizer
    {
        private readonly ByteTokenizer _bytes = new();

        public override int VocabularySize => _bytes.VocabularySize;

        public override IReadOnlyList<byte[]> Tokens => _bytes.Tokens;

        public override string Identity => "other bytes";

        public override void Encode(ReadOnlySpan<byte> bytes, List<int> ids) => _bytes.Encode(bytes, ids);
    }

    private sealed unsafe class FailingModel(ModelDescription description, ModelOptions options, int failingStep)
        : SmallModel(description, options)
    {
        private int _step;

        protected override void ForwardBackward(int* tokens, int* targets, float gradientScale)
        {
            base.ForwardBackward(tokens, targets, gradientScale);
            if (++_step == failingStep)
            {
                Losses.Pointer[3] = float.NaN;
            }
        }
    }
}
