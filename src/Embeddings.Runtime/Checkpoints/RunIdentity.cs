using System.Security.Cryptography;

namespace Embeddings.Checkpoints;

/// <summary>What makes a run the run it is: two runs of equal identity and budget end with the same bits.</summary>
public sealed record RunIdentity
{
    /// <summary>Name of the declared class.</summary>
    public required string Variant { get; init; }

    /// <summary>Hash of its declaration.</summary>
    public required string DeclarationHash { get; init; }

    /// <summary>Identity of the tokenizer.</summary>
    public required string Tokenizer { get; init; }

    /// <summary>Identity of the inputs' tokenizer; null where it is the same.</summary>
    public string? InputTokenizer { get; init; }

    /// <summary>Identity of the tokenizer of the second input table; null where there is none.</summary>
    public string? SecondTokenizer { get; init; }

    /// <summary>Hash of the tokens that have suffix rows; null where there are none.</summary>
    public string? SuffixTokens { get; init; }

    /// <summary>Hash of the documents trained on.</summary>
    public required string TrainingData { get; init; }

    /// <summary>Hash of the documents measured on.</summary>
    public required string ValidationData { get; init; }

    /// <summary>Seed of initial values and of the order of documents.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Factor on every declared learning rate.</summary>
    public double RateScale { get; init; } = 1;

    /// <summary>SHA-256 of tokens, each behind its length, in hexadecimal.</summary>
    public static string HashOf(IReadOnlyList<byte[]> tokens)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] token in tokens)
        {
            hash.AppendData(BitConverter.GetBytes(token.Length));
            hash.AppendData(token);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What tells this from another identity, in words, or null where they are equal.</summary>
    public string? DifferenceFrom(RunIdentity other) =>
        Variant != other.Variant ? $"the variant {other.Variant}, not {Variant}"
        : DeclarationHash != other.DeclarationHash ? $"another declaration of {Variant}"
        : Tokenizer != other.Tokenizer ? "another tokenizer"
        : InputTokenizer != other.InputTokenizer ? "another input tokenizer"
        : SecondTokenizer != other.SecondTokenizer ? "another tokenizer of the second input table"
        : SuffixTokens != other.SuffixTokens ? "other suffix tokens"
        : TrainingData != other.TrainingData ? "other training data"
        : ValidationData != other.ValidationData ? "other validation data"
        : Seed != other.Seed ? $"seed {other.Seed}, not {Seed}"
        : RateScale != other.RateScale ? FormattableString.Invariant($"learning rates times {other.RateScale}, not {RateScale}")
        : null;
}
