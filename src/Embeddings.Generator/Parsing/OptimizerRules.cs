using System.Collections.Generic;
using Embeddings.Generator.Diagnostics;
using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Parsing;

/// <summary>Which AdamW settings can be compiled.</summary>
internal static class OptimizerRules
{
    public static void Check(InheritanceChain chain, TrainingSettings training, ArchitectureSettings architecture, Reporter reporter)
    {
        // What holds, inherited or not; and what the class says even where it is said again for every group.
        foreach (OptimizerSettings group in training.Groups)
        {
            CheckValues(group, reporter);
        }

        MuonRules.Check(chain, training, architecture, reporter);
        var seen = new HashSet<ParameterGroup>();
        foreach (AttributeData data in chain.Own.FindAll(typeof(AdamWAttribute)))
        {
            var application = new Application(chain.Own, data);
            if (OptimizerSettings.GroupOf(application) is not { } group)
            {
                continue;
            }

            CheckValues(OptimizerSettings.Read(group, [application]), reporter);
            var setting = new Setting<ParameterGroup>(nameof(AdamWAttribute.Group), group, application);
            if (Rules.Defined(setting, reporter) && !seen.Add(group))
            {
                reporter.Report(Descriptors.DuplicateOptimizerGroup, setting, chain.Own.Type.Name, "AdamW", group);
            }

            CheckUsed(setting, architecture, reporter);
        }
    }

    private static void CheckValues(OptimizerSettings settings, Reporter reporter)
    {
        if (Rules.Finite(settings.LearningRate, reporter) && settings.LearningRate.Value <= 0)
        {
            reporter.Report(Descriptors.LearningRateNotPositive, settings.LearningRate, settings.LearningRate.Value);
        }

        Rules.Defined(settings.RateRule, reporter);
        if (settings.WarmupSteps.Value < 0)
        {
            reporter.Report(Descriptors.WarmupStepsNegative, settings.WarmupSteps, settings.WarmupSteps.Value);
        }

        foreach (Setting<double> beta in new[] { settings.Beta1, settings.Beta2 })
        {
            if (Rules.Finite(beta, reporter) && beta.Value is < 0 or >= 1)
            {
                reporter.Report(Descriptors.BetaOutOfRange, beta, beta.Name, beta.Value);
            }
        }

        if (Rules.Finite(settings.Epsilon, reporter) && settings.Epsilon.Value <= 0)
        {
            reporter.Report(Descriptors.EpsilonNotPositive, settings.Epsilon, settings.Epsilon.Value);
        }

        if (Rules.Finite(settings.WeightDecay, reporter) && settings.WeightDecay.Value < 0)
        {
            reporter.Report(Descriptors.WeightDecayNegative, settings.WeightDecay, settings.WeightDecay.Value);
        }
    }

    /// <summary>Warns of settings for parameters that the model does not have.</summary>
    internal static void CheckUsed(Setting<ParameterGroup> group, ArchitectureSettings architecture, Reporter reporter)
    {
        if (group.Value == ParameterGroup.OutputHead && architecture.Head.Value == HeadKind.Tied)
        {
            reporter.Report(Descriptors.OptimizerOfTiedHead, group);
        }
        else if (group.Value == ParameterGroup.InputEmbedding && architecture.HasFrozenRows)
        {
            reporter.Report(Descriptors.OptimizerOfFrozenEmbedding, group, architecture.InputEmbedding.Value);
        }
    }
}
