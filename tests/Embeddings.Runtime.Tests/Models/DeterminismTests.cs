using Embeddings.Checkpoints;
using Embeddings.Cpu;
using Embeddings.Models;
using Embeddings.Runtime.Tests.Training;
using Embeddings.Tokenization;
using Embeddings.Training;

namespace Embeddings.Runtime.Tests.Models;

/// <summary>
/// Whole runs of generated models: one that is stopped in the middle and goes on with other threads ends with the same bits, parameters
/// and moments, as one that was never stopped.
/// </summary>
public sealed class DeterminismTests : IDisposable
{
    private const int Steps = 8;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names =>
    [
        "Plain", "WithEverything", "WithComposedRows", "WithPermutedSpelling", "WithTiedHead", "WithFrozenRows", "WithOddWidths",
        "ParityAsGpt2", "ParityAsLlama", "ParityComposed", "UpdatesTied",
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void A_run_that_was_stopped_and_went_on_with_other_threads_ends_with_the_same_bits(string name)
    {
        Variant variant = DeclaredVariants.All.Single(variant => variant.Name == name);
        TrainingOptions whole = new()
        {
            Variant = variant,
            Tokenizer = variant.Description.VocabularySize == 256
                ? new ByteTokenizer() : new PairTokenizer("th", "e ", "nu", "mb", "er", "q!"),
            Data = SmallCorpus.Split(),
            Folder = _folder["whole"],
            Budget = TrainingBudget.OfSteps(Steps),
            Threads = 1,
            Seed = 3,
            Evaluations = 2,
        };
        CancellationToken token = TestContext.Current.CancellationToken;
        TrainingResult expected = TrainingRun.Start(whole, token);
        TrainingOptions parts = whole with { Folder = _folder["parts"], Threads = 2 };
        TrainingRun.Start(parts with { StopAtStep = Steps / 2 }, token);
        TrainingResult actual = TrainingRun.Start(parts with { Mode = StartMode.Resume, Budget = null, Threads = 3 }, token);

        Assert.Equal(TrainingOutcome.Finished, actual.Outcome);
        Assert.Equal(expected, actual with { Seconds = expected.Seconds });
        (int[] expectedBits, int[] actualBits) = (Bits(variant, whole.Folder), Bits(variant, parts.Folder));
        Assert.Equal(expectedBits, actualBits);
        Assert.Contains(expectedBits, bits => bits != 0);
    }

    /// <summary>Bits of every parameter and both moments.</summary>
    private static int[] Bits(Variant variant, string folder)
    {
        using var pool = new WorkerPool(1);
        using CompiledModel<float> model = variant.CreateSingle(ModelFixture.Options(variant.Description, pool, variant.Description.Training.BatchSize));
        using var state = new OptimizerState<float>(variant.Description);
        Checkpoint.Load(Checkpoint.Locate(folder), model, state);
        return
        [
            .. new[] { model.Parameters, state.FirstMoment, state.SecondMoment }
                .SelectMany(arena => arena.Slice(0, (int)arena.Length).ToArray()).Select(BitConverter.SingleToInt32Bits),
        ];
    }
}
