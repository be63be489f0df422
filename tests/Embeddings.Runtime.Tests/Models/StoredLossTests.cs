using System.Globalization;
using System.Runtime.CompilerServices;
using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Models;

/// <summary>
/// Ten losses of a fixed run against those stored in <c>StoredLosses.txt</c>. Sums are cut by the width of a vector, and products are fused
/// with additions where the machine can, so machines agree up to rounding and not in every bit: one file serves all of them, with the
/// tolerance of each precision. <c>ACCEPT_SNAPSHOTS=1</c> writes the file anew.
/// </summary>
public sealed class StoredLossTests
{
    private const int Steps = 10;

    /// <summary>Rounding of some 2⁻⁵³ and 2⁻²⁴, grown over ten steps; seen are 2e-14 and 1e-6.</summary>
    private const double DoubleTolerance = 1e-11;
    private const double SingleTolerance = 2e-5;

    public static TheoryData<string> Names => ["Plain", "WithEverything", "WithComposedRows"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Ten_losses_are_those_stored(string name)
    {
        Variant variant = ModelFixture.All.Single(variant => variant.Name == name);
        double[] exact = Losses(variant.CreateDouble, variant.Description);
        double[] stored = Environment.GetEnvironmentVariable("ACCEPT_SNAPSHOTS") == "1" ? Store(name, exact) : Stored(name);
        double[] single = Losses(variant.CreateSingle, variant.Description);

        Assert.Equal(Steps, stored.Length);
        Assert.True(stored[^1] < stored[0], "Training on one batch must lower its loss.");
        for (int step = 0; step < Steps; step++)
        {
            Assert.Equal(1, exact[step] / stored[step], DoubleTolerance);
            Assert.Equal(1, single[step] / stored[step], SingleTolerance);
        }
    }

    private static double[] Losses<T>(Func<ModelOptions, CompiledModel<T>> create, ModelDescription description)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        using var pool = new WorkerPool(2);
        using CompiledModel<T> model = create(ModelFixture.Options(description, pool));
        using var state = new OptimizerState<T>(description);
        Initializer.Initialize(model, 1);
        (int[] tokens, int[] targets) = ModelFixture.Batch(model.Tokens, description.VocabularySize, 3);
        var losses = new double[Steps];
        for (int step = 0; step < Steps; step++)
        {
            model.Gradients.Clear();
            model.Backpropagate(tokens, targets, 1.0 / model.Tokens);
            losses[step] = model.LossSum() / model.Tokens;
            model.Update(state, 1, 1);
        }

        return losses;
    }

    private static double[] Stored(string name)
    {
        using Stream stream = typeof(StoredLossTests).Assembly.GetManifestResourceStream("StoredLosses.txt")!;
        using var reader = new StreamReader(stream);
        string line = reader.ReadToEnd().Split('\n').Single(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
    }

    private static double[] Store(string name, double[] losses, [CallerFilePath] string testFile = "")
    {
        string path = Path.Combine(Path.GetDirectoryName(testFile)!, "StoredLosses.txt");
        IEnumerable<string> others = File.ReadAllLines(path).Where(line => !line.StartsWith(name + ":", StringComparison.Ordinal));
        string own = $"{name}: {string.Join(' ', losses.Select(loss => loss.ToString("R", CultureInfo.InvariantCulture)))}";
        File.WriteAllText(path, string.Concat(others.Append(own).Order(StringComparer.Ordinal).Select(line => line + "\n")));
        return losses;
    }
}
