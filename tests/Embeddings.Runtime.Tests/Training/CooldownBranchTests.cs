using Embeddings.Checkpoints;
using Embeddings.Models;
using Embeddings.Tokenization;
using Embeddings.Training;

namespace Embeddings.Runtime.Tests.Training;

public sealed class CooldownBranchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// A run whose decay begins half way equals a trunk of twice its length, stopped there while it is still stable, and a branch from it.
    /// </summary>
    [Fact]
    public void A_branch_ends_with_the_bits_of_a_run_that_decays_from_the_same_step()
    {
        TrainingOptions whole = Options("whole", 20);
        TrainingRun.Start(whole, Token);
        TrainingOptions trunk = Options("trunk", 40) with { StopAtStep = 10 };
        TrainingRun.Start(trunk, Token);
        TrainingOptions branch = Options("branch", 20) with { Trunk = trunk.Folder };
        TrainingResult result = TrainingRun.Start(branch, Token);

        Assert.Equal(20, result.Step);
        Assert.Equal(Parameters(whole.Folder), Parameters(branch.Folder));
        Assert.Equal(Enumerable.Range(11, 10).Select(step => (long)step), Rows(branch.Folder).Select(row => row.Step));
        Assert.Equal(Rows(whole.Folder).Skip(10).Select(row => row.RateFactor), Rows(branch.Folder).Select(row => row.RateFactor));
        Assert.Equal(0.1, Rows(branch.Folder)[^1].RateFactor, 1e-12);
        Assert.Equal(10, RunRecord.Read(branch.Folder)!.Trunk!.Step);
    }

    [Fact]
    public void One_trunk_serves_branches_of_several_lengths_and_is_left_as_it_was()
    {
        TrainingOptions trunk = Options("trunk", 40) with { StopAtStep = 10 };
        TrainingRun.Start(trunk, Token);
        byte[] before = File.ReadAllBytes(Path.Combine(trunk.Folder, Checkpoint.FileName));
        TrainingRun.Start(Options("short", 12) with { Trunk = trunk.Folder }, Token);
        TrainingRun.Start(Options("long", 30) with { Trunk = trunk.Folder }, Token);
        Assert.Equal(2, Rows(_folder["short"]).Count);
        Assert.Equal(20, Rows(_folder["long"]).Count);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(trunk.Folder, Checkpoint.FileName)));
    }

    [Fact]
    public void A_branch_that_was_stopped_goes_on_as_one()
    {
        TrainingOptions trunk = Options("trunk", 40) with { StopAtStep = 10 };
        TrainingRun.Start(trunk, Token);
        TrainingOptions whole = Options("whole", 20) with { Trunk = trunk.Folder };
        TrainingRun.Start(whole, Token);
        TrainingOptions parts = Options("parts", 20) with { Trunk = trunk.Folder, StopAtStep = 14 };
        TrainingRun.Start(parts, Token);
        TrainingRun.Start(parts with { Trunk = null, StopAtStep = null, Mode = StartMode.Resume }, Token);
        Assert.Equal(Parameters(whole.Folder), Parameters(parts.Folder));
        Assert.Equal(Rows(whole.Folder).Select(row => (row.Step, row.RateFactor)), Rows(parts.Folder).Select(row => (row.Step, row.RateFactor)));
    }

    [Fact]
    public void What_cannot_be_branched_from_is_refused()
    {
        TrainingOptions trunk = Options("trunk", 40) with { StopAtStep = 10 };
        TrainingRun.Start(trunk, Token);
        Refuses("has spent more than this branch's", Options("spent", 10) with { Trunk = trunk.Folder });
        Refuses("holds no checkpoint", Options("nothing", 20) with { Trunk = _folder["nowhere"] }, "There is no checkpoint");
        Refuses("cannot be branched from with", Options("seed", 20) with { Trunk = trunk.Folder, Seed = 6 });
        TrainingOptions decayed = Options("decayed", 12);
        TrainingRun.Start(decayed, Token);
        Refuses("does not stand at the peak", Options("late", 40) with { Trunk = decayed.Folder });
    }

    private static void Refuses(string part, TrainingOptions options, string? other = null)
    {
        string message = Assert.Throws<UserError>(() => TrainingRun.Start(options, Token)).Message;
        Assert.True(message.Contains(part) || (other is not null && message.Contains(other)), message);
    }

    private static List<MetricsRow> Rows(string folder) => [.. MetricsLog.Read(Path.Combine(folder, MetricsLog.FileName))];

    private static float[] Parameters(string folder)
    {
        ModelDescription description = Variant().Description;
        using var pool = new Embeddings.Cpu.WorkerPool(1);
        using CompiledModel<float> model = Variant().CreateSingle(new ModelOptions(pool, description.Training.BatchSize));
        Checkpoint.Load(Path.Combine(folder, Checkpoint.FileName), model);
        return model.Parameters.Slice(0, (int)model.Parameters.Length).ToArray();
    }

    /// <summary>Without warm-up, whose length would differ between trunk and run; decaying over half of the run.</summary>
    private static Variant Variant()
    {
        ModelDescription small = SmallModel.Variant(schedule: ScheduleKind.WarmupStableDecay).Description;
        ModelDescription description = small with
        {
            Training = small.Training with { WarmupFraction = 0, DecayFraction = 0.5, FinalFraction = 0.1 },
        };
        return new Variant(description, options => new SmallModel(description, options), _ => throw new NotSupportedException());
    }

    private TrainingOptions Options(string folder, long steps) => new()
    {
        Variant = Variant(),
        Tokenizer = new ByteTokenizer(),
        Data = SmallCorpus.Split(),
        Folder = _folder[folder],
        Budget = TrainingBudget.OfSteps(steps),
        Threads = 1,
        Seed = 5,
    };
}
