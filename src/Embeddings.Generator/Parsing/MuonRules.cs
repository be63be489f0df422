using System.Collections.Generic;
using Embeddings.Generator.Diagnostics;
using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Parsing;

/// <summary>Which Muon settings can be compiled.</summary>
internal static class MuonRules
{
    public static void Check(InheritanceChain chain, TrainingSettings training, ArchitectureSettings architecture, Reporter reporter)
    {
        foreach (MuonSettings? settings in training.Muon)
        {
            if (settings is not null)
            {
                CheckValues(settings, reporter);
            }
        }

        var seen = new HashSet<ParameterGroup>();
        foreach (AttributeData data in chain.Own.FindAll(typeof(MuonAttribute)))
        {
            var application = new Application(chain.Own, data);
            if (MuonSettings.GroupOf(application) is not { } group)
            {
                continue;
            }

            CheckValues(MuonSettings.Read([application]), reporter);
            var setting = new Setting<ParameterGroup>(nameof(MuonAttribute.Group), group, application);
            if (Rules.Defined(setting, reporter) && !seen.Add(group))
            {
                reporter.Report(Descriptors.DuplicateOptimizerGroup, setting, chain.Own.Type.Name, "Muon", group);
            }

            OptimizerRules.CheckUsed(setting, architecture, reporter);
        }
    }

    private static void CheckValues(MuonSettings settings, Reporter reporter)
    {
        if (Rules.Finite(settings.LearningRate, reporter) && settings.LearningRate.Value <= 0)
        {
            reporter.Report(Descriptors.LearningRateNotPositive, settings.LearningRate, settings.LearningRate.Value);
        }

        if (Rules.Finite(settings.Momentum, reporter) && settings.Momentum.Value is < 0 or >= 1)
        {
            reporter.Report(Descriptors.BetaOutOfRange, settings.Momentum, settings.Momentum.Name, settings.Momentum.Value);
        }

        if (Rules.Finite(settings.WeightDecay, reporter) && settings.WeightDecay.Value < 0)
        {
            reporter.Report(Descriptors.WeightDecayNegative, settings.WeightDecay, settings.WeightDecay.Value);
        }

        if (settings.Iterations.Value is < 1 or > Limits.NewtonSchulzIterations)
        {
            reporter.Report(
                Descriptors.NewtonSchulzIterationsOutOfRange, settings.Iterations, settings.Iterations.Value, Limits.NewtonSchulzIterations);
        }
    }
}
