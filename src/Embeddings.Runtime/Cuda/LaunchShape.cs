namespace Embeddings.Cuda;

/// <summary>How many blocks and threads run a kernel. Blocks are of one dimension.</summary>
/// <param name="GridX">Blocks along x, at most 2³¹ − 1.</param>
/// <param name="GridY">Blocks along y, at most 65,535.</param>
/// <param name="GridZ">Blocks along z, at most 65,535.</param>
/// <param name="BlockX">Threads of a block, at most 1,024.</param>
/// <param name="SharedBytes">Dynamic shared memory of a block.</param>
public readonly record struct LaunchShape(int GridX, int GridY, int GridZ, int BlockX, int SharedBytes)
{
    /// <summary>A row of blocks without dynamic shared memory.</summary>
    public LaunchShape(int gridX, int blockX)
        : this(gridX, 1, 1, blockX, 0)
    {
    }
}
