using System;
using Embeddings.Generator.Diagnostics;

namespace Embeddings.Generator.Parsing;

/// <summary>Which further targets can be compiled.</summary>
internal static class FutureRules
{
    public static void Check(FutureSettings settings, ArchitectureSettings architecture, RoutesSettings routes, Reporter reporter)
    {
        if (!settings.IsDeclared)
        {
            return;
        }

        int most = Math.Min(Limits.FutureTargets, architecture.Context.Value - 1);
        if (settings.Count.Value < 1 || settings.Count.Value > most)
        {
            reporter.Report(
                Descriptors.FutureTargetsOutOfRange, [settings.Count, architecture.Context], settings.Count.Value, most, architecture.Context.Value);
        }

        Rules.Defined(settings.Kind, reporter);
        if (Rules.Finite(settings.Weight, reporter) && settings.Weight.Value <= 0)
        {
            reporter.Report(Descriptors.FutureWeightNotPositive, settings.Weight, settings.Weight.Value);
        }

        if (Rules.Finite(settings.Falloff, reporter) && settings.Falloff.Value is <= 0 or > 1)
        {
            reporter.Report(Descriptors.FutureFalloffOutOfRange, settings.Falloff, settings.Falloff.Value);
        }

        if (routes.Table.Value == TableGradient.CrossPositionPermuted)
        {
            reporter.Report(Descriptors.FutureTargetsPermuted, [settings.Count, routes.Table]);
        }
    }
}
