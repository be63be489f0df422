using Embeddings.Cpu;
using Embeddings.Cuda;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>Targets said as bytes on the emulator against the processor's, in chunks that hold a few rows; and how their places are laid out.</summary>
public sealed unsafe class DeviceByteDecoderTests
{
    private const int Rows = 50;
    private const int Width = 7;
    private const int Positions = 2;

    /// <summary>Chunks of 16 places, of tokens with up to six.</summary>
    private const int LogitRows = 4;

    private static readonly byte[][] s_tokens =
        [.. Enumerable.Range(0, 40).Select(id => Enumerable.Range(0, 1 + id % 5).Select(place => (byte)(id * 31 + place * 7)).ToArray())];

    private static readonly Spelling s_spelling = Spelling.Of(EmbeddingKind.Composed, Positions, s_tokens)!;

    private static int[] Targets => [.. Enumerable.Range(0, Rows).Select(row => row % 9 == 4 ? -1 : row * 7 % 40)];

    /// <summary>Tokens of five bytes, which need more chunks than any others.</summary>
    private static int[] LongTargets => [.. Enumerable.Repeat(4, Rows)];

    [Theory]
    [InlineData(0, false)]
    [InlineData(2.5, true)]
    public void Losses_and_gradients_are_those_of_the_processor(double softCap, bool weighted)
    {
        using var head = new Head();
        Gradients expected = Processor(softCap, weighted);
        Gradients actual = head.Backward(Targets, softCap, weighted);
        Near(expected.Losses, actual.Losses);
        Near(expected.State, actual.State);
        Near(expected.Prefix, actual.Prefix);
        Near(expected.Symbols, actual.Symbols);
        Near(expected.Losses, head.Losses(Targets, softCap));

        float[] logProbabilities = head.LogProbabilities(softCap);
        Assert.Equal(s_tokens.Length, logProbabilities.Length);
        using var pool = new WorkerPool(1);
        using var table = new SpellingTable(s_spelling);
        var wanted = new float[s_tokens.Length];
        fixed (float* s = Head.States, p = Head.Prefix, w = Head.Symbols, l = wanted)
        {
            ByteDecoder.LogProbabilities(pool, wanted.Length, Width, table.Pointers, s, p, w, softCap, l);
        }

        Near(wanted, logProbabilities);
    }

    /// <summary>What is left of a pass with more places than this one has no part in it.</summary>
    [Fact]
    public void Chunks_that_a_longer_pass_needed_are_empty()
    {
        using var fresh = new Head();
        Gradients expected = fresh.Backward(Targets, 0, false);
        using var used = new Head(seed: 11);
        used.Backward(LongTargets, 0, false);
        Assert.True(used.Places.Chunks > fresh.Places.Chunks);
        Assert.InRange(used.Places.Chunks, 1, used.Places.MostChunks);
        Gradients actual = used.Backward(Targets, 0, false);
        Assert.Equal(expected.Losses, actual.Losses);
        Assert.Equal(expected.State, actual.State);
        Assert.Equal(expected.Prefix, actual.Prefix);
        Assert.Equal(expected.Symbols, actual.Symbols);
    }

    [Fact]
    public void The_longest_token_fits_into_the_smallest_chunk()
    {
        using ICudaDevice device = new RecordingDevice();
        using var places = new DecoderPlaces(device, s_spelling, Rows, DecoderPlaces.LeastCapacity(s_spelling), 0, Width);
        places.Send(LongTargets, withGradients: false);
        Assert.Equal(Rows, places.Chunks);
        Assert.Equal(Rows, places.MostChunks);
    }

    private static Gradients Processor(double softCap, bool weighted)
    {
        using var pool = new WorkerPool(1);
        using var table = new SpellingTable(s_spelling);
        var result = new Gradients(new float[Rows], new float[Rows * Width], new float[256 * Positions * Width], new float[257 * Width]);
        fixed (float* s = Head.States, p = Head.Prefix, w = Head.Symbols, lw = Head.Weights)
        fixed (float* l = result.Losses, ds = result.State, dp = result.Prefix, dw = result.Symbols)
        fixed (int* t = Targets)
        {
            ByteDecoder.LossesAndGradients(
                pool, Rows, Width, table.Pointers, s, 256 * Positions, p, w, t, softCap, Head.Scale * Head.Weight, l, ds, dp, dw, weighted ? lw : null);
        }

        return result;
    }

    private static void Near(float[] expected, float[] actual)
    {
        double difference = expected.Zip(actual, (e, a) => Math.Pow(e - a, 2)).Sum(), size = expected.Sum(value => Math.Pow(value, 2));
        Assert.InRange(Math.Sqrt(difference / size), 0, 1e-5);
    }

    private sealed record Gradients(float[] Losses, float[] State, float[] Prefix, float[] Symbols);

    /// <summary>A head on the emulator.</summary>
    private sealed class Head : IDisposable
    {
        public const float Scale = 0.3f;
        public const float Weight = 0.75f;

        public static readonly float[] States = Random(Rows * Width, 1);
        public static readonly float[] Prefix = Random(256 * Positions * Width, 2);
        public static readonly float[] Symbols = Random(257 * Width, 3);
        public static readonly float[] Weights = Random(Rows, 4);

        private readonly ICudaDevice _device;
        private readonly DeviceByteDecoder _decoder;
        private readonly nint _states;
        private readonly nint _prefix;
        private readonly nint _symbols;
        private readonly nint _losses;

        public Head(int seed = 0)
        {
            const int HeadWidth = 16;
            _device = TestDevice.OrSkip(seed);
            nint module = _device.LoadModule(KernelLibrary.Text(HeadWidth), "decoder.cu", []);
            var library = new KernelLibrary(_device, module, CudaElement.Single, HeadWidth);
            ArchitectureDescription shape = Models.ModelFixture.All.First().Description.Architecture with { DecoderWidth = Width, DecoderPositions = Positions };
            _decoder = new DeviceByteDecoder(_device, library, shape, s_spelling, Rows, LogitRows);
            Places = _decoder.Places(Rows);
            _states = Put(States);
            _prefix = Put(Prefix);
            _symbols = Put(Symbols);
            _losses = Put(new float[Rows]);
        }

        public DecoderPlaces Places { get; }

        public Gradients Backward(int[] targets, double softCap, bool weighted)
        {
            nint state = Put(new float[States.Length]), prefix = Put(new float[Prefix.Length]), symbols = Put(new float[Symbols.Length]);
            Places.Send(targets, withGradients: true);
            _decoder.LossesAndGradients(
                Places, _states, _prefix, _symbols, softCap, Weight, Put([Scale]), weighted ? Put(Weights) : 0, _losses, state, prefix, symbols);
            return new Gradients(Get(_losses, Rows), Get(state, States.Length), Get(prefix, Prefix.Length), Get(symbols, Symbols.Length));
        }

        public float[] Losses(int[] targets, double softCap)
        {
            Places.Send(targets, withGradients: false);
            _decoder.Losses(Places, _states, _prefix, _symbols, softCap, _losses);
            return Get(_losses, Rows);
        }

        public float[] LogProbabilities(double softCap)
        {
            nint logits = Put(new float[s_tokens.Length]);
            _decoder.LogProbabilities(_states, _prefix, _symbols, softCap, logits);
            return Get(logits, s_tokens.Length);
        }

        public void Dispose()
        {
            Places.Dispose();
            _decoder.Dispose();
            _device.Dispose();
        }

        private static float[] Random(int count, ulong seed)
        {
            var random = new RandomStream(seed, "device decoder");
            return [.. Enumerable.Range(0, count).Select(_ => (float)(0.5 * random.NextNormal()))];
        }

        private nint Put(float[] values)
        {
            nint memory = _device.Allocate(sizeof(float) * (long)values.Length, "values");
            fixed (float* pointer = values)
            {
                _device.Upload(memory, pointer, sizeof(float) * (long)values.Length);
            }

            return memory;
        }

        private float[] Get(nint memory, int count)
        {
            var values = new float[count];
            fixed (float* pointer = values)
            {
                _device.Download(pointer, memory, sizeof(float) * (long)count);
            }

            return values;
        }
    }
}
