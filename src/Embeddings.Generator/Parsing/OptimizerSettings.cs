using System;
using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Parsing;

/// <summary>The resolved properties of <c>[AdamW]</c> for one parameter group.</summary>
internal sealed record OptimizerSettings(
    ParameterGroup Group,
    Setting<double> LearningRate,
    Setting<double> Beta1,
    Setting<double> Beta2,
    Setting<double> Epsilon,
    Setting<double> WeightDecay,
    Setting<int> WarmupSteps,
    Setting<RateRule> RateRule)
{
    /// <summary>The groups that have settings of their own, in the order of the spec.</summary>
    private static readonly ParameterGroup[] s_groups = [ParameterGroup.InputEmbedding, ParameterGroup.OutputHead, ParameterGroup.Body];

    /// <summary>
    /// Resolves every group. What is said of a group holds for it, wherever in the chain it is said; what is said of all groups holds for
    /// the rest. So a variant that changes the rate of all leaves a rate that its base gave to one group.
    /// </summary>
    public static IReadOnlyList<OptimizerSettings> ReadAll(InheritanceChain chain)
    {
        Application[] all = chain.Applications(typeof(AdamWAttribute)).ToArray();
        Application[] general = all.Where(application => GroupOf(application) == ParameterGroup.All).ToArray();
        return s_groups
            .Select(group => Read(group, all.Where(application => GroupOf(application) == group).Concat(general).ToArray()))
            .ToArray();
    }

    /// <summary>The group that one attribute speaks of; null when its argument does not compile.</summary>
    public static ParameterGroup? GroupOf(Application application)
    {
        if (application.TryGet(nameof(AdamWAttribute.Group), out ParameterGroup group))
        {
            return group;
        }

        return application.Says(nameof(AdamWAttribute.Group)) ? null : Defaults.AdamW.Group;
    }

    /// <summary>Resolves one group from the attributes that speak of it, the first said first.</summary>
    public static OptimizerSettings Read(ParameterGroup group, IReadOnlyList<Application> applications)
    {
        AdamWAttribute defaults = Defaults.AdamW;

        Setting<double> AdamW(string name, double whenNotSaid) => Setting<double>.Resolve(applications, name, whenNotSaid);

        return new OptimizerSettings(
            group,
            AdamW(nameof(defaults.LearningRate), defaults.LearningRate),
            AdamW(nameof(defaults.Beta1), defaults.Beta1),
            AdamW(nameof(defaults.Beta2), defaults.Beta2),
            AdamW(nameof(defaults.Epsilon), defaults.Epsilon),
            AdamW(nameof(defaults.WeightDecay), defaults.WeightDecay),
            Setting<int>.Resolve(applications, nameof(defaults.WarmupSteps), defaults.WarmupSteps),
            Setting<RateRule>.Resolve(applications, nameof(defaults.RateRule), defaults.RateRule));
    }

    /// <param name="width">C.</param>
    /// <param name="vocabulary">V.</param>
    public GroupSpec ToSpec(int width, int vocabulary) => new(
        Group, LearningRate.Value * RateFactor(width, vocabulary), Beta1.Value, Beta2.Value, Epsilon.Value, WeightDecay.Value)
    {
        WarmupSteps = WarmupSteps.Value,
    };

    private double RateFactor(int width, int vocabulary) => RateRule.Value switch
    {
        Embeddings.RateRule.TimesWidth => width,
        Embeddings.RateRule.TimesRootWidth => Math.Sqrt(width),
        Embeddings.RateRule.ByVocabulary => vocabulary <= width ? width : Math.Sqrt(width),
        _ => 1,
    };
}
