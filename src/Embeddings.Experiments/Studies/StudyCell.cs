using Embeddings.Models;

namespace Embeddings.Experiments.Studies;

/// <summary>One cell of a study's design: a variant trained to a budget, once per seed.</summary>
/// <param name="Variant">The variant.</param>
/// <param name="Axis">The axis on which it is compared.</param>
/// <param name="Bytes">Training text it reads.</param>
/// <param name="RateScale">Factor on the variant's learning rates.</param>
public sealed record StudyCell(Variant Variant, BudgetAxis Axis, long Bytes, double RateScale = 1)
{
    /// <summary>Names the cell in contrasts.</summary>
    public string Key => KeyOf(Variant.Name, Axis);

    /// <summary>The key of a variant on an axis.</summary>
    public static string KeyOf(string variant, BudgetAxis axis) => axis == BudgetAxis.Bytes ? variant : variant + "@flops";
}
