using Embeddings.Cpu;
using Embeddings.Cuda;
using Embeddings.Runtime.Tests.Cpu;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>The attention kernels on the emulator against the processor's, in sequences that end inside a tile.</summary>
public sealed unsafe class AttentionKernelTests
{
    private const int Batch = 2;
    private const int Context = 75;
    private const int Heads = 2;

    [Theory]
    [InlineData(16, 1, CudaElement.BFloat16)]
    [InlineData(32, 2, CudaElement.BFloat16)]
    [InlineData(64, 1, CudaElement.BFloat16)]
    [InlineData(128, 2, CudaElement.BFloat16)]
    [InlineData(24, 1, CudaElement.BFloat16)]
    [InlineData(24, 2, CudaElement.Single)]
    [InlineData(64, 1, CudaElement.Single)]
    public void Forward_and_gradients_equal_those_of_the_processor(int headWidth, int keyValueHeads, CudaElement element)
    {
        using ICudaDevice device = TestDevice.OrSkip(3);
        nint module = device.LoadModule(
            KernelLibrary.Text(headWidth), "attention.cu", element == CudaElement.BFloat16 ? [KernelLibrary.BFloat16Macro] : []);
        var library = new KernelLibrary(device, module, element);
        int queries = Heads * headWidth, keys = keyValueHeads * headWidth, packed = queries + 2 * keys, rows = Batch * Context;
        double scale = 1 / Math.Sqrt(headWidth);
        var random = new Random(5);
        using Buffer<float> input = Rounded(Buffer<float>.Random(random, (long)rows * packed), element);
        using Buffer<float> gradient = Rounded(Buffer<float>.Random(random, (long)rows * queries), element);
        using var output = new Buffer<float>((long)rows * queries);
        using var logSumExp = new Buffer<float>((long)rows * Heads);
        using var inputGradient = new Buffer<float>((long)rows * packed);
        using (var pool = new WorkerPool(1))
        {
            float* q = input.Pointer;
            CausalAttention.Forward(pool, Batch, Context, Heads, keyValueHeads, headWidth, scale,
                q, packed, q + queries, packed, q + queries + keys, packed, output.Pointer, queries, logSumExp.Pointer);
            float* d = inputGradient.Pointer;
            CausalAttention.Backward(pool, Batch, Context, Heads, keyValueHeads, headWidth, scale,
                q, packed, q + queries, packed, q + queries + keys, packed, output.Pointer, queries, logSumExp.Pointer,
                gradient.Pointer, queries, d, packed, d + queries, packed, d + queries + keys, packed);
        }

        int bytes = element.Bytes();
        nint x = Put(device, input, element), g = Put(device, gradient, element);
        nint y = device.Allocate((long)rows * queries * bytes, "output"), dx = device.Allocate((long)rows * packed * bytes, "gradient");
        nint statistics = device.Allocate((long)rows * Heads * sizeof(float), "log-sum-exp");
        nint delta = device.Allocate((long)rows * Heads * sizeof(float), "delta");
        library.AttentionForward(Batch, Context, Heads, keyValueHeads, scale,
            x, packed, x + queries * bytes, packed, x + (queries + keys) * bytes, packed, y, queries, statistics);
        library.AttentionBackward(Batch, Context, Heads, keyValueHeads, scale,
            x, packed, x + queries * bytes, packed, x + (queries + keys) * bytes, packed, y, queries, statistics, g, queries, delta,
            dx, packed, dx + queries * bytes, packed, dx + (queries + keys) * bytes, packed);

        double tolerance = element == CudaElement.Single ? 2e-5 : 0.02;
        Assert.InRange(Distance(output, Get(device, y, element, rows * queries)), 0, tolerance);
        Assert.InRange(Distance(logSumExp, Get(device, statistics, CudaElement.Single, rows * Heads)), 0, 1e-4);
        Assert.InRange(Distance(inputGradient, Get(device, dx, element, rows * packed)), 0, tolerance);
    }

    private static Buffer<float> Rounded(Buffer<float> values, CudaElement element)
    {
        if (element == CudaElement.BFloat16)
        {
            for (long i = 0; i < values.Length; i++)
            {
                values.Pointer[i] = Widen(Narrow(values.Pointer[i]));
            }
        }

        return values;
    }

    private static ushort Narrow(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }

    private static float Widen(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);

    private static nint Put(ICudaDevice device, Buffer<float> values, CudaElement element)
    {
        nint memory = device.Allocate(values.Length * element.Bytes(), "values");
        if (element == CudaElement.Single)
        {
            device.Upload(memory, values.Pointer, values.Length * sizeof(float));
            return memory;
        }

        ushort[] narrow = [.. values.Span.ToArray().Select(Narrow)];
        fixed (ushort* pointer = narrow)
        {
            device.Upload(memory, pointer, narrow.Length * sizeof(ushort));
        }

        return memory;
    }

    private static float[] Get(ICudaDevice device, nint memory, CudaElement element, int count)
    {
        var bytes = new byte[count * element.Bytes()];
        fixed (byte* pointer = bytes)
        {
            device.Download(pointer, memory, bytes.Length);
        }

        return element == CudaElement.Single
            ? System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes).ToArray()
            : [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ushort>(bytes).ToArray().Select(Widen)];
    }

    private static double Distance(Buffer<float> expected, float[] actual)
    {
        double difference = 0, size = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            difference += Math.Pow(actual[i] - expected.Pointer[i], 2);
            size += Math.Pow(expected.Pointer[i], 2);
        }

        return Math.Sqrt(difference / size);
    }
}
