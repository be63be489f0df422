using System.Text.Json.Serialization;

namespace Embeddings.Training;

/// <summary>What a budget is counted in.</summary>
public enum BudgetUnit
{
    /// <summary>Bytes of training text.</summary>
    Bytes,

    /// <summary>Optimizer steps.</summary>
    Steps,

    /// <summary>Floating-point operations of forward and backward passes.</summary>
    Flops,
}

/// <summary>How long to train: the run ends with the first step that reaches the amount. The learning rate follows the same measure.</summary>
/// <param name="Unit">What is counted.</param>
/// <param name="Amount">How much of it.</param>
public sealed record TrainingBudget(
    [property: JsonConverter(typeof(JsonStringEnumConverter<BudgetUnit>))] BudgetUnit Unit, double Amount)
{
    /// <summary>A budget in bytes.</summary>
    public static TrainingBudget OfBytes(long bytes) => new(BudgetUnit.Bytes, bytes);

    /// <summary>A budget in steps.</summary>
    public static TrainingBudget OfSteps(long steps) => new(BudgetUnit.Steps, steps);

    /// <summary>A budget in floating-point operations.</summary>
    public static TrainingBudget OfFlops(double flops) => new(BudgetUnit.Flops, flops);

    /// <summary>The share that is spent, 1 where it is all spent or more.</summary>
    public double Fraction(long steps, long bytes, double flops) => Math.Min(1, Unit switch
    {
        BudgetUnit.Bytes => bytes,
        BudgetUnit.Steps => steps,
        _ => flops,
    } / Amount);

    /// <summary>The budget in words, such as <c>2000000 bytes</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Amount} {Unit.ToString().ToLowerInvariant()}");

    internal void Check()
    {
        if (!double.IsFinite(Amount) || Amount <= 0 || (Unit != BudgetUnit.Flops && Amount < 1))
        {
            throw new UserError($"A budget of {this} trains nothing; give at least 1.");
        }
    }
}
