namespace Embeddings.Generator.Model;

/// <summary>Where gradients flow, as declared.</summary>
/// <param name="Table">What the learned input rows receive.</param>
/// <param name="Distance">Largest distance of a nearby gradient; 0 for every other kind.</param>
/// <param name="TableStopsAfter">Steps after which input rows are not trained; 0 is never.</param>
internal sealed record RoutesSpec(
    TableGradient Table,
    int Distance,
    int TableStopsAfter,
    bool ForwardMixing,
    bool BackwardMixing,
    bool StopQueries,
    bool StopKeys,
    bool StopValues)
{
    /// <summary>Nothing is cut.</summary>
    public static readonly RoutesSpec Default = new(TableGradient.Full, 0, 0, true, true, false, false, false);

    /// <summary>Whether input rows receive another gradient than the rest, or stop receiving theirs.</summary>
    public bool RoutesTable => (Table is not (TableGradient.Full or TableGradient.None)) || TableStopsAfter > 0;
}
