using System;

namespace Embeddings.Generator.Lowering;

/// <summary>How weight matrices start, by the declared scheme; see <see cref="InitializationScheme"/> for the formulas and their sources.</summary>
internal static class WeightStart
{
    private const double Gpt2Deviation = 0.02;

    /// <summary>A matrix with these inputs and outputs.</summary>
    public static InitialValue Of(InitializationScheme scheme, int fanIn, int fanOut) => InitialValue.Normal(scheme switch
    {
        InitializationScheme.Gpt2 => Gpt2Deviation,
        InitializationScheme.FanIn or InitializationScheme.ZeroOutput => 1 / Math.Sqrt(fanIn),
        InitializationScheme.Glorot => Math.Sqrt(2.0 / (fanIn + fanOut)),
        InitializationScheme.He => Math.Sqrt(2.0 / fanIn),
        _ => 1 / Math.Sqrt(3.0 * fanIn),
    });

    /// <summary>A matrix that writes to the residual stream, of which a model of L layers has 2L.</summary>
    public static InitialValue OfResidual(InitializationScheme scheme, int fanIn, int fanOut, int layers) => scheme switch
    {
        InitializationScheme.Scaled => InitialValue.Normal(1 / Math.Sqrt(3.0 * fanIn * 2 * layers)),
        InitializationScheme.Gpt2 => InitialValue.Normal(Gpt2Deviation / Math.Sqrt(2.0 * layers)),
        InitializationScheme.ZeroOutput => InitialValue.Zeros,
        _ => Of(scheme, fanIn, fanOut),
    };
}
