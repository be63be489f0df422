using System;

namespace Embeddings;

/// <summary>Declares where the head's matrix [V, C] comes from. Default: <see cref="HeadKind.Untied"/>.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class OutputHeadAttribute : Attribute
{
    /// <summary>Declares the head.</summary>
    public OutputHeadAttribute(HeadKind kind) => Kind = kind;

    /// <summary>Where the head's matrix comes from.</summary>
    public HeadKind Kind { get; }

    /// <summary>Optimizer steps after which a <see cref="HeadKind.TiedThenUntied"/> head is untied, ≥ 1.</summary>
    public int UntiesAfter { get; set; } = 1000;
}
