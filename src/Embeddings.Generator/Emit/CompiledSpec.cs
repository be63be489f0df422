using System;
using System.Linq;
using Embeddings.Generator.Model;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator.Emit;

/// <summary>A model after every pass: what the emitters print.</summary>
internal sealed record CompiledSpec(ModelSpec Spec, ParameterLayout Layout, GradientPlan Gradients, UpdatePlan Updates, ActivationPlan Activations)
{
    /// <summary>Floating-point operations of a training pass, for one token.</summary>
    public double OperationsPerToken => CountOperations.PerToken(Activations.Stages, Gradients, Spec.Architecture.Context);

    /// <summary>Those of a head of bytes for one byte or end of a target, and of targets further ahead.</summary>
    public double OperationsPerPlace => CountOperations.PerPlace(Activations.Head.Schedule);

    /// <summary>Elements of linear layers and head: those that every token is multiplied with.</summary>
    public long MatMulParameters => Layout.Places
        .Where(place => place.Parameter.Name is "Embedding.Projection" or "Embedding.Recurrence.Weight"
            || (place.Parameter.Name.StartsWith("Future", StringComparison.Ordinal) && place.Parameter.IsMatrix)
            || (place.Parameter.Name.StartsWith("Block.", StringComparison.Ordinal) && place.Parameter.IsMatrix
                && place.Parameter.Group == ParameterGroup.Body))
        .Sum(place => place.Parameter.Count * place.Parameter.Layers)
        + (Spec.Architecture.Head == HeadKind.Bytes
            ? (long)Spec.Architecture.DecoderWidth * Spec.Architecture.Width
            : (long)Spec.Tokenizer.VocabularySize * Spec.Architecture.Width);
}
