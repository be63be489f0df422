using System;

namespace Embeddings;

/// <summary>Declares how the learning rate moves over a run. Default: cosine to 10 % with 5 % warm-up.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class LearningRateScheduleAttribute : Attribute
{
    /// <summary>Declares the schedule.</summary>
    public LearningRateScheduleAttribute(ScheduleKind kind) => Kind = kind;

    /// <summary>The shape after warm-up.</summary>
    public ScheduleKind Kind { get; }

    /// <summary>Share of the run in which the rate rises linearly from 0, in [0, 1).</summary>
    public double WarmupFraction { get; set; } = 0.05;

    /// <summary>Share of the run, at its end, in which <see cref="ScheduleKind.WarmupStableDecay"/> falls, in (0, 1].</summary>
    public double DecayFraction { get; set; } = 0.2;

    /// <summary>Rate at the end as a share of the peak, in [0, 1].</summary>
    public double FinalFraction { get; set; } = 0.1;
}
