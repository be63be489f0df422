using Embeddings.Generator.Diagnostics;

namespace Embeddings.Generator.Parsing;

/// <summary>Which optimizer steps and schedules can be compiled.</summary>
internal static class TrainingRules
{
    /// <summary>Sums of fractions such as 0.9 + 0.1 may exceed 1 by rounding only.</summary>
    private const double Rounding = 1e-9;

    public static void Check(TrainingSettings settings, ArchitectureSettings architecture, Reporter reporter)
    {
        CheckSizes(settings, architecture, reporter);
        CheckSchedule(settings, reporter);
        if (Rules.Finite(settings.ClipNorm, reporter) && settings.ClipNorm.Value < 0)
        {
            reporter.Report(Descriptors.ClipNormNegative, settings.ClipNorm, settings.ClipNorm.Value);
        }
    }

    private static void CheckSizes(TrainingSettings settings, ArchitectureSettings architecture, Reporter reporter)
    {
        Setting<int> batch = settings.BatchSize;
        Setting<int> context = architecture.Context;
        Rules.Size(settings.AccumulationSteps, Limits.AccumulationSteps, reporter);
        if (!Rules.Size(batch, Limits.BatchSize, reporter) || context.Value is < 1 or > Limits.Context)
        {
            return;
        }

        long tokens = (long)batch.Value * context.Value;
        if (tokens > Limits.TokensInPass)
        {
            reporter.Report(
                Descriptors.TooManyTokensInPass, [batch, context], batch.Value, context.Value, tokens, Limits.TokensInPass);
        }
    }

    private static void CheckSchedule(TrainingSettings settings, Reporter reporter)
    {
        Setting<double> warmup = settings.WarmupFraction;
        Setting<double> decay = settings.DecayFraction;
        Setting<double> final = settings.FinalFraction;

        bool warmupHolds = Rules.Finite(warmup, reporter);
        if (warmupHolds && warmup.Value is < 0 or >= 1)
        {
            reporter.Report(Descriptors.WarmupFractionOutOfRange, warmup, warmup.Value);
            warmupHolds = false;
        }

        bool decayHolds = Rules.Finite(decay, reporter);
        if (decayHolds && decay.Value is <= 0 or > 1)
        {
            reporter.Report(Descriptors.DecayFractionOutOfRange, decay, decay.Value);
            decayHolds = false;
        }

        bool finalHolds = Rules.Finite(final, reporter);
        if (finalHolds && final.Value is < 0 or > 1)
        {
            reporter.Report(Descriptors.FinalFractionOutOfRange, final, final.Value);
            finalHolds = false;
        }

        if (!Rules.Defined(settings.Schedule, reporter))
        {
            return;
        }

        ScheduleKind kind = settings.Schedule.Value;
        if (kind == ScheduleKind.WarmupStableDecay)
        {
            if (warmupHolds && decayHolds && warmup.Value + decay.Value > 1 + Rounding)
            {
                reporter.Report(Descriptors.WarmupAndDecayOverlap, [decay, warmup, settings.Schedule], warmup.Value, decay.Value);
            }

            return;
        }

        if (decayHolds && reporter.IsOwn(decay.Origin))
        {
            reporter.Report(
                Descriptors.ScheduleSettingUnused, decay, decay.Name, kind, nameof(ScheduleKind.WarmupStableDecay));
        }

        if (kind == ScheduleKind.Constant && finalHolds && reporter.IsOwn(final.Origin))
        {
            reporter.Report(
                Descriptors.ScheduleSettingUnused, final, final.Name, kind,
                $"{nameof(ScheduleKind.Cosine)}, {nameof(ScheduleKind.Linear)} or {nameof(ScheduleKind.WarmupStableDecay)}");
        }
    }
}
