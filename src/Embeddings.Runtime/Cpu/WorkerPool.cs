using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Embeddings.Cpu;

/// <summary>
/// Persistent threads that run tiles of a kernel. The calling thread works too, and returns when every tile is done; it never waits for
/// a worker that has taken none. Workers spin briefly between kernels, because a training step is hundreds of short kernels, and then
/// block. Running a kernel allocates nothing. A kernel must not run another one on the same pool, and must not throw.
/// </summary>
public sealed unsafe class WorkerPool : IDisposable
{
    /// <summary>About a millisecond: longer than what lies between two kernels of a step.</summary>
    private const int SpinsBeforeBlocking = 20_000;

    private readonly Thread[] _workers;
    private readonly object _gate = new();
    private readonly object _sleep = new();
    private readonly int _spins;
    private Shared _shared;
    private delegate*<void*, int, void> _run;
    private void* _kernel;
    private int _tiles;
    private volatile int _sleeping;
    private volatile bool _stopping;

    /// <summary>Starts <paramref name="threads"/> − 1 workers beside the caller.</summary>
    /// <param name="threads">Threads in all; 0 takes one per processor.</param>
    public WorkerPool(int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        Threads = threads == 0 ? Environment.ProcessorCount : threads;
        _spins = Threads <= Environment.ProcessorCount ? SpinsBeforeBlocking : 0;
        _workers = new Thread[Threads - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            _workers[i] = new Thread(Work) { IsBackground = true, Name = $"Embeddings worker {i + 1}" };
            _workers[i].Start();
        }
    }

    /// <summary>Threads in all, the caller's included.</summary>
    public int Threads { get; }

    /// <summary>Receives the time of every kernel, where somebody wants to know; null at first. Set between two kernels only.</summary>
    public KernelTimes? Times { get; set; }

    /// <summary>Runs tiles 0 … <paramref name="tiles"/> − 1 and returns when all are done.</summary>
    public void Run<TKernel>(in TKernel kernel, int tiles)
        where TKernel : unmanaged, ITileKernel
    {
        if (Times is null)
        {
            RunTiles(kernel, tiles);
            return;
        }

        long started = Stopwatch.GetTimestamp();
        RunTiles(kernel, tiles);
        Times.Add(typeof(TKernel), tiles, Stopwatch.GetElapsedTime(started));
    }

    private void RunTiles<TKernel>(in TKernel kernel, int tiles)
        where TKernel : unmanaged, ITileKernel
    {
        fixed (TKernel* pointer = &kernel)
        {
            if (tiles <= 1 || _workers.Length == 0)
            {
                for (int tile = 0; tile < tiles; tile++)
                {
                    pointer->Run(tile);
                }

                return;
            }

            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_stopping, this);
                Start(&RunTile<TKernel>, pointer, tiles);
            }
        }
    }

    /// <summary>Runs <paramref name="rows"/> rows in tiles of <paramref name="rowsPerTile"/>.</summary>
    public void RunRows<TKernel>(in TKernel kernel, int rows, int rowsPerTile)
        where TKernel : unmanaged, IRowKernel
    {
        fixed (TKernel* pointer = &kernel)
        {
            Run(new RowTiles<TKernel>(pointer, rows, rowsPerTile), Tiles(rows, rowsPerTile));
        }
    }

    /// <summary>Tiles that rows are cut into.</summary>
    public static int Tiles(int rows, int rowsPerTile) => (rows + rowsPerTile - 1) / rowsPerTile;

    /// <summary>Ends the threads. Disposing of a pool twice is harmless.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Publish(0);
        }

        foreach (Thread worker in _workers)
        {
            worker.Join();
        }
    }

    private static void RunTile<TKernel>(void* kernel, int tile)
        where TKernel : unmanaged, ITileKernel => Unsafe.AsRef<TKernel>(kernel).Run(tile);

    private static int GenerationOf(long ticket) => (int)(ticket >> 32);

    private static int RemainingOf(long ticket) => (int)ticket;

    private void Start(delegate*<void*, int, void> run, void* kernel, int tiles)
    {
        _run = run;
        _kernel = kernel;
        _tiles = tiles;
        _shared.Pending = tiles;
        TakeTiles(Publish(tiles));
        int spins = 0;
        while (Volatile.Read(ref _shared.Pending) != 0)
        {
            if (++spins < _spins)
            {
                Thread.SpinWait(1);
            }
            else
            {
                Thread.Yield();
            }
        }
    }

    /// <summary>Offers tiles under a new generation, and wakes who sleeps.</summary>
    private int Publish(int tiles)
    {
        int generation = GenerationOf(_shared.Ticket) + 1;
        Interlocked.Exchange(ref _shared.Ticket, ((long)generation << 32) | (uint)tiles);

        // The exchange is a full fence, and so is a worker's increment of _sleeping before it looks at the ticket for the last time:
        // either the worker is seen here, or it sees the new ticket.
        if (_sleeping > 0)
        {
            lock (_sleep)
            {
                Monitor.PulseAll(_sleep);
            }
        }

        return generation;
    }

    private void Work()
    {
        int seen = 0;
        while (true)
        {
            seen = WaitForNext(seen);
            if (_stopping)
            {
                return;
            }

            TakeTiles(seen);
        }
    }

    private int WaitForNext(int seen)
    {
        for (int spins = 0; spins < _spins; spins++)
        {
            int generation = GenerationOf(Volatile.Read(ref _shared.Ticket));
            if (generation != seen)
            {
                return generation;
            }

            Thread.SpinWait(1);
        }

        lock (_sleep)
        {
            Interlocked.Increment(ref _sleeping);
            int generation;
            while ((generation = GenerationOf(Volatile.Read(ref _shared.Ticket))) == seen)
            {
                Monitor.Wait(_sleep);
            }

            Interlocked.Decrement(ref _sleeping);
            return generation;
        }
    }

    /// <summary>
    /// Takes tiles of a generation until none is left. A tile that was taken keeps its generation alive, so the kernel is read only
    /// after taking one.
    /// </summary>
    private void TakeTiles(int generation)
    {
        int done = 0;
        while (true)
        {
            long ticket = Volatile.Read(ref _shared.Ticket);
            if (GenerationOf(ticket) != generation || RemainingOf(ticket) == 0)
            {
                break;
            }

            if (Interlocked.CompareExchange(ref _shared.Ticket, ticket - 1, ticket) == ticket)
            {
                _run(_kernel, _tiles - RemainingOf(ticket));
                done++;
            }
        }

        if (done > 0)
        {
            Interlocked.Add(ref _shared.Pending, -done);
        }
    }

    /// <summary>What all threads write, each on cache lines of its own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct Shared
    {
        /// <summary>The generation, which rises with every kernel, above the number of tiles nobody has taken yet.</summary>
        [FieldOffset(128)]
        public long Ticket;

        /// <summary>Tiles that are not done.</summary>
        [FieldOffset(256)]
        public int Pending;
    }

    private readonly struct RowTiles<TKernel>(TKernel* kernel, int rows, int rowsPerTile) : ITileKernel
        where TKernel : unmanaged, IRowKernel
    {
        public void Run(int tile)
        {
            int first = tile * rowsPerTile;
            kernel->Run(tile, first, Math.Min(first + rowsPerTile, rows));
        }
    }
}
