using Embeddings.Generator.Graph;

namespace Embeddings.Generator.Cuda;

/// <summary>The operator table of CUDA: names of element-wise functions, as the prelude defines them.</summary>
internal static class CudaFunctions
{
    /// <exception cref="CudaUnsupportedException">There is none.</exception>
    public static string Name(Op op) => op switch
    {
        Op.Exp => "exponential",
        Op.Log => "logarithm",
        Op.Tanh => "hyperbolicTangent",
        Op.Sigmoid => "logistic",
        Op.ReciprocalSqrt => "reciprocalSquareRoot",
        Op.PositivePart => "rectified",
        Op.Step => "unitStep",
        _ => throw new CudaUnsupportedException($"a kernel for {op}"),
    };
}
