using System;
using Embeddings.Generator.Emit;

namespace Embeddings.Generator.Cuda;

/// <summary>The CUDA step of a model, or why it has none: what CUDA cannot do yet never takes the CPU's step away.</summary>
/// <param name="Text">The generated file; null where there is none.</param>
/// <param name="Refusal">What the model needs that CUDA does not have, to follow "it needs"; null where there is a step.</param>
internal sealed record CudaStep(string? Text, string? Refusal)
{
    public static CudaStep Of(CompiledSpec model)
    {
        try
        {
            return new CudaStep(CudaStepEmitter.Emit(model), null);
        }
        catch (CudaUnsupportedException missing)
        {
            return new CudaStep(null, missing.Message);
        }
        catch (Exception defect) when (defect is not OperationCanceledException)
        {
            return new CudaStep(null, $"a CUDA step that the generator fails to print ({defect.GetType().Name}: {defect.Message})");
        }
    }
}
