using Embeddings.Cuda;

namespace Embeddings.Models;

/// <summary>A declared model as a value: its description and the two instantiations of its generated training step.</summary>
/// <param name="Description">What was declared.</param>
/// <param name="CreateSingle">Makes an instance in single precision, for training.</param>
/// <param name="CreateDouble">Makes an instance in double precision, for gradient checks.</param>
/// <param name="CreateCuda">Makes an instance on a CUDA device; null where the model has no CUDA step.</param>
public sealed record Variant(
    ModelDescription Description,
    Func<ModelOptions, CompiledModel<float>> CreateSingle,
    Func<ModelOptions, CompiledModel<double>> CreateDouble,
    Func<CudaModelOptions, CudaModel>? CreateCuda = null)
{
    /// <summary>The class's name.</summary>
    public string Name => Description.Name;

    /// <summary>What the model needs that no CUDA step has yet, to follow "it needs"; null where it has one.</summary>
    public string? CudaRefusal { get; init; }
}

/// <summary>Implemented by every class the generator compiles.</summary>
public interface IVariant
{
    /// <summary>The compiled model.</summary>
    static abstract Variant Variant { get; }
}
