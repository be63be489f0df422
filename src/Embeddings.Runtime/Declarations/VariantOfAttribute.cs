using System;

namespace Embeddings;

/// <summary>
/// Declares a model as a variant of <typeparamref name="TBase"/>: every property that its own attributes do not set is inherited, so
/// that the declaration says exactly what differs.
/// </summary>
/// <typeparam name="TBase">Another declared model in the same compilation.</typeparam>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class VariantOfAttribute<TBase> : Attribute
    where TBase : class;
