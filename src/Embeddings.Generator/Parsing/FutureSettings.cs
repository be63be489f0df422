using System;
using System.Linq;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Parsing;

/// <summary>The resolved properties of <c>[FutureTargets]</c>.</summary>
internal sealed record FutureSettings(
    Setting<int> Count,
    Setting<FutureHeadKind> Kind,
    Setting<double> Weight,
    Setting<double> Falloff)
{
    public static FutureSettings Read(InheritanceChain chain)
    {
        Application[] future = chain.Applications(typeof(FutureTargetsAttribute)).ToArray();
        FutureTargetsAttribute defaults = Defaults.FutureTargets;
        return new FutureSettings(
            Setting<int>.Resolve(future, nameof(defaults.Count), defaults.Count),
            Setting<FutureHeadKind>.Resolve(future, nameof(defaults.Kind), defaults.Kind),
            Setting<double>.Resolve(future, nameof(defaults.Weight), defaults.Weight),
            Setting<double>.Resolve(future, nameof(defaults.Falloff), defaults.Falloff));
    }

    /// <summary>Whether further targets are declared.</summary>
    public bool IsDeclared => Count.Origin is not null;

    /// <summary>The spec with these options, once the rules hold.</summary>
    public ArchitectureSpec AddTo(ArchitectureSpec spec) => IsDeclared
        ? spec with
        {
            FutureHead = Kind.Value,
            FutureWeights = new EquatableArray<double>(
                Enumerable.Range(0, Count.Value).Select(index => Weight.Value * Math.Pow(Falloff.Value, index)).ToArray()),
        }
        : spec;
}
