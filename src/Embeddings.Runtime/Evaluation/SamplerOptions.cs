namespace Embeddings.Evaluation;

/// <summary>How to draw text from a model.</summary>
public sealed record SamplerOptions
{
    /// <summary>Logits are divided by it; 0 takes the likeliest token each time.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Draw among this many likeliest tokens; 0 for all.</summary>
    public int TopK { get; init; }

    /// <summary>Tokens to draw.</summary>
    public int Tokens { get; init; } = 256;

    /// <summary>Seed of the draws.</summary>
    public ulong Seed { get; init; }

    internal void Check()
    {
        if (!double.IsFinite(Temperature) || Temperature < 0)
        {
            throw new UserError($"A temperature of {Temperature} is not possible; give 0 or more.");
        }

        if (TopK < 0)
        {
            throw new UserError($"Drawing among the {TopK} likeliest tokens is not possible; give 1 or more, or 0 for all.");
        }

        if (Tokens < 1)
        {
            throw new UserError($"Drawing {Tokens} tokens is not possible; give at least 1.");
        }
    }
}
