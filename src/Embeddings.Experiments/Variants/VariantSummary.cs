using System.Globalization;
using Embeddings.Models;

namespace Embeddings.Experiments.Variants;

/// <summary>What a variant is and costs.</summary>
internal sealed record VariantSummary
{
    /// <summary>The class's name.</summary>
    public required string Variant { get; init; }

    /// <summary>The tokenizer in words.</summary>
    public required string Tokenizer { get; init; }

    /// <summary>Entries, V.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>What input rows are made of.</summary>
    public required EmbeddingKind InputEmbedding { get; init; }

    /// <summary>Where the head's matrix comes from.</summary>
    public required HeadKind OutputHead { get; init; }

    /// <summary>Parameters of input rows; with a tied head, of the shared table.</summary>
    public required long InputParameters { get; init; }

    /// <summary>Parameters of an untied head.</summary>
    public required long OutputParameters { get; init; }

    /// <summary>All other parameters.</summary>
    public required long BodyParameters { get; init; }

    /// <summary>Parameters that are trained.</summary>
    public required long TrainableParameters { get; init; }

    /// <summary>Entries of the inputs' vocabulary.</summary>
    public required int InputVocabularySize { get; init; }

    /// <summary>Entries of the second input table; 0 for none.</summary>
    public required int SecondVocabularySize { get; init; }

    /// <summary>Targets further ahead than the next token.</summary>
    public required int FutureTargets { get; init; }

    /// <summary>Floating-point operations of forward and backward for a token.</summary>
    public required double FlopsPerToken { get; init; }

    /// <summary>The mean length of a token on held-out text; null where no tokenizer of this size can be trained on the text.</summary>
    public required double? BytesPerToken { get; init; }

    /// <summary>Floating-point operations of forward and backward for a byte of text.</summary>
    public double? FlopsPerByte => FlopsPerToken / BytesPerToken;

    /// <summary>What training holds in memory.</summary>
    public required VariantMemory MemoryMiB { get; init; }

    /// <summary>Describes a variant.</summary>
    /// <param name="model">The variant.</param>
    /// <param name="bytesPerToken">As measured, or null.</param>
    public static VariantSummary Of(ModelDescription model, double? bytesPerToken) => new()
    {
        Variant = model.Name,
        Tokenizer = Name(model.Tokenizer),
        VocabularySize = model.VocabularySize,
        InputVocabularySize = model.InputVocabularySize,
        SecondVocabularySize = model.Architecture.SecondVocabulary,
        FutureTargets = model.Architecture.FutureWeights.Length,
        InputEmbedding = model.Architecture.InputEmbedding,
        OutputHead = model.Architecture.Head,
        InputParameters = model.GroupCount(ParameterGroup.InputEmbedding),
        OutputParameters = model.GroupCount(ParameterGroup.OutputHead),
        BodyParameters = model.GroupCount(ParameterGroup.Body),
        TrainableParameters = model.TrainableCount,
        FlopsPerToken = model.Flops(1, bytesPerToken ?? 1),
        BytesPerToken = bytesPerToken,
        MemoryMiB = VariantMemory.Of(model),
    };

    private static string Name(TokenizerDescription tokenizer)
    {
        string size = tokenizer.VocabularySize.ToString(CultureInfo.InvariantCulture);
        string cut = tokenizer.PreTokenization.ToString().ToLowerInvariant();
        return tokenizer.Kind switch
        {
            TokenizerKind.Bytes => "bytes",
            TokenizerKind.ByteLevelBpe => $"bpe {size} {cut}",
            TokenizerKind.RandomMerges => $"random merges {size} {cut}",
            TokenizerKind.WordList => $"word list {size}",
            _ => $"{Path.GetFileName(tokenizer.Path)} {size}",
        };
    }
}

/// <summary>MiB that training in single precision holds.</summary>
/// <param name="Parameters">Of parameters.</param>
/// <param name="Gradients">Of their gradients.</param>
/// <param name="Optimizer">Of AdamW's two moments.</param>
/// <param name="Activations">Of what forward keeps for backward, and temporaries, at the declared batch.</param>
internal sealed record VariantMemory(double Parameters, double Gradients, double Optimizer, double Activations)
{
    /// <summary>All of it.</summary>
    public double Total => Parameters + Gradients + Optimizer + Activations;

    /// <summary>Counts it for a variant.</summary>
    public static VariantMemory Of(ModelDescription model)
    {
        const double MiB = 1 << 20;
        long tokens = (long)model.Training.BatchSize * model.Architecture.Context;
        return new VariantMemory(
            sizeof(float) * model.ParameterCount / MiB,
            sizeof(float) * model.GradientCount / MiB,
            2 * sizeof(float) * model.TrainableCount / MiB,
            sizeof(float) * (model.ActivationsPerToken + model.LossesPerToken) * tokens / MiB);
    }
}
