using Embeddings.Cuda;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>Checks what a variant's CUDA step asks of a device, as data.</summary>
internal static class LaunchPlan
{
    private const int LargestGridSide = 65_535;

    /// <summary>
    /// The pointers that may be null: rows and losses without weights, losses of targets further ahead, the log-sum-exp of a forward that no
    /// backward follows, gradients of keys or values that are constants.
    /// </summary>
    private static readonly string[] s_optional = ["weights", "lossWeights", "losses", "logSumExp", "kGradient", "vGradient"];

    /// <summary>Records a training step of one pass, and an evaluation where it is asked for.</summary>
    public static RecordingDevice Record(
        Variant variant, Func<ICudaDevice, CudaModelOptions> options, out DeviceMemoryPlan plan, bool evaluates = true)
    {
        var device = new RecordingDevice();
        using CudaModel model = variant.CreateCuda!(options(device));
        plan = model.MemoryPlan;
        var targets = new int[model.Tokens];
        var ids = new int[model.Tokens * variant.Description.InputPlanes];

        // Nothing is read of the host's moments, which would be large.
        using var state = new OptimizerState<float>(variant.Description with { Parameters = [] });
        model.BeginStep();
        model.Backpropagate(ids, targets, 1);
        model.EndStep(state, 1);
        if (evaluates)
        {
            model.Evaluate(ids, targets);
        }

        return device;
    }

    /// <summary>What a record amounts to.</summary>
    public static StepCost Cost(RecordingDevice device) => new(
        device.Products.Sum(product => product.Flops),
        device.Products.Sum(product =>
            product.InputElement.Bytes() * ((double)product.M * product.K + (double)product.K * product.N)
            + product.OutputElement.Bytes() * (double)product.M * product.N * (product.Beta == 0 ? 1 : 2)),
        device.Memory.Sum(memory => memory.Bytes));

    /// <summary>
    /// Grids and blocks are within the limits; every address lies in memory that was taken; what a kernel writes under a promise of no
    /// aliases is named once; a product does not write what it reads.
    /// </summary>
    public static void Check(RecordingDevice device)
    {
        Assert.NotEmpty(device.Launches);
        foreach (RecordedLaunch launch in device.Launches)
        {
            LaunchShape shape = launch.Shape;
            Assert.True(shape.GridX >= 1 && shape.GridY is >= 1 and <= LargestGridSide && shape.GridZ is >= 1 and <= LargestGridSide, $"{launch.Kernel.Name}: {shape}");
            Assert.Equal(launch.Kernel.Threads ?? shape.BlockX, shape.BlockX);
            Assert.InRange(shape.SharedBytes, 0, Math.Min(launch.MostSharedBytes, device.Info.SharedBytesPerBlock));
            foreach ((KernelParameter parameter, nint address) in launch.Pointers)
            {
                Assert.True(
                    (address == 0 && s_optional.Contains(parameter.Name)) || device.Memory.Any(memory => memory.Holds(address, 1)),
                    $"{launch.Kernel.Name}: {parameter.Name} points nowhere.");
                if (parameter.IsWritten && parameter.IsRestricted && address != 0)
                {
                    Assert.True(launch.Pointers.Count(other => other.Value == address) == 1, $"{launch.Kernel.Name}: {parameter.Name} has an alias.");
                }
            }
        }

        foreach (DeviceProduct product in device.Products)
        {
            Check(device, product);
        }

        foreach (RecordedCopy copy in device.Copies)
        {
            Assert.True(device.Memory.Any(memory => memory.Holds(copy.Destination, copy.Bytes)), $"{copy} writes outside the memory taken.");
            Assert.True(copy.Source == 0 || device.Memory.Any(memory => memory.Holds(copy.Source, copy.Bytes)), $"{copy} reads outside the memory taken.");
            Assert.False(Meet((copy.Destination, copy.Bytes), (copy.Source, copy.Bytes)), $"{copy} copies onto itself.");
        }
    }

    private static void Check(RecordingDevice device, in DeviceProduct product)
    {
        string name = $"product {product.M} x {product.N} x {product.K}";
        int input = product.InputElement.Bytes(), output = product.OutputElement.Bytes();
        (nint Start, long Bytes) a = Extent(product.A, product.TransposeA ? product.K : product.M, product.TransposeA ? product.M : product.K, product.LeadingA, input);
        (nint Start, long Bytes) b = Extent(product.B, product.TransposeB ? product.N : product.K, product.TransposeB ? product.K : product.N, product.LeadingB, input);
        (nint Start, long Bytes) c = Extent(product.C, product.M, product.N, product.LeadingC, output);
        foreach ((nint start, long bytes) in new[] { a, b, c })
        {
            Assert.True(device.Memory.Any(memory => memory.Holds(start, bytes)), $"{name} reaches outside the memory taken.");
        }

        Assert.False(Meet(c, a) || Meet(c, b), $"{name} writes what it reads.");
        if (product.Auxiliary != 0)
        {
            (nint Start, long Bytes) auxiliary = Extent(product.Auxiliary, product.M, product.N, product.LeadingAuxiliary, output);
            Assert.True(device.Memory.Any(memory => memory.Holds(auxiliary.Start, auxiliary.Bytes)), $"{name}: the pre-activation is outside.");
            Assert.False(Meet(c, auxiliary), $"{name} writes its pre-activation twice.");
        }

        if (product.Addend != 0)
        {
            (nint Start, long Bytes) addend = Extent(product.Addend, product.M, product.N, product.LeadingC, output);
            Assert.True(device.Memory.Any(memory => memory.Holds(addend.Start, addend.Bytes)), $"{name}: the addend is outside.");
            Assert.False(Meet(c, addend), $"{name} writes its addend.");
            Assert.NotEqual(0, product.Beta);
        }

        if (product.Beta != 0)
        {
            Assert.True(product.Epilogue is ProductEpilogue.None or ProductEpilogue.Bias, $"{name}: {product.Epilogue} does not add.");
        }
    }

    private static (nint Start, long Bytes) Extent(nint start, int rows, int columns, int leading, int element) =>
        (start, ((rows - 1L) * leading + columns) * element);

    private static bool Meet((nint Start, long Bytes) a, (nint Start, long Bytes) b) => a.Start < b.Start + b.Bytes && b.Start < a.Start + a.Bytes;
}

/// <summary>What a step asks of a device.</summary>
/// <param name="ProductFlops">Floating-point operations of its matrix products.</param>
/// <param name="ProductBytes">Bytes that these read and write, each matrix once.</param>
/// <param name="MemoryBytes">Memory taken.</param>
internal sealed record StepCost(double ProductFlops, double ProductBytes, long MemoryBytes);
