using Embeddings.Models;

namespace Embeddings.Cuda;

/// <summary>
/// Which rows of a gradient are added to which rows of a table, prepared on the host for each pass: a stable counting sort by table row, cut
/// into work items of at most <see cref="RowsPerItem"/> rows. The device reads how many items there are, so that launches never change.
/// Two copies on the host are filled in turn, so that the next pass can be prepared while one is under way.
/// </summary>
public sealed unsafe class ScatterPlan : IDisposable
{
    /// <summary>Rows that one item adds up.</summary>
    public const int RowsPerItem = 32;

    private const int ItemInts = 4;
    private const int RunInts = 3;
    private const int CountInts = 2;

    private readonly ICudaDevice _device;
    private readonly int _entries;
    private readonly int[] _places;
    private readonly nint _memory;
    private readonly nint[] _pinned;
    private readonly nint[] _sent;
    private int _turn;

    /// <summary>Takes the memory.</summary>
    /// <param name="device">The device.</param>
    /// <param name="entries">Most pairs of a row and a table row that it reads.</param>
    /// <param name="tableRows">Rows of the table.</param>
    /// <param name="columns">Elements of a row.</param>
    public ScatterPlan(ICudaDevice device, int entries, int tableRows, int columns)
    {
        _device = device;
        _entries = entries;
        _places = new int[tableRows];
        MostRuns = RunsOf(entries);
        MostItems = ItemsOf(entries, tableRows);
        long bytes = sizeof(int) * Length;
        _memory = device.Allocate(bytes, "sorted tokens");
        Partials = device.Allocate(PartialBytes(entries, columns), "partial sums of table rows");
        _pinned = [device.AllocatePinned(bytes, "sorted tokens"), device.AllocatePinned(bytes, "sorted tokens")];
        _sent = [device.CreateEvent(), device.CreateEvent()];
    }

    /// <summary>Most work items of a pass.</summary>
    public int MostItems { get; }

    /// <summary>Most table rows whose rows make more than one item.</summary>
    public int MostRuns { get; }

    /// <summary>On the device: number of items, number of runs.</summary>
    public nint Counts => _memory;

    /// <summary>On the device: {first in order, count, table row, slot or −1} of each item.</summary>
    public nint Items => Counts + sizeof(int) * CountInts;

    /// <summary>On the device: {first slot, slots, table row} of each run.</summary>
    public nint Runs => Items + sizeof(int) * ItemInts * MostItems;

    /// <summary>On the device: rows of the gradient, by table row, rising within one.</summary>
    public nint Order => Runs + sizeof(int) * RunInts * MostRuns;

    /// <summary>On the device: floats for each slot.</summary>
    public nint Partials { get; }

    private long Length => LengthOf(_entries, MostItems, MostRuns);

    /// <summary>Bytes that a plan takes of the device's memory.</summary>
    public static long DeviceBytes(int entries, int tableRows, int columns) =>
        sizeof(int) * LengthOf(entries, ItemsOf(entries, tableRows), RunsOf(entries)) + PartialBytes(entries, columns);

    /// <summary>Prepares a pass and sends it. Row r reads table row tokens[r], or every row that spells it.</summary>
    /// <param name="tokens">[R]; a row of a token below 0 reads nothing.</param>
    /// <param name="spelling">Table rows of each token; null where a token has one row, its own.</param>
    public void Send(ReadOnlySpan<int> tokens, Spelling? spelling = null)
    {
        nint pinned = _pinned[_turn];
        _device.Wait(_sent[_turn]);
        int* counts = (int*)pinned;
        int* items = counts + CountInts;
        int* runs = items + (long)ItemInts * MostItems;
        int* order = runs + (long)RunInts * MostRuns;
        Array.Clear(_places);
        for (int row = 0; row < tokens.Length; row++)
        {
            foreach (int tableRow in TableRows(in tokens[row], spelling))
            {
                _places[tableRow]++;
            }
        }

        (counts[0], counts[1]) = Cut(items, runs);
        for (int row = 0; row < tokens.Length; row++)
        {
            foreach (int tableRow in TableRows(in tokens[row], spelling))
            {
                order[_places[tableRow]++] = row;
            }
        }

        _device.UploadPinned(_memory, pinned, sizeof(int) * Length);
        _device.Record(_sent[_turn]);
        _turn ^= 1;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = 0; i < _pinned.Length; i++)
        {
            _device.FreePinned(_pinned[i]);
            _device.FreeEvent(_sent[i]);
        }

        _device.Free(_memory);
        _device.Free(Partials);
    }

    private static int RunsOf(int entries) => entries / (RowsPerItem + 1) + 1;

    private static int ItemsOf(int entries, int tableRows) => Math.Min(tableRows, entries) + entries / RowsPerItem + 1;

    private static long LengthOf(int entries, int items, int runs) => CountInts + (long)ItemInts * items + (long)RunInts * runs + entries;

    private static long PartialBytes(int entries, int columns) => sizeof(float) * (long)columns * (RunsOf(entries) + entries / RowsPerItem + 1);

    private static ReadOnlySpan<int> TableRows(in int token, Spelling? spelling) => token < 0 ? []
        : spelling is null ? new ReadOnlySpan<int>(in token)
        : spelling.Rows.AsSpan(spelling.Starts[token]..spelling.Starts[token + 1]);

    /// <summary>Turns the number of rows of each table row into its first place, and lists the items and runs.</summary>
    private (int Items, int Runs) Cut(int* items, int* runs)
    {
        int itemCount = 0;
        int runCount = 0;
        int slots = 0;
        int place = 0;
        for (int tableRow = 0; tableRow < _places.Length; tableRow++)
        {
            int count = _places[tableRow];
            int pieces = (count + RowsPerItem - 1) / RowsPerItem;
            if (pieces > 1)
            {
                int* run = runs + (long)RunInts * runCount++;
                run[0] = slots;
                run[1] = pieces;
                run[2] = tableRow;
            }

            for (int piece = 0; piece < pieces; piece++)
            {
                int* item = items + (long)ItemInts * itemCount++;
                item[0] = place + piece * RowsPerItem;
                item[1] = Math.Min(RowsPerItem, count - piece * RowsPerItem);
                item[2] = tableRow;
                item[3] = pieces > 1 ? slots++ : -1;
            }

            _places[tableRow] = place;
            place += count;
        }

        return (itemCount, runCount);
    }
}
