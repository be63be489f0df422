using Embeddings.Cuda;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>The emulator itself: that it computes what a device would, and that it finds what it is there to find.</summary>
public sealed unsafe class EmulatorTests
{
    private const string Vocabulary = "#include \"emulator.h\"\n";

    private const string RowSums = Vocabulary + """
        KERNEL(128) rowSums(float* RESTRICT sums, const float* RESTRICT x, int columns)
        {
            SHARED float partial[4];
            float sum = 0;
            for (int c = threadX(); c < columns; c += blockThreads())
            {
                sum += x[(i64)blockX() * columns + c];
            }

            for (int mask = 16; mask > 0; mask >>= 1)
            {
                sum += shuffleXor(sum, mask);
            }

            if (threadX() % 32 == 0)
            {
                partial[threadX() / 32] = sum;
            }

            blockBarrier();
            if (threadX() == 0)
            {
                sums[blockX()] = (partial[0] + partial[1]) + (partial[2] + partial[3]);
            }
        }
        """;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    public void Barriers_and_shuffles_sum_rows_in_any_order_of_blocks(int seed)
    {
        using EmulatedDevice device = EmulatedDevice.OrSkip(seed);
        const int Rows = 37, Columns = 300;
        float[] x = [.. Enumerable.Range(0, Rows * Columns).Select(i => i % 11 - 5f)];
        nint input = Put(device, x), output = device.Allocate(Rows * 4, "sums");
        Launch(device, RowSums, "rowSums", new LaunchShape(Rows, 128), output, input, Columns);
        float[] expected = [.. x.Chunk(Columns).Select(row => row.Sum())];
        Assert.Equal(expected, Get(device, output, Rows));
    }

    [Fact]
    public void Fragments_and_asynchronous_copies_multiply_a_tile()
    {
        using EmulatedDevice device = EmulatedDevice.OrSkip();
        float[] expected = Tile(device, "copyWait<0>();", out float[] sums);
        Assert.Equal(expected, sums);
    }

    [Fact]
    public void A_missing_wait_for_an_asynchronous_copy_shows()
    {
        Assert.SkipWhen(EmulatorCompiler.Sanitizes, "Shared arrays are not set to NaN under the sanitizer.");
        using EmulatedDevice device = EmulatedDevice.OrSkip();
        Tile(device, "", out float[] sums);
        Assert.Contains(sums, float.IsNaN);
    }

    [Fact]
    public void Dynamic_shared_memory_starts_as_NaN_in_every_block()
    {
        using EmulatedDevice device = EmulatedDevice.OrSkip();
        const string Text = Vocabulary + """
            KERNEL(32) leak(float* y)
            {
                DYNAMIC_SHARED(float, values);
                y[blockX() * 32 + threadX()] = values[threadX()];
                values[threadX()] = 1;
            }
            """;
        nint y = device.Allocate(2 * 32 * 4, "y");
        nint kernel = device.Kernel(device.LoadModule(Text, "leak.cu", []), "leak", 128);
        LaunchKernel(device, kernel, new LaunchShape(2, 1, 1, 32, 128), y);
        Assert.All(Get(device, y, 64), value => Assert.True(float.IsNaN(value)));
    }

    [Theory]
    [InlineData("if (threadX() < 16) { return; } y[0] = shuffleXor(1, 1);", "after some of its lanes have left")]
    [InlineData("if (threadX() >= 16) { return; } y[0] = shuffleXor(1, 1);", "a lane left while others of its warp wait for it")]
    [InlineData("if (threadX() < 40) { blockBarrier(); } else { while (true) { shuffleXor(y[0], 1); } }", "wait for others for ever")]
    [InlineData("u32 f[4]; if (threadX() < 16) { loadMatrices(f, y); } else { shuffleXor(1, 1); }", "at different operations")]
    [InlineData("u32 f[4]; loadMatrices(f, y + 1);", "not aligned to 16 bytes")]
    public void Misuse_is_told_with_the_kernels_name(string body, string message)
    {
        Assert.SkipWhen(EmulatorCompiler.Sanitizes, "The sanitizer ends the program instead.");
        using EmulatedDevice device = EmulatedDevice.OrSkip();
        nint y = device.Allocate(256, "y");
        Launch(device, Vocabulary + $"KERNEL(64) misuse(float* y)\n{{ {body} }}", "misuse", new LaunchShape(1, 64), y);
        CudaException error = Assert.Throws<CudaException>(device.Synchronize);
        Assert.StartsWith("misuse: ", error.Message);
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void A_write_behind_an_allocation_is_found_when_it_is_freed()
    {
        Assert.SkipWhen(EmulatorCompiler.Sanitizes, "The sanitizer ends the program instead.");
        using EmulatedDevice device = EmulatedDevice.OrSkip();
        nint y = device.Allocate(64, "y");
        Launch(device, Vocabulary + "KERNEL(32) write(float* y)\n{ y[threadX()] = 1; }", "write", new LaunchShape(1, 32), y);
        CudaException error = Assert.Throws<CudaException>(() => device.Free(y));
        Assert.Equal("Something wrote outside y.", error.Message);
    }

    [Fact]
    public void A_graph_repeats_its_work_with_the_arguments_it_was_captured_with()
    {
        using EmulatedDevice device = EmulatedDevice.OrSkip();
        const string Text = Vocabulary + "KERNEL(32) add(float* y, float amount)\n{ y[threadX()] += amount; }";
        nint y = device.Allocate(128, "y");
        nint kernel = device.Kernel(device.LoadModule(Text, "add.cu", []), "add", 0);
        nint graph = device.Capture(() => LaunchKernel(device, kernel, new LaunchShape(1, 32), y, 2f));
        device.Replay(graph);
        device.Replay(graph);
        Assert.All(Get(device, y, 32), value => Assert.Equal(4, value));
        Assert.Equal(2, device.Launches["add"]);
    }

    [Fact]
    public void Pinned_memory_is_read_when_the_work_is_done_and_not_before()
    {
        using EmulatedDevice device = EmulatedDevice.OrSkip();
        nint pinned = device.AllocatePinned(4, "pinned"), memory = device.Allocate(4, "memory"), mark = device.CreateEvent();
        *(float*)pinned = 1;
        device.UploadPinned(memory, pinned, 4);
        *(float*)pinned = 2;
        device.Record(mark);
        device.Wait(mark);
        Assert.Equal(2, Get(device, memory, 1)[0]);
    }

    [Theory]
    [InlineData(65, 1, 0)]
    [InlineData(64, 70_000, 0)]
    [InlineData(64, 1, 16)]
    public void A_shape_beyond_the_limits_is_refused(int threads, int gridY, int sharedBytes)
    {
        using EmulatedDevice device = EmulatedDevice.OrSkip();
        nint y = device.Allocate(64, "y");
        nint kernel = device.Kernel(device.LoadModule(Vocabulary + "KERNEL(64) nothing(float* y)\n{ }", "nothing.cu", []), "nothing", 0);
        Assert.Throws<CudaException>(() => LaunchKernel(device, kernel, new LaunchShape(1, gridY, 1, threads, sharedBytes), y));
    }

    /// <summary>sums[16, 8] of a 16 × 16 and a 16 × 8 matrix through shared memory and fragments, and what it should be.</summary>
    private static float[] Tile(EmulatedDevice device, string wait, out float[] sums)
    {
        string text = Vocabulary + $$"""
            KERNEL(32) tile(float* c, const bfloat16* a, const bfloat16* b)
            {
                SHARED ALIGNED(16) bfloat16 left[16][24];
                SHARED ALIGNED(16) bfloat16 right[16][24];
                int lane = threadX();
                copyAsync16(&left[lane / 2][lane % 2 * 8], a + lane / 2 * 16 + lane % 2 * 8, true);
                copyAsync16(&right[lane / 2][lane % 2 * 8], b + lane / 2 * 8, lane % 2 == 0);
                copyCommit();
                {{wait}}
                blockBarrier();
                u32 fa[4], fb[4];
                loadMatrices(fa, &left[lane % 16][lane / 16 * 8]);
                loadMatricesTransposed(fb, &right[lane % 16][lane / 16 * 8]);
                float s[4] = {0, 0, 0, 0};
                multiplyMatrices(s, fa, fb);
                for (int i = 0; i < 4; i++)
                {
                    c[(lane / 4 + i / 2 * 8) * 8 + lane % 4 * 2 + i % 2] = s[i];
                }
            }
            """;
        float[] a = [.. Enumerable.Range(0, 256).Select(i => i % 7 - 3f)], b = [.. Enumerable.Range(0, 128).Select(i => i % 5 - 2f)];
        nint c = device.Allocate(16 * 8 * 4, "c");
        Launch(device, text, "tile", new LaunchShape(1, 32), c, PutNarrow(device, a), PutNarrow(device, b));
        sums = Get(device, c, 128);
        return [.. from i in Enumerable.Range(0, 16)
                   from j in Enumerable.Range(0, 8)
                   select Enumerable.Range(0, 16).Sum(k => a[i * 16 + k] * b[k * 8 + j])];
    }

    private static nint Put(EmulatedDevice device, float[] values)
    {
        nint memory = device.Allocate(values.Length * 4L, "values");
        fixed (float* pointer = values)
        {
            device.Upload(memory, pointer, values.Length * 4L);
        }

        return memory;
    }

    private static nint PutNarrow(EmulatedDevice device, float[] values)
    {
        ushort[] narrow = [.. values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))];
        nint memory = device.Allocate(values.Length * 2L, "values");
        fixed (ushort* pointer = narrow)
        {
            device.Upload(memory, pointer, values.Length * 2L);
        }

        return memory;
    }

    private static float[] Get(EmulatedDevice device, nint memory, int count)
    {
        var values = new float[count];
        fixed (float* pointer = values)
        {
            device.Download(pointer, memory, count * 4L);
        }

        return values;
    }

    private static void Launch(EmulatedDevice device, string text, string name, LaunchShape shape, params object[] arguments) =>
        LaunchKernel(device, device.Kernel(device.LoadModule(text, name + ".cu", []), name, 0), shape, arguments);

    private static void LaunchKernel(EmulatedDevice device, nint kernel, LaunchShape shape, params object[] arguments)
    {
        var values = stackalloc long[arguments.Length];
        var addresses = stackalloc void*[arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            addresses[i] = values + i;
            values[i] = arguments[i] switch
            {
                nint address => address,
                int number => number,
                float number => BitConverter.SingleToInt32Bits(number),
                _ => throw new ArgumentException($"Arguments are addresses, int or float, not {arguments[i]}.", nameof(arguments)),
            };
        }

        device.Launch(kernel, shape, addresses, arguments.Length);
    }
}
