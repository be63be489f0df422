using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Parsing;

/// <summary>The resolved properties of <c>[Muon]</c> for one parameter group.</summary>
internal sealed record MuonSettings(
    Setting<double> LearningRate, Setting<double> Momentum, Setting<double> WeightDecay, Setting<int> Iterations)
{
    /// <summary>Resolves a group; null where no attribute speaks of it. What is said of the group holds over what is said of all.</summary>
    public static MuonSettings? Read(InheritanceChain chain, ParameterGroup group)
    {
        Application[] all = chain.Applications(typeof(MuonAttribute)).ToArray();
        Application[] own = all.Where(application => GroupOf(application) == group)
            .Concat(all.Where(application => GroupOf(application) == ParameterGroup.All)).ToArray();
        return own.Length == 0 ? null : Read(own);
    }

    /// <summary>Resolves from the attributes that speak of a group, the first said first.</summary>
    public static MuonSettings Read(IReadOnlyList<Application> applications)
    {
        MuonAttribute defaults = Defaults.Muon;
        return new MuonSettings(
            Setting<double>.Resolve(applications, nameof(defaults.LearningRate), defaults.LearningRate),
            Setting<double>.Resolve(applications, nameof(defaults.Momentum), defaults.Momentum),
            Setting<double>.Resolve(applications, nameof(defaults.WeightDecay), defaults.WeightDecay),
            Setting<int>.Resolve(applications, nameof(defaults.Iterations), defaults.Iterations));
    }

    /// <summary>The group that one attribute speaks of; null when its argument does not compile.</summary>
    public static ParameterGroup? GroupOf(Application application) =>
        application.TryGet(nameof(MuonAttribute.Group), out ParameterGroup group) ? group : null;

    public MuonSpec ToSpec() => new(LearningRate.Value, Momentum.Value, WeightDecay.Value, Iterations.Value);
}
