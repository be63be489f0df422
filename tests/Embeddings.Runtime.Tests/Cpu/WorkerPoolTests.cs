using Embeddings.Cpu;

namespace Embeddings.Runtime.Tests.Cpu;

public sealed unsafe class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Every_tile_runs_once_in_thousands_of_short_kernels(int threads)
    {
        using var pool = new WorkerPool(threads);
        const int Most = 40;
        int* counts = stackalloc int[Most];
        for (int round = 0; round < 3000; round++)
        {
            int tiles = round % Most;
            new Span<int>(counts, Most).Clear();
            pool.Run(new Count(counts), tiles);
            for (int tile = 0; tile < Most; tile++)
            {
                Assert.Equal(tile < tiles ? 1 : 0, counts[tile]);
            }
        }
    }

    [Fact]
    public void Workers_that_have_gone_to_sleep_wake_up()
    {
        using var pool = new WorkerPool(3);
        int* counts = stackalloc int[8];
        for (int round = 1; round <= 20; round++)
        {
            Thread.Sleep(5);
            pool.Run(new Count(counts), 8);
            Assert.Equal(round, counts[7]);
        }
    }

    [Fact]
    public void A_slow_tile_is_waited_for()
    {
        using var pool = new WorkerPool(2);
        int* counts = stackalloc int[4];
        pool.Run(new Sleeper(counts), 4);
        Assert.Equal(4, counts[0] + counts[1] + counts[2] + counts[3]);
    }

    [Fact]
    public void Two_callers_take_turns()
    {
        using var pool = new WorkerPool(2);
        var failures = new System.Collections.Concurrent.ConcurrentQueue<int>();
        void Call()
        {
            int* counts = stackalloc int[5];
            for (int round = 1; round <= 2000; round++)
            {
                pool.Run(new Count(counts), 5);
                if (counts[0] != round || counts[4] != round)
                {
                    failures.Enqueue(round);
                }
            }
        }

        var other = new Thread(Call);
        other.Start();
        Call();
        other.Join();
        Assert.Empty(failures);
    }

    [Fact]
    public void Rows_are_cut_into_tiles_of_fixed_size()
    {
        int* firsts = stackalloc int[4];
        Pools.Two.RunRows(new Firsts(firsts), 10, 3);
        Assert.Equal([0 * 100 + 3, 3 * 100 + 6, 6 * 100 + 9, 9 * 100 + 10], new Span<int>(firsts, 4).ToArray());
    }

    [Fact]
    public void A_pool_that_was_disposed_of_refuses_work()
    {
        var pool = new WorkerPool(2);
        pool.Dispose();
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Run(new Count(null), 2));
    }

    [Fact]
    public void Running_a_kernel_allocates_nothing()
    {
        int* counts = stackalloc int[8];
        Pools.Two.Run(new Count(counts), 8);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Pools.Two.Run(new Count(counts), 8);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private readonly struct Count(int* counts) : ITileKernel
    {
        public void Run(int tile) => counts[tile]++;
    }

    private readonly struct Sleeper(int* counts) : ITileKernel
    {
        public void Run(int tile)
        {
            Thread.Sleep(10);
            counts[tile]++;
        }
    }

    private readonly struct Firsts(int* firsts) : IRowKernel
    {
        public void Run(int tile, int first, int end) => firsts[tile] = first * 100 + end;
    }
}
