using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Parsing;

/// <summary>The resolved properties of <c>[Training]</c>, <c>[LearningRateSchedule]</c> and <c>[AdamW]</c>.</summary>
internal sealed record TrainingSettings(
    Setting<int> BatchSize,
    Setting<int> AccumulationSteps,
    Setting<double> ClipNorm,
    Setting<ScheduleKind> Schedule,
    Setting<double> WarmupFraction,
    Setting<double> DecayFraction,
    Setting<double> FinalFraction,
    IReadOnlyList<OptimizerSettings> Groups)
{
    /// <summary>Muon of each group, in the same order; null where AdamW holds.</summary>
    public IReadOnlyList<MuonSettings?> Muon { get; init; } = [];

    /// <summary>Whether the backward computes blocks again.</summary>
    public required Setting<bool> Recompute { get; init; }

    public static TrainingSettings Read(InheritanceChain chain)
    {
        Application[] training = chain.Applications(typeof(TrainingAttribute)).ToArray();
        Application[] schedule = chain.Applications(typeof(LearningRateScheduleAttribute)).ToArray();

        Setting<double> Schedule(string name, double whenNotSaid) => Setting<double>.Resolve(schedule, name, whenNotSaid);

        return new TrainingSettings(
            Setting<int>.Resolve(training, nameof(TrainingAttribute.BatchSize), Defaults.Training.BatchSize),
            Setting<int>.Resolve(training, nameof(TrainingAttribute.AccumulationSteps), Defaults.Training.AccumulationSteps),
            Setting<double>.Resolve(training, nameof(TrainingAttribute.ClipNorm), Defaults.Training.ClipNorm),
            Setting<ScheduleKind>.Resolve(schedule, nameof(LearningRateScheduleAttribute.Kind), Defaults.Schedule.Kind),
            Schedule(nameof(LearningRateScheduleAttribute.WarmupFraction), Defaults.Schedule.WarmupFraction),
            Schedule(nameof(LearningRateScheduleAttribute.DecayFraction), Defaults.Schedule.DecayFraction),
            Schedule(nameof(LearningRateScheduleAttribute.FinalFraction), Defaults.Schedule.FinalFraction),
            OptimizerSettings.ReadAll(chain))
        {
            Recompute = Setting<bool>.Resolve(training, nameof(TrainingAttribute.Recompute), Defaults.Training.Recompute),
            Muon = OptimizerSettings.ReadAll(chain).Select(group => MuonSettings.Read(chain, group.Group)).ToArray(),
        };
    }

    /// <param name="width">C.</param>
    /// <param name="vocabulary">V.</param>
    public TrainingSpec ToSpec(int width, int vocabulary) => new(
        BatchSize.Value,
        AccumulationSteps.Value,
        ClipNorm.Value,
        Schedule.Value,
        WarmupFraction.Value,
        DecayFraction.Value,
        FinalFraction.Value,
        new EquatableArray<GroupSpec>(Groups.Zip(
            Muon, (group, muon) => group.ToSpec(width, vocabulary) with { Muon = muon?.ToSpec() })))
    {
        Recompute = Recompute.Value,
    };
}
