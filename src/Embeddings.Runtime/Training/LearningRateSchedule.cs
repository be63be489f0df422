using Embeddings.Models;

namespace Embeddings.Training;

/// <summary>
/// The factor on every group's learning rate as a function of the share of the budget spent: a linear rise over the warm-up, then
/// constant; or linear or half a cosine (arXiv 1608.03983, without restarts) down to the final share; or stable and then linear down to
/// the final share (arXiv 2404.06395). A step takes the factor at its own end, so the first is not lost to a rate of 0.
/// </summary>
public sealed class LearningRateSchedule
{
    private readonly ScheduleKind _kind;
    private readonly double _warmup;
    private readonly double _decay;
    private readonly double _final;

    /// <summary>The schedule that a variant declares.</summary>
    /// <exception cref="UserError">Shares are out of range, or warm-up and decay together exceed the run.</exception>
    public LearningRateSchedule(TrainingDescription training)
    {
        _kind = training.Schedule;
        _warmup = training.WarmupFraction;
        _decay = training.DecayFraction;
        _final = training.FinalFraction;
        if (_warmup is not (>= 0 and < 1) || _final is not (>= 0 and <= 1)
            || (_kind == ScheduleKind.WarmupStableDecay && (_decay is not (> 0 and <= 1) || _warmup + _decay > 1)))
        {
            throw new UserError(
                $"The schedule's warm-up of {_warmup}, decay of {_decay} and final share of {_final} do not fit into one run; give shares of it.");
        }
    }

    /// <summary>
    /// The factor in a cooldown branch: linear from the peak, where the branch left its trunk, down to the final share at the end of the
    /// branch's own budget (arXiv 2405.18392).
    /// </summary>
    /// <param name="start">Share of the branch's budget that the trunk had spent, in [0, 1).</param>
    /// <param name="fraction">Share of the branch's budget spent, in (start, 1].</param>
    public double Cooldown(double start, double fraction) => 1 - (1 - _final) * ((fraction - start) / (1 - start));

    /// <summary>The factor.</summary>
    /// <param name="fraction">Share of the budget spent, in (0, 1].</param>
    public double Factor(double fraction)
    {
        if (fraction < _warmup)
        {
            return fraction / _warmup;
        }

        switch (_kind)
        {
            case ScheduleKind.Cosine:
                double share = (fraction - _warmup) / (1 - _warmup);
                return _final + (1 - _final) * 0.5 * (1 + Math.Cos(Math.PI * share));
            case ScheduleKind.Linear:
                return 1 - (1 - _final) * (fraction - _warmup) / (1 - _warmup);
            case ScheduleKind.WarmupStableDecay:
                double decayed = (fraction - (1 - _decay)) / _decay;
                return decayed <= 0 ? 1 : 1 - (1 - _final) * decayed;
            default:
                return 1;
        }
    }
}
