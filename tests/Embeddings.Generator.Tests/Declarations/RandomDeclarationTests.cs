extern alias runtime;

using System.Reflection;
using Embeddings.Generator.Lowering;
using Embeddings.Generator.Model;
using Embeddings.Generator.Passes;
using Microsoft.CodeAnalysis;
using runtime::Embeddings.Cpu;
using runtime::Embeddings.Models;

namespace Embeddings.Generator.Tests.Declarations;

/// <summary>Random declarations go the whole way: parsed, compiled, loaded, trained, differentiated; or they are refused with a diagnostic.</summary>
public sealed class RandomDeclarationTests
{
    private const int Batch = 20;

    /// <summary>The hundreds of declarations that are trained, in batches that are compiled together.</summary>
    public static IEnumerable<TheoryDataRow<int>> Batches => Enumerable.Range(0, 10).Select(batch => new TheoryDataRow<int>(batch));

    [Theory]
    [MemberData(nameof(Batches))]
    public void Valid_declarations_compile_train_and_have_the_gradient_of_their_loss(int batch)
    {
        GeneratorRun run = GeneratorHarness.Run(Project(batch * Batch, RandomDeclaration.Valid));
        AssertNoDiagnostics(run);
        Assembly assembly = run.Load();
        int differentiated = 0;
        for (int i = 0; i < Batch; i++)
        {
            int seed = batch * Batch + i;
            var variant = (Variant)assembly.GetType($"Random.Model{seed}")!.GetProperty("Variant")!.GetValue(null)!;
            string what = $"{RandomDeclaration.Valid(seed)}(seed {seed})";
            Trains(variant, what);
            if (variant.Description.Routes.IsWholeGradient)
            {
                differentiated++;
                HasTheGradientOfItsLoss(variant, what);
            }
        }

        Assert.True(differentiated > 3, $"Only {differentiated} declarations have no gradient route.");
    }

    [Fact]
    public void Fused_code_equals_unfused_code()
    {
        string project = Project(10_000, RandomDeclaration.Valid);
        IReadOnlyList<Variant> fused = Load(GeneratorHarness.Run(project));
        IReadOnlyList<Variant> unfused = Load(GeneratorHarness.Run(
            (spec, cancellation) => Compiler.Compile(spec, Lower.Run, FusionLimits.None, cancellation), project));
        bool differ = false;
        for (int i = 0; i < Batch; i++)
        {
            string what = RandomDeclaration.Valid(10_000 + i);
            double[] one = Pass(fused[i], out long memory);
            double[] other = Pass(unfused[i], out long more);
            differ |= memory != more;
            Assert.Equal(one.Length, other.Length);
            double size = Math.Sqrt(one.Sum(value => value * value));
            double difference = Math.Sqrt(one.Zip(other, (a, b) => (a - b) * (a - b)).Sum());
            Assert.True(difference < 1e-12 * size, $"{what}differs by {difference} of {size}");
        }

        Assert.True(differ, "Fusion changed the memory of no model: the two runs were the same.");

        static IReadOnlyList<Variant> Load(GeneratorRun run)
        {
            AssertNoDiagnostics(run);
            Assembly assembly = run.Load();
            return [.. Enumerable.Range(10_000, Batch).Select(seed =>
                (Variant)assembly.GetType($"Random.Model{seed}")!.GetProperty("Variant")!.GetValue(null)!)];
        }
    }

    [Fact]
    public void Hundreds_of_valid_declarations_have_no_diagnostic()
    {
        GeneratorRun run = GeneratorHarness.Run(Project(20_000, RandomDeclaration.Valid, 300));

        AssertNoDiagnostics(run);
        Assert.Equal(300, run.Files.Keys.Count(name => name.EndsWith(".Step.g.cs", StringComparison.Ordinal)));
    }

    [Fact]
    public void Hundreds_of_invalid_declarations_have_a_diagnostic_each_and_no_code()
    {
        const int Count = 600;
        GeneratorRun run = GeneratorHarness.Run(Project(30_000, RandomDeclaration.Invalid, Count));

        Assert.Null(run.Result.Exception);
        Assert.DoesNotContain(run.Diagnostics, diagnostic => diagnostic.Id == "EMB0900");
        string source = run.Compilation.SyntaxTrees[0].ToString();
        int[] ends = [.. Enumerable.Range(0, Count).Select(i => source.IndexOf($"partial class Model{30_000 + i};", StringComparison.Ordinal))];
        var refused = new bool[Count];
        foreach (Diagnostic diagnostic in run.Diagnostics.Where(each => each.Severity == DiagnosticSeverity.Error))
        {
            refused[Array.FindIndex(ends, end => diagnostic.Location.SourceSpan.Start < end + 30)] = true;
        }

        for (int i = 0; i < Count; i++)
        {
            Assert.True(refused[i], $"{RandomDeclaration.Invalid(30_000 + i)}has no diagnostic (seed {30_000 + i}).");
            Assert.DoesNotContain($"Random.Model{30_000 + i}.g.cs", run.Files.Keys);
        }
    }

    private static string Project(int firstSeed, Func<int, string> declare, int count = Batch) => "namespace Random;\n"
        + string.Concat(Enumerable.Range(firstSeed, count).Select(seed => $"{declare(seed)}partial class Model{seed};\n"));

    private static void AssertNoDiagnostics(GeneratorRun run)
    {
        Assert.Null(run.Result.Exception);
        Assert.True(run.Diagnostics.IsEmpty, string.Join('\n', run.Diagnostics.Take(5).Select(GeneratorRun.Describe)));
    }

    /// <summary>Five steps on one batch, in single precision, lower what they train on, which is finite.</summary>
    private static void Trains(Variant variant, string what)
    {
        ModelDescription description = variant.Description;
        using var pool = new WorkerPool(2);
        using CompiledModel<float> model = variant.CreateSingle(Vocabularies(description).Options(description, pool, description.Training.BatchSize));
        using var state = new OptimizerState<float>(description);
        AccountsForItsMemory(model, state, what);
        Initializer.Initialize(model, 1);
        (int[] tokens, int[] targets) = Tokens(description, model.Tokens);
        var losses = new List<double>();
        for (int step = 0; step <= 5; step++)
        {
            model.Gradients.Clear();
            model.Backpropagate(tokens, targets, 1.0 / model.Tokens);
            losses.Add(model.Objective(tokens, targets) / model.Tokens);
            model.Update(state, 1, 1);
        }

        // Where the values are constants of the backward, what is left of the gradient may point up.
        bool falls = losses[^1] < losses[0] || description.Routes.StopValues;
        Assert.True(losses.All(double.IsFinite) && falls, $"{what}: losses {string.Join(", ", losses)}");
    }

    /// <summary>The bytes that the description states are those of the instance's arenas.</summary>
    private static void AccountsForItsMemory(CompiledModel<float> model, OptimizerState<float> state, string what)
    {
        ModelDescription description = model.Description;
        Assert.Equal(description.ParameterCount, model.Parameters.Length);
        Assert.Equal(description.TrainableCount, state.FirstMoment.Length);
        long elements = model.Parameters.Length + description.GradientCount + state.FirstMoment.Length + state.SecondMoment.Length
            + description.ActivationsPerToken * model.Tokens + model.Losses.Length * description.LossesPerToken;
        Assert.True(sizeof(float) * elements == description.TrainingBytes(model.Batch), $"{what}: {elements} elements");
    }

    /// <summary>Along one random direction over all trainable parameters at once, in double.</summary>
    private static unsafe void HasTheGradientOfItsLoss(Variant variant, string what)
    {
        ModelDescription description = variant.Description;
        using var pool = new WorkerPool(1);
        using CompiledModel<double> model = variant.CreateDouble(Vocabularies(description).Options(description, pool, batch: 2));
        Initializer.Initialize(model, 1);
        var random = new System.Random(5);
        double[] direction = [.. Enumerable.Range(0, (int)description.TrainableCount).Select(_ => random.NextDouble() - 0.5)];
        Move(0.2);
        direction = [.. direction.Select(_ => random.NextDouble() - 0.5)];
        (int[] tokens, int[] targets) = Tokens(description, model.Tokens);
        model.Backpropagate(tokens, targets, 1.0 / model.Tokens);
        double analytic = direction.Select((slope, i) => slope * model.Gradients.Pointer[i]).Sum();
        double[] numeric = [.. new[] { 1e-5, 1e-6 }.Select(step => (LossAt(step) - LossAt(-step)) / (2 * step))];
        Assert.True(
            numeric.Any(value => Math.Abs(analytic - value) < 1e-5 * (0.01 + Math.Abs(analytic))),
            $"{what}: gradient {analytic}, central differences {string.Join(" and ", numeric)}");

        double LossAt(double distance)
        {
            Move(distance);
            double objective = model.Objective(tokens, targets);
            Move(-distance);
            return objective / model.Tokens;
        }

        void Move(double distance)
        {
            for (int i = 0; i < direction.Length; i++)
            {
                model.Parameters.Pointer[i] += distance * direction[i];
            }
        }
    }

    /// <summary>Losses and gradients of one pass, and the elements of activations that the model needs for a token.</summary>
    private static double[] Pass(Variant variant, out long activations)
    {
        ModelDescription description = variant.Description;
        activations = description.ActivationsPerToken;
        using var pool = new WorkerPool(2);
        using CompiledModel<double> model = variant.CreateDouble(Vocabularies(description).Options(description, pool, batch: 2));
        Initializer.Initialize(model, 3);
        (int[] tokens, int[] targets) = Tokens(description, model.Tokens);
        model.Backpropagate(tokens, targets, 1.0 / model.Tokens);
        return [.. model.Losses.Slice(0, model.Tokens).ToArray(), .. model.Gradients.Slice(0, (int)model.Gradients.Length).ToArray()];
    }

    /// <summary>Up to three bytes for each token, the first 256 their own byte.</summary>
    private static ModelVocabularies Vocabularies(ModelDescription description)
    {
        int suffixes = description.Architecture.SuffixVocabulary;
        return new ModelVocabularies(
            Of(description.VocabularySize), Of(description.InputVocabularySize), suffixes > 0 ? Of(suffixes) : null);

        static byte[][] Of(int count) =>
            [.. Enumerable.Range(0, count).Select(id => id < 256 ? new[] { (byte)id } : [(byte)id, (byte)(id / 3), (byte)(id * 7)])];
    }

    private static (int[] Tokens, int[] Targets) Tokens(ModelDescription description, int count)
    {
        var random = new System.Random(11);
        int second = description.Architecture.SecondVocabulary;
        return (
            [.. Enumerable.Range(0, count).Select(_ => random.Next(description.InputVocabularySize)),
                .. Enumerable.Range(0, second > 0 ? count : 0).Select(_ => random.Next(second))],
            [.. Enumerable.Range(0, count).Select(i => i % 7 == 5 ? -1 : random.Next(description.VocabularySize))]);
    }
}
