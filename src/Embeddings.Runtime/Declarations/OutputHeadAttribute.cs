using System;

namespace Embeddings;

/// <summary>Declares where the head's matrix [V, C] comes from, or what stands in its place. Default: <see cref="HeadKind.Untied"/>.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class OutputHeadAttribute : Attribute
{
    /// <summary>Declares the head.</summary>
    public OutputHeadAttribute(HeadKind kind) => Kind = kind;

    /// <summary>Where the head's matrix comes from.</summary>
    public HeadKind Kind { get; }

    /// <summary>Optimizer steps after which a <see cref="HeadKind.TiedThenUntied"/> head is untied, ≥ 1.</summary>
    public int UntiesAfter { get; set; } = 1000;

    /// <summary>Width D of the decoder of a <see cref="HeadKind.Bytes"/> head, from 2.</summary>
    public int DecoderWidth { get; set; } = 64;

    /// <summary>
    /// Byte places that the decoder tells apart, from 1 to 64; bytes beyond the last one share it, so that their order is not known there.
    /// </summary>
    public int DecoderPositions { get; set; } = 8;
}
