using System.Text.Json.Nodes;
using Embeddings.Models;

namespace Embeddings.Experiments.Exports;

/// <summary>What all loaders have in common.</summary>
internal static class LoaderShapes
{
    /// <summary>Epsilon of every norm, as the compiler prints it.</summary>
    public const double NormEpsilon = 1e-5;

    /// <summary>
    /// An architecture of the same sizes in which everything optional is as the common loaders have it: a model equal to a variation of
    /// it has nothing else that they would pass over, whatever may be declared.
    /// </summary>
    public static ArchitectureDescription Common(ArchitectureDescription shape) => new()
    {
        Layers = shape.Layers,
        Width = shape.Width,
        Heads = shape.Heads,
        KeyValueHeads = shape.KeyValueHeads,
        Context = shape.Context,
        FeedForwardWidth = shape.FeedForwardWidth,
        Norm = NormKind.LayerNorm,
        Positions = PositionKind.Learned,
        FeedForward = FeedForwardKind.Gelu,
        Biases = shape.Biases,
        QueryKeyNorm = false,
        LogitSoftCap = 0,

        // Rows are exported as they enter the first block, so what they are made of does not matter.
        EmbeddingNorm = shape.EmbeddingNorm,
        InputEmbedding = shape.InputEmbedding,
        SpellingPositions = shape.SpellingPositions,
        Head = shape.Head,

        // How it started does not matter either.
        Initialization = shape.Initialization,
    };

    /// <summary>Whether an input row is a row of the table, or the scaled sum of rows that a spelling names, and nothing more.</summary>
    public static bool HasPlainRows(ModelDescription model)
    {
        string? own = model.Architecture.InputEmbedding switch
        {
            EmbeddingKind.Table or EmbeddingKind.FrozenRandom => "Embedding.Table",
            EmbeddingKind.ByteSum or EmbeddingKind.Composed or EmbeddingKind.ComposedPermuted => "Embedding.Composition",
            _ => null,
        };
        return model.Parameters.Where(block => block.Group == ParameterGroup.InputEmbedding).Select(block => block.Name).SequenceEqual([own]);
    }

    /// <summary>The entries of <c>config.json</c> that every loader reads.</summary>
    public static JsonObject Config(ExportedModel model, string loader, string type) => new()
    {
        ["architectures"] = new JsonArray(loader),
        ["model_type"] = type,
        ["vocab_size"] = model.Description.VocabularySize,
        ["tie_word_embeddings"] = model.IsTied,
        ["torch_dtype"] = "float32",
        ["bos_token_id"] = null,
        ["eos_token_id"] = null,
        ["pad_token_id"] = null,
    };
}
