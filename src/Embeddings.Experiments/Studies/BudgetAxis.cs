namespace Embeddings.Experiments.Studies;

/// <summary>What two arms have spent equally when they are compared.</summary>
public enum BudgetAxis
{
    /// <summary>Bytes of training text.</summary>
    Bytes,

    /// <summary>Floating-point operations of training, the head's included.</summary>
    Flops,
}
