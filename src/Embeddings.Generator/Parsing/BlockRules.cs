using System;
using Embeddings.Generator.Diagnostics;

namespace Embeddings.Generator.Parsing;

/// <summary>Which options of the block can be compiled.</summary>
internal static class BlockRules
{
    public static void Check(BlockSettings settings, ArchitectureSettings architecture, RoutesSettings routes, Reporter reporter)
    {
        Rules.Defined(settings.Initialization, reporter);
        CheckRatio(settings, architecture, reporter);
        if (Rules.Finite(settings.ResidualScale, reporter) && settings.ResidualScale.Value <= 0)
        {
            reporter.Report(Descriptors.ResidualScaleNotPositive, settings.ResidualScale, settings.ResidualScale.Value);
        }

        if (settings.HasValueTables && !settings.ValuePatternHolds(architecture.Layers.Value))
        {
            reporter.Report(Descriptors.ValuePatternInvalid, [settings.ValueTables, architecture.Layers], settings.ValueTables.Value, architecture.Layers.Value);
        }

        if (settings.HasWindow)
        {
            CheckWindow(settings, architecture, routes, reporter);
        }
    }

    private static void CheckRatio(BlockSettings settings, ArchitectureSettings architecture, Reporter reporter)
    {
        Setting<double> ratio = settings.FeedForwardRatio;
        if (!Rules.Finite(ratio, reporter))
        {
            return;
        }

        double width = Math.Ceiling(ratio.Value * architecture.Width.Value);
        if (ratio.Value < 0 || width > Limits.FeedForwardWidth || (ratio.Value > 0 && width < Limits.SmallestWidth))
        {
            reporter.Report(Descriptors.FeedForwardRatioOutOfRange, ratio, ratio.Value, Limits.FeedForwardWidth);
        }
        else if (ratio.Value > 0 && architecture.FeedForwardWidth.Value > 0)
        {
            reporter.Report(
                Descriptors.FeedForwardSaidTwice, [ratio, architecture.FeedForwardWidth], architecture.FeedForwardWidth.Value, ratio.Value);
        }
    }

    private static void CheckWindow(BlockSettings settings, ArchitectureSettings architecture, RoutesSettings routes, Reporter reporter)
    {
        Setting<int> window = settings.Window;
        if (window.Value < 1 || window.Value > architecture.Context.Value)
        {
            reporter.Report(Descriptors.WindowOutOfRange, [window, architecture.Context], window.Value, architecture.Context.Value);
        }

        if (!settings.PatternHolds)
        {
            reporter.Report(Descriptors.WindowPatternInvalid, settings.WindowPattern, settings.WindowPattern.Value ?? "null");
        }

        if (!routes.ForwardMixing.Value)
        {
            reporter.Report(
                Descriptors.RouteWithoutEffect, [window, routes.ForwardMixing], "SlidingWindow",
                "with ForwardMixing off every position sees itself alone");
        }
    }
}
