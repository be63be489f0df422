namespace Embeddings.Generator.Graph;

/// <summary>Questions that passes ask of an operation.</summary>
internal static class OpFacts
{
    /// <summary>Whether the value of element (r, c) needs only elements (r, c) of its inputs, broadcast where needed.</summary>
    public static bool IsElementwise(this Op op) => op is >= Op.Add and <= Op.Normalize;

    /// <summary>Whether it may stand inside a row kernel.</summary>
    public static bool IsFusible(this Op op) => op.IsElementwise() || op is Op.RowSum or Op.ColumnSum or Op.Gather or Op.PositionRows;

    /// <summary>Whether it only renames memory.</summary>
    public static bool IsView(this Op op) => op is Op.Slice or Op.Concat or Op.Reshape or Op.StopGradient;

    /// <summary>Whether it has no inputs and is computed by nobody.</summary>
    public static bool IsLeaf(this Op op) => op is Op.Parameter or Op.Constant or Op.TokenPlace || op.IsStream();

    /// <summary>Whether it is a leaf that stands for a part of the residual stream or of its gradient.</summary>
    public static bool IsStream(this Op op) =>
        op is Op.StageInput or Op.OutputGradient or Op.InitialResidual or Op.InitialGradient;

    /// <summary>Whether it is a leaf that stands in memory for every row.</summary>
    public static bool IsLeafInMemory(this Op op) => op.IsStream() || op == Op.TokenPlace;

    /// <summary>Whether its result comes in several parts that <see cref="Op.Pick"/> nodes name.</summary>
    public static bool HasParts(this Op op) =>
        op is Op.Attention or Op.GeneralAttention or Op.AttentionGradient
        or Op.GeneralAttentionGradient or Op.LinearCrossEntropyGradient or Op.ByteCrossEntropyGradient;
}
