namespace Embeddings.Cpu;

/// <summary>Work cut into fixed tiles, each of which writes results that do not depend on who runs it or when.</summary>
public interface ITileKernel
{
    /// <summary>Runs one tile.</summary>
    void Run(int tile);
}
