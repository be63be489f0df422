using Embeddings.Models;

namespace Embeddings.Cuda;

/// <summary>
/// Where the places of a pass's targets lie on a device: a place for each byte of a target and one for its end, those of a row one after
/// another, in chunks of whole rows. The host lays them out for each pass and sends them. How many chunks there are depends on the targets;
/// it never falls, and those behind the last row are empty, so that launches seldom change.
/// </summary>
public sealed unsafe class DecoderPlaces : IDisposable
{
    private const int End = 256;
    private const int NoTarget = -1;
    private const int HeaderInts = 4;
    private const int BlocksInTurn = 2;

    private readonly Spelling _spelling;
    private readonly ICudaDevice _device;
    private readonly nint _memory;
    private readonly PinnedRing _pinned;
    private readonly ScatterPlan[] _scatters;

    /// <summary>Takes the memory.</summary>
    /// <param name="device">The device.</param>
    /// <param name="spelling">The bytes of each target, as rows 256·place + byte of the prefix vectors.</param>
    /// <param name="rows">Targets of a pass, R.</param>
    /// <param name="capacity">Places of a chunk; a row of the longest token fits.</param>
    /// <param name="prefixRows">Prefix vectors that gradients are added to; 0 where there are no gradients.</param>
    /// <param name="columns">Elements of a prefix vector.</param>
    public DecoderPlaces(ICudaDevice device, Spelling spelling, int rows, int capacity, int prefixRows, int columns)
    {
        _device = device;
        _spelling = spelling;
        Capacity = capacity;
        MostChunks = ChunksOf(spelling, rows, capacity);
        long bytes = sizeof(int) * ChunkInts(capacity) * MostChunks;
        _memory = device.Allocate(bytes, "places of bytes");
        _pinned = new PinnedRing(device, BlocksInTurn, bytes, "places of bytes");
        _scatters = [.. Enumerable.Range(0, prefixRows > 0 ? MostChunks : 0).Select(_ => new ScatterPlan(device, capacity, prefixRows, columns))];
    }

    /// <summary>Places of a chunk.</summary>
    public int Capacity { get; }

    /// <summary>Chunks that there can be.</summary>
    public int MostChunks { get; }

    /// <summary>Chunks to go through; the last ones may be empty.</summary>
    public int Chunks { get; private set; }

    /// <summary>Two ints: the first row of the chunk in the pass, and its rows.</summary>
    public nint Header(int chunk) => _memory + (nint)(sizeof(int) * ChunkInts(Capacity) * chunk);

    /// <summary>For each row of the chunk the place where its places begin; one more is the end of the last.</summary>
    public nint Starts(int chunk) => Header(chunk) + sizeof(int) * HeaderInts;

    /// <summary>For each place the prefix vector that it is the first to have; −1 at the first of a row.</summary>
    public nint Keys(int chunk) => Starts(chunk) + sizeof(int) * (nint)(Capacity + 1);

    /// <summary>For each place the byte that stands there, 256 for the end; −1 where nothing does.</summary>
    public nint Targets(int chunk) => Keys(chunk) + sizeof(int) * (nint)Capacity;

    /// <summary>Order in which the gradients of a chunk's places are added to the prefix vectors.</summary>
    public ScatterPlan Scatter(int chunk) => _scatters[chunk];

    /// <summary>Places that a chunk needs at least: those of the longest token.</summary>
    public static int LeastCapacity(Spelling spelling) => spelling.LongestToken + 1;

    /// <summary>Bytes of the device's memory that places take.</summary>
    public static long DeviceBytes(Spelling spelling, int rows, int capacity, int prefixRows, int columns) =>
        ChunksOf(spelling, rows, capacity)
        * (sizeof(int) * ChunkInts(capacity) + (prefixRows > 0 ? ScatterPlan.DeviceBytes(capacity, prefixRows, columns) : 0));

    /// <summary>Lays out the places of targets and sends them.</summary>
    /// <param name="targets">[R]; −1 carries no loss and has one place, without a target.</param>
    /// <param name="withGradients">Whether gradients will be added to prefix vectors.</param>
    public void Send(ReadOnlySpan<int> targets, bool withGradients)
    {
        int* pinned = (int*)_pinned.Take();
        int row = 0;
        int chunk = 0;
        for (; row < targets.Length || chunk < Chunks; chunk++)
        {
            row += Lay(targets, row, pinned + ChunkInts(Capacity) * chunk);
            if (withGradients)
            {
                int* keys = pinned + ChunkInts(Capacity) * chunk + HeaderInts + Capacity + 1;
                _scatters[chunk].Send(new ReadOnlySpan<int>(keys, Capacity));
            }
        }

        Chunks = chunk;
        _device.UploadPinned(_memory, (nint)pinned, sizeof(int) * ChunkInts(Capacity) * chunk);
        _pinned.Sent();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(_scatters, plan => plan.Dispose());
        _pinned.Dispose();
        _device.Free(_memory);
    }

    /// <summary>Takes as many rows as fit into a chunk.</summary>
    /// <returns>How many.</returns>
    private int Lay(ReadOnlySpan<int> targets, int first, int* header)
    {
        int* starts = header + HeaderInts;
        int* keys = starts + Capacity + 1;
        int* symbols = keys + Capacity;
        int rows = 0;
        int place = 0;
        for (; first + rows < targets.Length; rows++)
        {
            int token = targets[first + rows];
            ReadOnlySpan<int> bytes = token < 0 ? [] : _spelling.Rows.AsSpan(_spelling.Starts[token].._spelling.Starts[token + 1]);
            if (place + bytes.Length + 1 > Capacity)
            {
                break;
            }

            starts[rows] = place;
            for (int i = 0; i <= bytes.Length; i++, place++)
            {
                keys[place] = i == 0 ? NoTarget : bytes[i - 1];
                symbols[place] = token < 0 ? NoTarget : i < bytes.Length ? bytes[i] & byte.MaxValue : End;
            }
        }

        starts[rows] = place;
        header[0] = first;
        header[1] = rows;
        new Span<int>(keys + place, Capacity - place).Fill(NoTarget);
        new Span<int>(symbols + place, Capacity - place).Fill(NoTarget);
        return rows;
    }

    private static long ChunkInts(int capacity) => HeaderInts + 3L * capacity + 1;

    /// <summary>A chunk is left when the next row does not fit, so that at least its capacity less the longest token is used.</summary>
    private static int ChunksOf(Spelling spelling, int rows, int capacity)
    {
        long places = (long)rows * (spelling.LongestToken + 1);
        long used = capacity - spelling.LongestToken;
        return checked((int)Math.Min(rows, (places + used - 1) / used));
    }
}
