namespace Embeddings.Generator.Passes;

/// <summary>How far <see cref="Fuse"/> goes.</summary>
/// <param name="RowKernel">Operations that one row kernel may take.</param>
/// <param name="ForwardEpilogue">Results that the epilogue of a product may store in the forward; 0 is no epilogue.</param>
/// <param name="BackwardEpilogue">The same in the backward, where a stored result is read once.</param>
/// <param name="BiasGradients">Whether a bias's gradient is summed by the product that reads the same rows.</param>
internal sealed record FusionLimits(int RowKernel, int ForwardEpilogue, int BackwardEpilogue, bool BiasGradients)
{
    public static readonly FusionLimits Default = new(int.MaxValue, 2, 1, true);

    /// <summary>One operation a step: what tests compare fused code with.</summary>
    public static readonly FusionLimits None = new(1, 0, 0, false);
}
