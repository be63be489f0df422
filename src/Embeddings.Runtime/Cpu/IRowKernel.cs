namespace Embeddings.Cpu;

/// <summary>
/// A fused chain of element-wise operations and row reductions over a block of rows. Sums over rows (a bias's gradient, say) go to the
/// tile's own partial sums and are added in tile order afterwards, so the cut into tiles must not depend on the number of threads.
/// </summary>
public interface IRowKernel
{
    /// <summary>Runs the rows from <paramref name="first"/> to before <paramref name="end"/>, which form tile <paramref name="tile"/>.</summary>
    void Run(int tile, int first, int end);
}
