using Embeddings.Tokenization;

namespace Embeddings.Runtime.Tests.Tokenization;

public sealed class StoppedTrainingTests : IDisposable
{
    private const int Size = 420;

    private readonly string _folder = Directory.CreateTempSubdirectory("training-").FullName;
    private readonly string _kept;

    public StoppedTrainingTests()
    {
        _kept = Path.Combine(_folder, "kept");
        for (int i = 0; i < 5; i++)
        {
            File.WriteAllBytes(Path.Combine(_folder, $"text{i}.txt"), SomeText.Sentences(200 + 100 * i));
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Stops at every report in turn: after each piece that is counted and between merges.</summary>
    [Fact]
    public void Training_that_is_stopped_again_and_again_gives_the_same_bits()
    {
        BytePairTokenizer whole = Training(Size).Run(TestContext.Current.CancellationToken);
        int stops = 0;
        bool stoppedCounting = false;
        bool stoppedMerging = false;
        while (true)
        {
            using var stop = new CancellationTokenSource();
            BytePairTraining training = Training(Size, new Stop(value =>
            {
                stoppedCounting |= value.Entries == 0;
                stoppedMerging |= value.Entries > 0;
                stop.Cancel();
            }));
            try
            {
                BytePairTokenizer tokenizer = training.Run(stop.Token);
                Assert.Equal(whole.Identity, tokenizer.Identity);
                Assert.True(training.WentOn);
                break;
            }
            catch (OperationCanceledException)
            {
                Assert.Equal(stops > 0, training.WentOn);
                stops++;
            }
        }

        Assert.InRange(stops, 6, 40);
        Assert.True(stoppedCounting && stoppedMerging);
    }

    [Fact]
    public void Keeping_work_all_the_time_changes_nothing()
    {
        BytePairTokenizer whole = Training(Size).Run(TestContext.Current.CancellationToken);
        var training = new BytePairTraining(Text(), Size, Splitter.Of(PreTokenization.Cl100k)) { KeptFile = _kept, KeepEvery = TimeSpan.Zero };
        Assert.Equal(whole.Identity, training.Run(TestContext.Current.CancellationToken).Identity);
        Assert.True(File.Exists(_kept));
    }

    [Fact]
    public void Work_on_another_text_or_size_is_begun_anew()
    {
        Stopped(Size);
        BytePairTraining smaller = Training(Size - 1);
        smaller.Run(TestContext.Current.CancellationToken);
        Assert.False(smaller.WentOn);
        Stopped(Size);
        File.AppendAllText(Path.Combine(_folder, "text0.txt"), "more");
        BytePairTraining other = Training(Size);
        other.Run(TestContext.Current.CancellationToken);
        Assert.False(other.WentOn);
    }

    [Fact]
    public void Damaged_work_is_refused_or_begun_anew_and_never_changes_the_result()
    {
        BytePairTokenizer whole = Training(Size).Run(TestContext.Current.CancellationToken);
        Stopped(Size);
        byte[] kept = File.ReadAllBytes(_kept);
        int refused = 0;
        var random = new Random(5);
        for (int i = 0; i < 60; i++)
        {
            byte[] damaged = [.. kept];
            int place = random.Next(kept.Length);
            damaged[place] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(_kept, i % 3 == 0 ? kept[..place] : i % 3 == 1 ? [.. kept, 0] : damaged);
            try
            {
                Assert.Equal(whole.Identity, Training(Size).Run(TestContext.Current.CancellationToken).Identity);
            }
            catch (UserError error)
            {
                Assert.Contains("delete it to begin anew", error.Message);
                refused++;
            }
        }

        Assert.InRange(refused, 40, 60);
    }

    private void Stopped(int size)
    {
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Training(size, new Stop(_ => stop.Cancel())).Run(stop.Token));
        Assert.True(File.Exists(_kept));
    }

    private TrainingText Text() => TrainingText.OfFiles(Enumerable.Range(0, 5).Select(i => Path.Combine(_folder, $"text{i}.txt")));

    private BytePairTraining Training(int size, IProgress<TokenizerTrainingProgress>? progress = null) =>
        new(Text(), size, Splitter.Of(PreTokenization.Cl100k)) { KeptFile = _kept, Progress = progress, Threads = 1 };

    private sealed class Stop(Action<TokenizerTrainingProgress> report) : IProgress<TokenizerTrainingProgress>
    {
        public void Report(TokenizerTrainingProgress value) => report(value);
    }
}
