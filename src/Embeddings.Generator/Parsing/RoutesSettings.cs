using System.Linq;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Parsing;

/// <summary>The resolved properties of <c>[GradientRoutes]</c>.</summary>
internal sealed record RoutesSettings(
    Setting<TableGradient> Table,
    Setting<int> Distance,
    Setting<int> TableStopsAfter,
    Setting<bool> ForwardMixing,
    Setting<bool> BackwardMixing,
    Setting<bool> StopQueries,
    Setting<bool> StopKeys,
    Setting<bool> StopValues)
{
    public static RoutesSettings Read(InheritanceChain chain)
    {
        Application[] routes = chain.Applications(typeof(GradientRoutesAttribute)).ToArray();
        GradientRoutesAttribute defaults = Defaults.Routes;

        Setting<T> Routes<T>(string name, T whenNotSaid) => Setting<T>.Resolve(routes, name, whenNotSaid);

        return new RoutesSettings(
            Routes(nameof(defaults.Table), defaults.Table),
            Routes(nameof(defaults.Distance), defaults.Distance),
            Routes(nameof(defaults.TableStopsAfter), defaults.TableStopsAfter),
            Routes(nameof(defaults.ForwardMixing), defaults.ForwardMixing),
            Routes(nameof(defaults.BackwardMixing), defaults.BackwardMixing),
            Routes(nameof(defaults.StopQueries), defaults.StopQueries),
            Routes(nameof(defaults.StopKeys), defaults.StopKeys),
            Routes(nameof(defaults.StopValues), defaults.StopValues));
    }

    public RoutesSpec ToSpec() => new(
        Table.Value,
        Table.Value == TableGradient.Nearby ? Distance.Value : 0,
        TableStopsAfter.Value,
        ForwardMixing.Value,
        BackwardMixing.Value,
        StopQueries.Value,
        StopKeys.Value,
        StopValues.Value);
}
