using System.Collections.Immutable;

namespace Embeddings.Models;

/// <summary>The declared optimizer step.</summary>
public sealed record TrainingDescription
{
    /// <summary>Sequences in a pass, B.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Passes averaged into a step.</summary>
    public required int AccumulationSteps { get; init; }

    /// <summary>Largest global gradient norm; 0 is no clipping.</summary>
    public required double ClipNorm { get; init; }

    /// <summary>Shape of the learning rate.</summary>
    public required ScheduleKind Schedule { get; init; }

    /// <summary>Share of the run that warms up.</summary>
    public required double WarmupFraction { get; init; }

    /// <summary>Share of the run that decays (warm-up–stable–decay only).</summary>
    public required double DecayFraction { get; init; }

    /// <summary>Final rate as a share of the peak.</summary>
    public required double FinalFraction { get; init; }

    /// <summary>Optimizer settings: input embedding, output head, body, in this order.</summary>
    public required ImmutableArray<GroupSettings> Groups { get; init; }

    /// <summary>The settings of one group.</summary>
    public GroupSettings Group(ParameterGroup group) => Groups.First(settings => settings.Group == group);
}
