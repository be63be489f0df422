using Embeddings.Checkpoints;
using Embeddings.Cpu;
using Embeddings.Data;
using Embeddings.Models;
using Embeddings.Runtime.Tests.Training;
using Embeddings.Tokenization;
using Embeddings.Training;

namespace Embeddings.Runtime.Tests.Parity;

/// <summary>
/// Twenty steps of generated code against twenty of <see cref="NaiveTrainer"/>, which shares no code with the runtime: every loss and
/// every parameter. The single precision run is a whole training run with its own data stream, schedule, clipping and checkpoint.
/// </summary>
public sealed class ParityTests : IDisposable
{
    private const int Steps = 20;
    private const ulong Seed = 9;
    private const double SingleTolerance = 1e-4;
    private const double DoubleTolerance = 1e-10;

    private static readonly string s_text = string.Concat(Enumerable.Range(0, 40).Select(
        i => $"the {(i % 3 == 0 ? "quick" : "lazy")} fox {i * i} jumps over the {(i % 2 == 0 ? "dog" : "river")}; "));

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => ["ParityAsGpt2", "ParityAsLlama", "ParityComposed"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Twenty_steps_of_a_training_run_equal_those_of_the_naive_trainer(string name)
    {
        Case test = Case.Of(name);
        var losses = new List<double>();
        TrainingRun.Start(
            new TrainingOptions
            {
                Variant = test.Variant,
                Tokenizer = test.Tokenizer,
                Data = new CorpusSplit(new Corpus("parity", [SmallCorpus.Document("text", s_text)]), SmallCorpus.Of(1)),
                Folder = _folder["run"],
                Budget = TrainingBudget.OfSteps(Steps),
                Seed = Seed,
                Threads = 2,
                Progress = new Losses(losses),
            },
            TestContext.Current.CancellationToken);
        (NaiveModel naive, double[] expected, bool clipped) = Train(test);

        Assert.Equal(name != "ParityComposed", clipped);
        Assert.Equal(Steps, losses.Count);
        Assert.All(expected.Zip(losses), pair => Assert.Equal(1, pair.Second / pair.First, SingleTolerance));
        using var pool = new WorkerPool(1);
        using CompiledModel<float> model = test.Variant.CreateSingle(Options(test, pool));
        Checkpoint.Load(Checkpoint.Locate(_folder["run"]), model);
        Near(naive, Values(model), SingleTolerance);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public unsafe void Twenty_steps_in_double_equal_those_of_the_naive_trainer(string name)
    {
        Case test = Case.Of(name);
        TrainingDescription training = test.Variant.Description.Training;
        var schedule = new LearningRateSchedule(training);
        using var pool = new WorkerPool(2);
        using CompiledModel<double> model = test.Variant.CreateDouble(Options(test, pool));
        using var state = new OptimizerState<double>(test.Variant.Description);
        Initializer.Initialize(model, Seed);
        (NaiveModel naive, double[] expected, _) = Train(test);
        for (int step = 0; step < Steps; step++)
        {
            model.Gradients.Clear();
            IReadOnlyList<(int[] Tokens, int[] Targets)> passes = Passes(test, step);
            double loss = 0;
            foreach ((int[] tokens, int[] targets) in passes)
            {
                model.Backpropagate(tokens, targets, 1.0 / (model.Tokens * passes.Count));
                loss += model.LossSum() / (model.Tokens * passes.Count);
            }

            double norm = GradientNorm.Of(pool, model.Gradients.Pointer, model.Gradients.Length);
            bool clips = training.ClipNorm > 0 && norm > training.ClipNorm;
            model.Update(state, schedule.Factor((step + 1.0) / Steps), clips ? training.ClipNorm / norm : 1);
            Assert.Equal(1, loss / expected[step], DoubleTolerance);
        }

        Near(naive, Values(model), DoubleTolerance);
    }

    /// <summary>Trains the naive model from the same start, on the same text.</summary>
    private static (NaiveModel Model, double[] Losses, bool Clipped) Train(Case test)
    {
        using var pool = new WorkerPool(1);
        using CompiledModel<double> start = test.Variant.CreateDouble(Options(test, pool));
        Initializer.Initialize(start, Seed);
        var model = new NaiveModel(test.Shape, Values(start));
        var trainer = new NaiveTrainer(model, test.Optimizer, test.Schedule);
        var losses = new double[Steps];
        bool clipped = false;
        for (int step = 0; step < Steps; step++)
        {
            losses[step] = trainer.Step(Passes(test, step), (step + 1.0) / Steps, test.ClipNorm);
            clipped |= test.ClipNorm > 0 && trainer.GradientNorm > test.ClipNorm;
        }

        return (model, losses, clipped);
    }

    /// <summary>One document, read over and over: consecutive stretches, each target the token after its input.</summary>
    private static IReadOnlyList<(int[] Tokens, int[] Targets)> Passes(Case test, int step)
    {
        List<int> text = [];
        test.Tokenizer.Encode(System.Text.Encoding.UTF8.GetBytes(s_text), text);
        int count = test.Batch * test.Shape.Context;
        return
        [
            .. Enumerable.Range(step * test.Accumulation, test.Accumulation).Select(pass => (
                Enumerable.Range(pass * count, count).Select(i => text[i % text.Count]).ToArray(),
                Enumerable.Range(pass * count + 1, count).Select(i => text[i % text.Count]).ToArray())),
        ];
    }

    private static ModelOptions Options(Case test, WorkerPool pool) => new(
        pool, test.Batch, Spelling.Of(
            test.Variant.Description.Architecture.InputEmbedding, test.Variant.Description.Architecture.SpellingPositions, test.Tokenizer.Tokens));

    private static Dictionary<string, double[]> Values<T>(CompiledModel<T> model)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var values = new Dictionary<string, double[]>();
        foreach (ParameterBlock block in model.Description.Parameters)
        {
            for (int layer = 0; layer < block.Layers; layer++)
            {
                values[block.LayerName(layer)] =
                    [.. model.Parameters.Slice(block.LayerOffset(layer), (int)block.Count).ToArray().Select(double.CreateTruncating)];
            }
        }

        return values;
    }

    /// <summary>The difference is small against the parameter's own size, element by element against its root mean square.</summary>
    private static void Near(NaiveModel naive, Dictionary<string, double[]> actual, double tolerance)
    {
        Assert.Equal(naive.Parameters.Keys.Order(), actual.Keys.Order());
        foreach ((string name, double[] expected) in naive.Parameters)
        {
            double size = Math.Sqrt(expected.Average(value => value * value));
            double largest = expected.Zip(actual[name], (a, b) => Math.Abs(a - b)).Max();
            Assert.True(largest <= tolerance * size, $"{name}: differs by {largest} at a size of {size}");
        }
    }

    private sealed class Losses(List<double> losses) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => losses.Add(value.TrainLoss);
    }

    /// <summary>What a declaration says, said again in the words of the naive trainer.</summary>
    private sealed record Case(
        Variant Variant, Tokenizer Tokenizer, NaiveShape Shape, int Batch, int Accumulation, double ClipNorm,
        Func<string, NaiveOptimizer> Optimizer, Func<double, double> Schedule)
    {
        public static Case Of(string name) => name switch
        {
            "ParityAsGpt2" => new(
                ParityAsGpt2.Variant, new ByteTokenizer(),
                new NaiveShape(2, 24, 3, 3, 10, 256) { LearnsPositions = true, TiesHead = true }, 3, 2, 0.5,
                parameter => parameter == "Embedding.Table"
                    ? new NaiveOptimizer(5e-3, 0.8, 0.9, 1e-5, 0.2) : new NaiveOptimizer(2e-3, 0.9, 0.95, 1e-5, 0.2),
                share => share < 0.2 ? share / 0.2 : 0.1 + 0.45 * (1 + Math.Cos(Math.PI * (share - 0.2) / 0.8))),
            "ParityAsLlama" => new(
                ParityAsLlama.Variant, new ByteTokenizer(),
                new NaiveShape(2, 32, 4, 2, 9, 256)
                {
                    Rms = true, Rotates = true, Gates = true, NormalisesQueriesAndKeys = true, SoftCap = 4,
                },
                2, 3, 1,
                parameter => parameter == "Head.Weight"
                    ? new NaiveOptimizer(1e-3, 0.9, 0.95, 1e-5, 0) : new NaiveOptimizer(3e-3, 0.9, 0.95, 1e-5, 0.1),
                share => share < 0.1 ? share / 0.1 : share <= 0.5 ? 1 : 1 - 0.8 * (share - 0.5) / 0.5),
            "ParityComposed" => Composed(new PairTokenizer("th", "e ", "fo", "ju", "ov", "q!")),
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };

        private static Case Composed(Tokenizer tokenizer) => new(
            ParityComposed.Variant, tokenizer,
            new NaiveShape(1, 20, 2, 2, 8, 262)
            {
                SquaresRelu = true, NormalisesEmbedding = true,
                Spelling = [.. tokenizer.Tokens.Select(bytes => bytes.Select((value, place) => 256 * Math.Min(place, 1) + value).ToArray())],
            },
            4, 1, 0,
            parameter => new NaiveOptimizer(2e-3, 0.9, parameter is "Embedding.Composition" or "Head.Weight" ? 0.95 : 0.99, 1e-5, 0.1),
            _ => 1);
    }
}
