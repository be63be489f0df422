namespace Embeddings.Models;

/// <summary>Where gradients flow, as declared; the default cuts nothing. See <see cref="GradientRoutesAttribute"/>.</summary>
public sealed record RoutesDescription
{
    /// <summary>Nothing is cut.</summary>
    public static readonly RoutesDescription Default = new();

    /// <summary>What the learned input rows receive.</summary>
    public TableGradient Table { get; init; } = TableGradient.Full;

    /// <summary>Largest distance of <see cref="TableGradient.Nearby"/>, in positions.</summary>
    public int Distance { get; init; }

    /// <summary>Steps after which input rows are no longer trained; 0 is never.</summary>
    public int TableStopsAfter { get; init; }

    /// <summary>Whether a position attends to earlier ones.</summary>
    public bool ForwardMixing { get; init; } = true;

    /// <summary>Whether gradients flow through attention to earlier positions.</summary>
    public bool BackwardMixing { get; init; } = true;

    /// <summary>Whether queries are constants of the backward pass.</summary>
    public bool StopQueries { get; init; }

    /// <summary>Whether keys are constants of the backward pass.</summary>
    public bool StopKeys { get; init; }

    /// <summary>Whether values are constants of the backward pass.</summary>
    public bool StopValues { get; init; }

    /// <summary>Whether the gradient that a pass computes is that of its loss, for every parameter that is trained.</summary>
    public bool IsWholeGradient =>
        Table is TableGradient.Full or TableGradient.None && (BackwardMixing || !ForwardMixing) && !StopQueries && !StopKeys && !StopValues;
}
