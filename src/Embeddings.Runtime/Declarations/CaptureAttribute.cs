using System;

namespace Embeddings;

/// <summary>Declares tensors that every pass keeps, to be read with <c>CompiledModel.Captured</c>. Default: none.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class CaptureAttribute : Attribute
{
    /// <summary>Declares what is kept.</summary>
    public CaptureAttribute(CapturePoints points) => Points = points;

    /// <summary>What is kept.</summary>
    public CapturePoints Points { get; }
}
