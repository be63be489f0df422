using Embeddings.Cuda;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>Times that are goals of their own, on a device only; the test's output holds them.</summary>
public sealed unsafe class DeviceTimingTests(ITestOutputHelper output)
{
    private const int Tokens = 65_536;
    private const int Width = 768;
    private const int Runs = 20;

    [Theory]
    [InlineData(50_257)]
    [InlineData(262_144)]
    public void The_embeddings_backward_takes_less_than_a_fifth_of_a_millisecond(int vocabulary)
    {
        Assert.SkipUnless(TestDevice.IsReal, $"Only on a device: set {TestDevice.Variable} to 1.");
        using CudaDevice device = CudaDevice.Open();
        nint module = device.LoadModule(KernelLibrary.Text(64), "shared.cu", [KernelLibrary.BFloat16Macro]);
        var library = new KernelLibrary(device, module, CudaElement.BFloat16, 64);
        using var plan = new ScatterPlan(device, Tokens, vocabulary, Width);
        nint gradient = device.Allocate(2L * Tokens * Width, "gradient"), table = device.Allocate(4L * vocabulary * Width, "table");
        nint ids = device.Allocate(4L * Tokens, "tokens"), first = device.CreateEvent(), last = device.CreateEvent();

        // Ids as frequent as words are: the rank is a power of a uniform draw.
        var random = new RandomStream(1, "tokens");
        int[] tokens = [.. Enumerable.Range(0, Tokens).Select(_ => (int)(vocabulary * Math.Pow(random.NextUniform(), 4)))];
        plan.Send(tokens);
        fixed (int* pointer = tokens)
        {
            device.Upload(ids, pointer, 4L * Tokens);
        }

        double fastest = double.PositiveInfinity;
        for (int run = 0; run < Runs; run++)
        {
            device.Record(first);
            library.Scatter(plan, Width, gradient, Width, ids, 0, table);
            device.Record(last);
            fastest = Math.Min(fastest, device.Milliseconds(first, last));
        }

        output.WriteLine(FormattableString.Invariant($"V = {vocabulary}: {fastest:0.000} ms on {device.Info.Name}"));
        Assert.True(fastest < 0.2, FormattableString.Invariant($"{fastest:0.000} ms"));
    }
}
