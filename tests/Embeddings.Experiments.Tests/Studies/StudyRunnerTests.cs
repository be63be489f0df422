using Embeddings.Experiments.Studies;

namespace Embeddings.Experiments.Tests.Studies;

public sealed class StudyRunnerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("embeddings-study-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Finished_runs_are_not_repeated()
    {
        var first = new SyntheticVocabulary();
        StudyPlan plan = Plan(first);
        var results = Run(plan, first);
        Assert.Equal(plan.Runs().Length, first.Executed.Count);

        var second = new SyntheticVocabulary();
        Assert.Equal(results, Run(plan, second));
        Assert.Empty(second.Executed);
    }

    [Fact]
    public void Interrupted_study_goes_on_where_it_stood()
    {
        using var stop = new CancellationTokenSource();
        int started = 0;
        var first = new SyntheticVocabulary
        {
            Before = _ =>
            {
                if (++started == 5)
                {
                    stop.Cancel();
                }
            },
        };
        StudyPlan plan = Plan(first);
        Assert.Throws<OperationCanceledException>(() => Run(plan, first, stop.Token));
        Assert.Equal(4, first.Executed.Count);

        var second = new SyntheticVocabulary();
        Run(plan, second);
        Assert.Equal(plan.Runs().Skip(4).Select(Name), second.Executed.Select(Name));
    }

    [Fact]
    public void Failed_run_keeps_the_runs_before_it()
    {
        var first = new SyntheticVocabulary { Before = run => throw new UserError($"{run.Variant.Name} failed.") };
        StudyPlan plan = Plan(first);
        Assert.Throws<UserError>(() => Run(plan, first));
        var second = new SyntheticVocabulary();
        Assert.Equal(plan.Runs().Length, Run(plan, second).Length);
    }

    [Fact]
    public void Damaged_result_is_measured_again()
    {
        var first = new SyntheticVocabulary();
        StudyPlan plan = Plan(first);
        Run(plan, first);
        string[] files = Directory.GetFiles(_directory, "result.json", SearchOption.AllDirectories);
        File.WriteAllText(files[0], "{ \"variant\": ");
        File.WriteAllText(files[1], "null");

        var second = new SyntheticVocabulary();
        Run(plan, second);
        Assert.Equal(2, second.Executed.Count);
    }

    [Fact]
    public void Other_text_repeats_every_run()
    {
        var first = new SyntheticVocabulary();
        StudyPlan plan = Plan(first);
        Run(plan, first);
        var second = new SyntheticVocabulary { Corpus = first.Corpus with { Hash = "other" } };
        Run(plan, second);
        Assert.Equal(plan.Runs().Length, second.Executed.Count);
    }

    [Fact]
    public void Key_changes_with_declaration_seed_budget_rates_text_and_tokenizer_alone()
    {
        var run = new RunRequest(SyntheticVocabulary.Variant("Vocabulary4096"), 1, 1000);
        string key = run.Key("corpus", "tokenizer");
        string[] others =
        [
            (run with { Variant = SyntheticVocabulary.Variant("Vocabulary1024") }).Key("corpus", "tokenizer"),
            (run with { Seed = 2 }).Key("corpus", "tokenizer"),
            (run with { Bytes = 1001 }).Key("corpus", "tokenizer"),
            (run with { RateScale = 2 }).Key("corpus", "tokenizer"),
            run.Key("corpus2", "tokenizer"),
            run.Key("corpus", "tokenizer2"),
        ];
        Assert.Equal(7, others.Append(key).Distinct().Count());
        Assert.Equal(key, new RunRequest(SyntheticVocabulary.Variant("Vocabulary4096"), 1, 1000).Key("corpus", "tokenizer"));
    }

    [Fact]
    public void Progress_rises_to_one_and_counts_only_missing_work()
    {
        var first = new SyntheticVocabulary();
        StudyPlan plan = Plan(first);
        var recorder = new Recorder();
        StudyRunner.Run(plan.Runs(), first, new RunStore(_directory), recorder, CancellationToken.None);
        Assert.Equal(recorder.Shares.Order(), recorder.Shares);
        Assert.Equal(1, recorder.Shares[^1], 9);
        Assert.Equal((plan.Runs().Length, 0), recorder.Plan);

        var again = new Recorder();
        StudyRunner.Run(plan.Runs(), new SyntheticVocabulary(), new RunStore(_directory), again, CancellationToken.None);
        Assert.Equal((plan.Runs().Length, plan.Runs().Length), again.Plan);
        Assert.Empty(again.Shares);
    }

    private static StudyPlan Plan(SyntheticVocabulary executor) =>
        VocabularyStudy.Plan(VocabularyDesign.Of(StudyTier.Quick), SyntheticVocabulary.Variant, executor, RateSweep.None);

    private static string Name(RunRequest run) => FormattableString.Invariant($"{run.Variant.Name} {run.Seed} {run.Bytes}");

    private System.Collections.Immutable.ImmutableArray<RunResult> Run(StudyPlan plan, SyntheticVocabulary executor, CancellationToken? cancellation = null) =>
        StudyRunner.Run(
            plan.Runs(), executor, new RunStore(_directory), new Recorder(), cancellation ?? TestContext.Current.CancellationToken);

    private sealed class Recorder : IStudyProgress
    {
        public List<double> Shares { get; } = [];

        public (int Runs, int Finished) Plan { get; private set; }

        public void Planned(int runs, int finished) => Plan = (runs, finished);

        public void Started(RunRequest run, int number)
        {
        }

        public void Progressed(RunRequest run, RunProgress progress, double workDone) => Shares.Add(workDone);

        public void Finished(RunResult result, double workDone) => Shares.Add(workDone);
    }
}
