using System;

namespace Embeddings;

/// <summary>
/// Declares where gradients flow. The loss and its value are those of the plain model except with <see cref="ForwardMixing"/> off;
/// everything else cuts the backward pass only. Default: nothing is cut.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class GradientRoutesAttribute : Attribute
{
    /// <summary>What the learned input rows (the table, or the vectors that rows are composed of) receive. All else is not touched by this.</summary>
    public TableGradient Table { get; set; } = TableGradient.Full;

    /// <summary>Largest distance R from a row to a target in positions, from 0 (own position) to T − 1; for <see cref="TableGradient.Nearby"/>.</summary>
    public int Distance { get; set; }

    /// <summary>Optimizer steps after which the input rows are no longer trained and keep their bits; 0 trains them to the end.</summary>
    public int TableStopsAfter { get; set; }

    /// <summary>
    /// Whether a position attends to earlier ones. Off: every position attends to itself alone, so that the model is a bigram model with
    /// the parameters of the whole one.
    /// </summary>
    public bool ForwardMixing { get; set; } = true;

    /// <summary>
    /// Whether gradients flow through attention to earlier positions. Off: keys and values of earlier positions are constants for every
    /// parameter ("myopic", arXiv 2404.00859), while the forward pass mixes as declared.
    /// </summary>
    public bool BackwardMixing { get; set; } = true;

    /// <summary>Whether queries, as attention reads them, are constants of the backward pass.</summary>
    public bool StopQueries { get; set; }

    /// <summary>Whether keys, as attention reads them, are constants of the backward pass.</summary>
    public bool StopKeys { get; set; }

    /// <summary>Whether values, as attention reads them, are constants of the backward pass.</summary>
    public bool StopValues { get; set; }
}
