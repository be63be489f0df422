using Embeddings.Cpu;
using Embeddings.Cuda;

namespace Embeddings.Models;

/// <summary>Where instances of models compute.</summary>
/// <param name="Cuda">The CUDA device, which stays open; null for the processor.</param>
/// <param name="Element">Type of activations on it; the processor computes in fp32.</param>
public sealed record ModelDevice(ICudaDevice? Cuda, CudaElement Element)
{
    /// <summary>The processor.</summary>
    public static ModelDevice Processor { get; } = new(null, CudaElement.Single);

    /// <summary>The device in words, such as <c>cpu</c> or <c>NVIDIA H200, bf16</c>.</summary>
    public string Name => Cuda is null ? "cpu" : $"{Cuda.Info.Name}, {(Element == CudaElement.BFloat16 ? "bf16" : "fp32")}";

    /// <summary>Makes an instance.</summary>
    /// <param name="variant">The model.</param>
    /// <param name="pool">The threads of the processor; not used on another device.</param>
    /// <param name="batch">Sequences in a pass.</param>
    /// <param name="vocabularies">The bytes of its tokens.</param>
    /// <exception cref="UserError">The model cannot be computed on the device, or does not fit into its memory.</exception>
    public LanguageModel<float> Create(Variant variant, WorkerPool pool, int batch, ModelVocabularies vocabularies)
    {
        if (Cuda is null)
        {
            return variant.CreateSingle(vocabularies.Options(variant.Description, pool, batch));
        }

        if (variant.CreateCuda is null)
        {
            throw new UserError($"{variant.Name} cannot be computed on CUDA yet{(variant.CudaRefusal is { } need ? $", for it needs {need}" : "")}; give --device cpu.");
        }

        try
        {
            return variant.CreateCuda(
                new CudaModelOptions(Cuda, batch, Element, vocabularies.InputSpelling(variant.Description), vocabularies.Suffixes)
                {
                    TargetSpelling = vocabularies.TargetSpelling(variant.Description),
                });
        }
        catch (OutOfDeviceMemoryException error)
        {
            throw new UserError(error.Message, error);
        }
    }
}
