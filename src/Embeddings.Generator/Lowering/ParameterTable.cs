using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Lowering;

/// <summary>How a parameter starts: zeros, ones, or normal with a standard deviation.</summary>
internal readonly record struct InitialValue(string Kind, double StandardDeviation = 0)
{
    public static readonly InitialValue Zeros = new("Zeros");
    public static readonly InitialValue Ones = new("Ones");

    /// <summary>± a deviation, by the bits of the row's number.</summary>
    public static InitialValue BinaryCode(double deviation) => new("BinaryCode", deviation);

    public static InitialValue Normal(double standardDeviation) => new("Normal", standardDeviation);
}

/// <summary>A parameter that the lowered model uses.</summary>
/// <param name="Name">As in the arena table; those of the repeated block begin with <c>Block.</c></param>
/// <param name="Shape">Vector or matrix.</param>
/// <param name="Layers">Copies.</param>
/// <param name="Group">Optimizer settings.</param>
/// <param name="Initial">Start.</param>
/// <param name="Frozen">Whether it is never trained.</param>
internal sealed record ParameterSpec(
    string Name, Shape Shape, int Layers, ParameterGroup Group, InitialValue Initial, bool Frozen)
{
    /// <summary>Steps after which it is no longer trained; 0 is never.</summary>
    public int StopsAfter { get; init; }

    /// <summary>Of an output matrix: steps for which the input table stands in its place; 0 is none.</summary>
    public int SharesUntil { get; init; }

    /// <summary>Of a parameter of the block that not every layer has: the copy of each layer, −1 for none. Empty: every layer has one.</summary>
    public EquatableArray<int> CopyOfLayer { get; init; }

    /// <summary>Whether some layer has no copy.</summary>
    public bool SkipsLayers => CopyOfLayer.Count > 0;

    public long Count => (long)Shape.Rows * Shape.Columns;

    public bool IsMatrix => Shape.Rows > 1;
}

/// <summary>The parameters of a model, in order of first use.</summary>
internal sealed class ParameterTable
{
    private readonly List<ParameterSpec> _parameters = [];

    public IReadOnlyList<ParameterSpec> All => _parameters;

    public ParameterSpec this[string name] => _parameters.First(parameter => parameter.Name == name);

    /// <summary>Declares a parameter once and returns its node.</summary>
    public Node Use(GraphBuilder builder, ParameterSpec parameter)
    {
        if (_parameters.All(known => known.Name != parameter.Name))
        {
            _parameters.Add(parameter);
        }

        return builder.Parameter(parameter.Name, parameter.Shape);
    }
}
