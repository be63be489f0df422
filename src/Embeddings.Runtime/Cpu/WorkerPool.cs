using System.Runtime.CompilerServices;

namespace Embeddings.Cpu;

/// <summary>
/// Persistent threads that run tiles of a kernel. The calling thread works too. Workers spin briefly between kernels, because a training
/// step is hundreds of short kernels, and then block. Running a kernel allocates nothing.
/// </summary>
public sealed unsafe class WorkerPool : IDisposable
{
    private const int SpinsBeforeBlocking = 20_000;

    private readonly Thread[] _workers;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly object _gate = new();
    private delegate*<void*, int, void> _run;
    private void* _kernel;
    private int _tiles;
    private int _nextTile;
    private int _working;
    private int _sleeping;
    private volatile int _generation;
    private volatile bool _stopping;

    /// <summary>Starts <paramref name="threads"/> − 1 workers beside the caller.</summary>
    /// <param name="threads">Threads in all; 0 takes one per processor.</param>
    public WorkerPool(int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        Threads = threads == 0 ? Environment.ProcessorCount : threads;
        _workers = new Thread[Threads - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            _workers[i] = new Thread(Work) { IsBackground = true, Name = $"Embeddings worker {i + 1}" };
            _workers[i].Start();
        }
    }

    /// <summary>Threads in all, the caller's included.</summary>
    public int Threads { get; }

    /// <summary>Runs tiles 0 … <paramref name="tiles"/> − 1 and returns when all are done.</summary>
    public void Run<TKernel>(in TKernel kernel, int tiles)
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

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        _generation++;
        _wake.Release(Math.Max(1, _workers.Length));
        foreach (Thread worker in _workers)
        {
            worker.Join();
        }

        _wake.Dispose();
    }

    private static void RunTile<TKernel>(void* kernel, int tile)
        where TKernel : unmanaged, ITileKernel => Unsafe.AsRef<TKernel>(kernel).Run(tile);

    private void Start(delegate*<void*, int, void> run, void* kernel, int tiles)
    {
        _run = run;
        _kernel = kernel;
        _tiles = tiles;
        _nextTile = 0;
        Volatile.Write(ref _working, _workers.Length);
        Interlocked.MemoryBarrier();
        _generation++;
        Interlocked.MemoryBarrier();
        int sleeping = Volatile.Read(ref _sleeping);
        if (sleeping > 0)
        {
            _wake.Release(sleeping);
        }

        TakeTiles();
        var spinner = new SpinWait();
        int spins = 0;
        while (Volatile.Read(ref _working) != 0)
        {
            if (++spins < SpinsBeforeBlocking)
            {
                Thread.SpinWait(4);
            }
            else
            {
                spinner.SpinOnce();
            }
        }
    }

    private void Work()
    {
        int seen = 0;
        while (true)
        {
            int spins = 0;
            while (_generation == seen)
            {
                if (++spins < SpinsBeforeBlocking)
                {
                    Thread.SpinWait(4);
                    continue;
                }

                Interlocked.Increment(ref _sleeping);
                if (_generation == seen)
                {
                    _wake.Wait();
                }

                Interlocked.Decrement(ref _sleeping);
            }

            seen++;
            if (_stopping)
            {
                return;
            }

            TakeTiles();
            Interlocked.Decrement(ref _working);
        }
    }

    private void TakeTiles()
    {
        int tile;
        while ((tile = Interlocked.Increment(ref _nextTile) - 1) < _tiles)
        {
            _run(_kernel, tile);
        }
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
