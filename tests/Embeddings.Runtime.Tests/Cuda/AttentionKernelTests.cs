using Embeddings.Cpu;
using Embeddings.Cuda;
using Embeddings.Runtime.Tests.Cpu;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>The attention kernels on the emulator against the processor's, in sequences that end inside a tile.</summary>
public sealed unsafe class AttentionKernelTests
{
    private const int Batch = 2;
    private const int Heads = 2;

    [Theory]
    [InlineData(16, 1, CudaElement.BFloat16)]
    [InlineData(32, 2, CudaElement.BFloat16)]
    [InlineData(64, 1, CudaElement.BFloat16)]
    [InlineData(128, 2, CudaElement.BFloat16)]
    [InlineData(24, 1, CudaElement.BFloat16)]
    [InlineData(13, 2, CudaElement.BFloat16)]
    [InlineData(24, 2, CudaElement.Single)]
    [InlineData(64, 1, CudaElement.Single)]
    [InlineData(7, 1, CudaElement.Single)]
    public void Forward_and_gradients_equal_those_of_the_processor(int headWidth, int keyValueHeads, CudaElement element) =>
        Check(new Attention(headWidth, keyValueHeads), element);

    /// <summary>Windows that end inside a tile, at its edge, in another tile, and beyond the sequence.</summary>
    [Theory]
    [InlineData(1, false, CudaElement.BFloat16)]
    [InlineData(64, false, CudaElement.BFloat16)]
    [InlineData(7, true, CudaElement.BFloat16)]
    [InlineData(0, true, CudaElement.BFloat16)]
    [InlineData(200, false, CudaElement.BFloat16)]
    [InlineData(1, false, CudaElement.Single)]
    [InlineData(33, true, CudaElement.Single)]
    [InlineData(0, true, CudaElement.Single)]
    public void Windows_and_slopes_are_those_of_the_processor(int window, bool slopes, CudaElement element) =>
        Check(new Attention(16, 1) { Window = window, Slopes = slopes }, element);

    [Theory]
    [InlineData(16, 0, 0, false, CudaElement.BFloat16)]
    [InlineData(40, 3, 9, true, CudaElement.BFloat16)]
    [InlineData(5, 0, 0, true, CudaElement.Single)]
    [InlineData(36, 4, 3, false, CudaElement.Single)]
    public void Gradients_of_bounded_distance_are_those_of_the_processor(int headWidth, int distance, int window, bool slopes, CudaElement element) =>
        Check(new Attention(headWidth, 1) { Window = window, Slopes = slopes, Distance = distance }, element);

    /// <summary>What nobody needs is not written, and what is needed does not change by it.</summary>
    [Theory]
    [InlineData(KernelLibrary.AnyDistance, true, false, false)]
    [InlineData(KernelLibrary.AnyDistance, false, true, false)]
    [InlineData(KernelLibrary.AnyDistance, false, false, true)]
    [InlineData(1, false, true, false)]
    [InlineData(1, false, false, true)]
    public void Gradients_that_nobody_needs_are_left_out(int distance, bool queries, bool keys, bool values) =>
        Check(new Attention(16, 1) { Distance = distance, Queries = queries, Keys = keys, Values = values }, CudaElement.BFloat16);

    /// <summary>The sums of queries' gradients begin and end in one tile of keys, or go through several; of a window, not the first ones.</summary>
    [Theory]
    [InlineData(16, 2, 0, false)]
    [InlineData(24, 1, 70, true)]
    [InlineData(64, 1, 0, false)]
    [InlineData(128, 2, 140, false)]
    public void All_gradients_in_one_pass_are_those_of_the_processor(int headWidth, int keyValueHeads, int window, bool slopes)
    {
        var attention = new Attention(headWidth, keyValueHeads) { Window = window, Slopes = slopes, Context = 300 };
        float[] inTwo = Check(attention, CudaElement.BFloat16);
        float[] inOne = Check(attention with { OnePass = true }, CudaElement.BFloat16);
        float[] again = Check(attention with { OnePass = true }, CudaElement.BFloat16, seed: 8);
        Assert.Equal(inOne, again);
        int queries = Heads * headWidth, packed = queries + 2 * keyValueHeads * headWidth;
        for (int row = 0; row < inTwo.Length / packed; row++)
        {
            // Keys and values are the same sums in the same order; the queries' are rounded less often.
            Assert.Equal(inTwo[(row * packed + queries)..((row + 1) * packed)], inOne[(row * packed + queries)..((row + 1) * packed)]);
        }
    }

    /// <returns>The gradients on the device.</returns>
    private static float[] Check(Attention attention, CudaElement element, int seed = 3)
    {
        using ICudaDevice device = TestDevice.OrSkip(seed);
        (int headWidth, int keyValueHeads) = attention;
        int context = attention.Context;
        nint module = device.LoadModule(
            KernelLibrary.Text(headWidth), "attention.cu", element == CudaElement.BFloat16 ? [KernelLibrary.BFloat16Macro] : []);
        var library = new KernelLibrary(device, module, element, headWidth);
        int queries = Heads * headWidth, keys = keyValueHeads * headWidth, packed = queries + 2 * keys, rows = Batch * context;
        int gradientStride = queries * (Math.Max(0, attention.Distance) + 1), last = gradientStride - queries;
        double scale = 1 / Math.Sqrt(headWidth);
        var random = new Random(5);
        using Buffer<float> input = Rounded(Buffer<float>.Random(random, (long)rows * packed), element);
        using Buffer<float> gradient = Rounded(Buffer<float>.Random(random, (long)rows * gradientStride), element);
        using var output = new Buffer<float>((long)rows * queries);
        using var logSumExp = new Buffer<float>((long)rows * Heads);
        using var inputGradient = new Buffer<float>((long)rows * packed);
        using (var pool = new WorkerPool(1))
        {
            float* q = input.Pointer;
            GeneralAttention.Forward(pool, Batch, context, Heads, keyValueHeads, headWidth, scale, attention.Window, attention.Slopes,
                q, packed, q + queries, packed, q + queries + keys, packed, output.Pointer, queries, logSumExp.Pointer);
            float* d = inputGradient.Pointer;
            GeneralAttention.Backward(pool, Batch, context, Heads, keyValueHeads, headWidth, scale, attention.Window, attention.Slopes,
                attention.Distance, q, packed, q + queries, packed, q + queries + keys, packed, output.Pointer, queries, logSumExp.Pointer,
                gradient.Pointer + last, gradientStride, attention.Queries ? d : null, packed, attention.Keys ? d + queries : null, packed,
                attention.Values ? d + queries + keys : null, packed);
        }

        int bytes = element.Bytes();
        nint x = Put(device, input, element), g = Put(device, gradient, element) + last * bytes;
        nint y = device.Allocate((long)rows * queries * bytes, "output"), dx = device.Allocate((long)rows * packed * bytes, "gradient");
        nint statistics = device.Allocate((long)rows * Heads * sizeof(float), "log-sum-exp");
        nint delta = device.Allocate((long)rows * Heads * sizeof(float), "delta");
        library.AttentionForward(Batch, context, Heads, keyValueHeads, scale,
            x, packed, x + queries * bytes, packed, x + (queries + keys) * bytes, packed, y, queries, statistics, attention.Window, attention.Slopes);
        if (attention.OnePass)
        {
            // What an earlier pass left there must not matter.
            using var left = new Buffer<float>((long)rows * queries);
            left.Span.Fill(float.NaN);
            library.UseOnePass(Put(device, left, CudaElement.Single));
        }

        library.AttentionBackward(Batch, context, Heads, keyValueHeads, scale,
            x, packed, x + queries * bytes, packed, x + (queries + keys) * bytes, packed, y, queries, statistics, g, gradientStride, delta,
            attention.Queries ? dx : 0, packed, attention.Keys ? dx + queries * bytes : 0, packed,
            attention.Values ? dx + (queries + keys) * bytes : 0, packed, attention.Window, attention.Slopes, attention.Distance);

        double tolerance = element == CudaElement.Single ? 2e-5 : 0.02;
        Assert.InRange(Distance(output, Get(device, y, element, rows * queries)), 0, tolerance);
        Assert.InRange(Distance(logSumExp, Get(device, statistics, CudaElement.Single, rows * Heads)), 0, 1e-4);
        float[] gradients = Get(device, dx, element, rows * packed);
        Assert.InRange(Distance(inputGradient, gradients), 0, tolerance);

        // Without a backward there is no log-sum-exp, and the output is the same.
        float[] before = Get(device, y, element, rows * queries);
        library.AttentionForward(Batch, context, Heads, keyValueHeads, scale,
            x, packed, x + queries * bytes, packed, x + (queries + keys) * bytes, packed, y, queries, 0, attention.Window, attention.Slopes);
        Assert.Equal(before, Get(device, y, element, rows * queries));
        return gradients;
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

    /// <summary>What distinguishes one attention from another here.</summary>
    private sealed record Attention(int HeadWidth, int KeyValueHeads)
    {
        public int Window { get; init; }

        public bool Slopes { get; init; }

        public int Distance { get; init; } = KernelLibrary.AnyDistance;

        public bool Queries { get; init; } = true;

        public bool Keys { get; init; } = true;

        public bool Values { get; init; } = true;

        /// <summary>Of a sequence, which ends inside a tile.</summary>
        public int Context { get; init; } = 75;

        public bool OnePass { get; init; }
    }
}
