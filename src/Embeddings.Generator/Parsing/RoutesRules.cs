using Embeddings.Generator.Diagnostics;

namespace Embeddings.Generator.Parsing;

/// <summary>Which gradient routes can be compiled.</summary>
internal static class RoutesRules
{
    public static void Check(RoutesSettings settings, ArchitectureSettings architecture, TrainingSettings training, Reporter reporter)
    {
        CheckStop(settings, reporter);
        if (!Rules.Defined(settings.Table, reporter))
        {
            return;
        }

        TableGradient table = settings.Table.Value;
        if (table != TableGradient.Full || settings.TableStopsAfter.Value > 0)
        {
            CheckRows(settings, architecture, reporter);
        }

        CheckDistance(settings, architecture, reporter);
        CheckMixing(settings, reporter);
        if (table == TableGradient.Nearby && training.Recompute.Value)
        {
            reporter.Report(Descriptors.RecomputedNearby, [settings.Table, training.Recompute]);
        }

        if (table == TableGradient.CrossPositionPermuted && training.BatchSize.Value == 1)
        {
            reporter.Report(Descriptors.PermutedTargetsOfOneSequence, [settings.Table, training.BatchSize]);
        }
    }

    private static void CheckStop(RoutesSettings settings, Reporter reporter)
    {
        Setting<int> stop = settings.TableStopsAfter;
        if (stop.Value < 0)
        {
            reporter.Report(Descriptors.TableStopNegative, stop, stop.Value);
        }
        else if (stop.Value > 0 && settings.Table.Value == TableGradient.None)
        {
            reporter.Report(Descriptors.RouteWithoutEffect, [stop, settings.Table], stop.Name, "rows with Table = None are never trained");
        }
    }

    /// <summary>A route needs learned input rows that nothing else trains.</summary>
    private static void CheckRows(RoutesSettings settings, ArchitectureSettings architecture, Reporter reporter)
    {
        Setting route = settings.Table.Value != TableGradient.Full ? settings.Table : settings.TableStopsAfter;
        if (architecture.Head.Value is HeadKind.Tied or HeadKind.TiedThenUntied)
        {
            reporter.Report(Descriptors.RouteOfTiedTable, [route, architecture.Head], route.Name);
        }

        if (architecture.HasFrozenRows)
        {
            reporter.Report(Descriptors.RouteOfFrozenRows, [route, architecture.InputEmbedding], route.Name, architecture.InputEmbedding.Value);
        }
    }

    private static void CheckDistance(RoutesSettings settings, ArchitectureSettings architecture, Reporter reporter)
    {
        Setting<int> distance = settings.Distance;
        if (settings.Table.Value == TableGradient.Nearby)
        {
            int most = architecture.Context.Value - 1;
            if (distance.Value < 0 || distance.Value > most)
            {
                reporter.Report(Descriptors.DistanceOutOfRange, [distance, architecture.Context], distance.Value, most);
            }
        }
        else if (reporter.IsOwn(distance.Origin))
        {
            reporter.Report(Descriptors.RouteWithoutEffect, distance, distance.Name, "only Table = Nearby has a distance");
        }
    }

    /// <summary>Without mixing there is no gradient across positions, and all of it is at the own position.</summary>
    private static void CheckMixing(RoutesSettings settings, Reporter reporter)
    {
        Setting<bool> mixing = settings.ForwardMixing.Value ? settings.BackwardMixing : settings.ForwardMixing;
        if (mixing.Value)
        {
            return;
        }

        TableGradient table = settings.Table.Value;
        if (table is TableGradient.CrossPosition or TableGradient.CrossPositionPermuted)
        {
            reporter.Report(Descriptors.NoGradientAcrossPositions, [settings.Table, mixing], table, mixing.Name);
        }
        else if (table is TableGradient.OwnPosition or TableGradient.Nearby)
        {
            reporter.Report(
                Descriptors.RouteWithoutEffect, [settings.Table, mixing], $"Table = {table}", $"with {mixing.Name} off every gradient is at its own position");
        }
    }
}
