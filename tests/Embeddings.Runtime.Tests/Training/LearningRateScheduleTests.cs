using CsCheck;
using Embeddings.Models;
using Embeddings.Training;

namespace Embeddings.Runtime.Tests.Training;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(ScheduleKind.Constant, 0.1, 1, 0.5, 1, 1)]
    [InlineData(ScheduleKind.Cosine, 0.1, 1, 0.55, 0.55, 0.1)] // half way between warm-up and end: half way between 1 and 0.1
    [InlineData(ScheduleKind.Linear, 0.1, 1, 0.55, 0.55, 0.1)] // half way between warm-up and end
    [InlineData(ScheduleKind.WarmupStableDecay, 0.1, 1, 0.9, 0.55, 0.1)] // half way down the last fifth
    public void The_factor_at_the_end_of_warm_up_in_between_and_at_the_end(
        ScheduleKind kind, double first, double atFirst, double middle, double atMiddle, double atEnd)
    {
        LearningRateSchedule schedule = Schedule(kind, 0.1, 0.2, 0.1);
        Assert.Equal(atFirst, schedule.Factor(first), 1e-12);
        Assert.Equal(atMiddle, schedule.Factor(middle), 1e-12);
        Assert.Equal(atEnd, schedule.Factor(1), 1e-12);
        Assert.Equal(0.5, schedule.Factor(0.05), 1e-12);
    }

    [Fact]
    public void Stable_means_the_peak_until_the_decay_begins()
    {
        LearningRateSchedule schedule = Schedule(ScheduleKind.WarmupStableDecay, 0.1, 0.2, 0);
        Assert.All([0.1, 0.3, 0.5, 0.8], fraction => Assert.Equal(1, schedule.Factor(fraction)));
        Assert.True(schedule.Factor(0.81) < 1);
    }

    [Fact]
    public void Without_warm_up_the_first_step_has_nearly_the_peak() =>
        Assert.Equal(1, Schedule(ScheduleKind.Cosine, 0, 0.2, 0.1).Factor(0.001), 1e-4);

    [Fact]
    public void The_factor_rises_to_the_peak_falls_to_the_final_share_and_never_leaves_that_range() =>
        Gen.Select(Gen.Enum<ScheduleKind>(), Gen.Double[0, 0.5], Gen.Double[0.01, 0.5], Gen.Double[0, 1], Gen.Double[0, 1], Gen.Double[0, 1])
            .Sample((kind, warmup, decay, final, a, b) =>
            {
                LearningRateSchedule schedule = Schedule(kind, warmup, decay, final);
                (double early, double late) = (schedule.Factor(Math.Min(a, b)), schedule.Factor(Math.Max(a, b)));
                Assert.InRange(early, 0, 1);
                if (Math.Max(a, b) < warmup)
                {
                    Assert.True(early <= late);
                }
                else if (Math.Min(a, b) >= warmup)
                {
                    Assert.True(late <= early + 1e-12);
                    Assert.InRange(late, final - 1e-12, 1);
                }
            });

    [Theory]
    [InlineData(1, 0.2, 0.1)]
    [InlineData(-0.1, 0.2, 0.1)]
    [InlineData(0.1, 0, 0.1)]
    [InlineData(0.6, 0.6, 0.1)]
    [InlineData(0.1, 0.2, 1.5)]
    [InlineData(double.NaN, 0.2, 0.1)]
    public void Shares_that_do_not_fit_into_a_run_are_refused(double warmup, double decay, double final) =>
        Assert.Throws<UserError>(() => Schedule(ScheduleKind.WarmupStableDecay, warmup, decay, final));

    private static LearningRateSchedule Schedule(ScheduleKind kind, double warmup, double decay, double final) => new(
        SmallModel.Variant().Description.Training with
        {
            Schedule = kind, WarmupFraction = warmup, DecayFraction = decay, FinalFraction = final,
        });
}
