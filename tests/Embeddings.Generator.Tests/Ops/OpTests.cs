extern alias runtime;

using CsCheck;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Lowering;
using Embeddings.Generator.Model;
using Embeddings.Generator.Passes;
using runtime::Embeddings.Models;

namespace Embeddings.Generator.Tests.Ops;

/// <summary>
/// Every operation: its gradient against central differences of its definition on random shapes, and the code that is printed for it,
/// fused and not, against the definition.
/// </summary>
public sealed class OpTests
{
    private const int EmittedShapes = 2;

    public static TheoryData<string> Names => [.. OpCases.All.Select(each => each.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_equal_central_differences(string name)
    {
        OpCase test = OpCases.All.Single(each => each.Name == name);
        OpShape.Gen.Where(shape => Fits(test, shape)).Sample(
            shape =>
            {
                var random = new Random(shape.Seed);
                var model = new InterpretedModel(test.Lower(shape.ToSpec("Interpreted", test), shape));
                OpBatch batch = shape.RandomBatch(random);
                Dictionary<string, double[]> parameters = RandomParameters(test, shape, random);
                Dictionary<string, double[]> gradients = model.Gradients(batch, parameters);
                foreach (string key in parameters.Keys)
                {
                    double[] direction = [.. parameters[key].Select(_ => 2 * random.NextDouble() - 1)];
                    double analytic = gradients.TryGetValue(key, out double[]? gradient) ? gradient.Zip(direction, (a, b) => a * b).Sum() : 0;
                    double[] numeric = [.. new[] { 1e-5, 1e-6 }.Select(step => CentralDifference(model, batch, parameters, key, direction, step))];
                    Assert.True(
                        numeric.Any(value => Math.Abs(analytic - value) < 1e-6 * (1e-2 + Math.Abs(analytic) + Math.Abs(value))),
                        $"{key}: gradient {analytic:R}, central differences {string.Join(" and ", numeric)}");
                }
            },
            iter: 12, threads: 1);
    }

    /// <summary>All cases in one compilation: fused and unfused code equals the definition, forward and backward.</summary>
    [Fact]
    public void Emitted_code_equals_the_definition_fused_and_not()
    {
        var runs = new List<(OpCase Case, OpShape Shape, string Fused, string Unfused)>();
        var models = new List<(ModelSpec, CompilationResult)>();
        foreach (OpCase test in OpCases.All)
        {
            var generator = new PCG(1, (ulong)runs.Count);
            for (int i = 0; i < EmittedShapes; i++)
            {
                OpShape shape = OpShape.Gen.Where(shape => Fits(test, shape)).Generate(generator, null, out _);
                string name = $"Case{runs.Count}";
                runs.Add((test, shape, name, name + "Unfused"));
                Add(test, shape, name, FusionLimits.Default);
                Add(test, shape, name + "Unfused", FusionLimits.None);
            }
        }

        IReadOnlyDictionary<string, Variant> variants = EmittedModel.Load(models);
        foreach ((OpCase test, OpShape shape, string fused, string unfused) in runs)
        {
            Check(test, shape, variants[fused], "fused");
            Check(test, shape, variants[unfused], "unfused");
        }

        void Add(OpCase test, OpShape shape, string name, FusionLimits limits)
        {
            ModelSpec spec = shape.ToSpec(name, test);
            models.Add((spec, Compiler.Compile(spec, each => test.Lower(each, shape), limits, default)));
        }
    }

    [Fact]
    public void Every_operation_has_a_case()
    {
        var shape = new OpShape(2, 3, 2, 2, 4, 5, 6, 1, 1);
        IEnumerable<Op> used = OpCases.All.SelectMany(
            test => new InterpretedModel(test.Lower(shape.ToSpec("Used", test), shape)).Nodes.Select(node => node.Op));

        Assert.Empty(Enum.GetValues<Op>().Except(used));
    }

    private static bool Fits(OpCase test, OpShape shape) => (test.Fits?.Invoke(shape) ?? true) && shape.Width > 1;

    private static void Check(OpCase test, OpShape shape, Variant variant, string how)
    {
        var random = new Random(shape.Seed);
        OpBatch batch = shape.RandomBatch(random);
        Dictionary<string, double[]> parameters = RandomParameters(test, shape, random);
        var reference = new InterpretedModel(test.Lower(shape.ToSpec("Reference", test), shape));
        using var emitted = new EmittedModel(variant, batch, test.Spells, threads: 2);
        emitted.Set(parameters);
        string where = $"{test.Name}, {how}, {shape}";
        double[] losses = reference.Losses(batch, parameters);
        Near(losses, emitted.Losses(batch), where + ": losses");
        (double[] Losses, Dictionary<string, double[]> Gradients) backward = emitted.Backpropagate(batch);
        Near(losses, backward.Losses, where + ": losses of the backward");
        Dictionary<string, double[]> gradients = reference.Gradients(batch, parameters);
        foreach ((string key, double[] gradient) in backward.Gradients)
        {
            Near(gradients.GetValueOrDefault(key) ?? new double[gradient.Length], gradient, $"{where}: gradient of {key}");
        }
    }

    private static void Near(double[] expected, double[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        double scale = 1e-3 + expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) < 1e-10 * scale, $"{what}[{i}] is {actual[i]:R}, not {expected[i]:R}");
        }
    }

    private static Dictionary<string, double[]> RandomParameters(OpCase test, OpShape shape, Random random)
    {
        LoweredModel lowered = test.Lower(shape.ToSpec("Sizes", test), shape);
        var parameters = new Dictionary<string, double[]>();
        foreach (ParameterSpec parameter in lowered.Parameters.All)
        {
            for (int layer = 0; layer < parameter.Layers; layer++)
            {
                double size = parameter.IsMatrix ? Math.Min(1, 2 / Math.Sqrt(parameter.Shape.Columns)) : 1;
                parameters[InterpretedModel.Key(parameter.Name, layer)] =
                    [.. Enumerable.Range(0, (int)parameter.Count).Select(_ => size * (2 * random.NextDouble() - 1))];
            }
        }

        return parameters;
    }

    private static double CentralDifference(
        InterpretedModel model, OpBatch batch, Dictionary<string, double[]> parameters, string key, double[] direction, double step)
    {
        double LossAt(double distance) => batch.GradientScale * model.Losses(
            batch, new Dictionary<string, double[]>(parameters) { [key] = [.. parameters[key].Zip(direction, (value, slope) => value + distance * slope)] },
            constants: parameters).Sum();

        return (LossAt(step) - LossAt(-step)) / (2 * step);
    }
}
