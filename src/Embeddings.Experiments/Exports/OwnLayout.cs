using System.Text.Json.Nodes;
using Embeddings.Checkpoints;
using Embeddings.Models;

namespace Embeddings.Experiments.Exports;

/// <summary>A model that no loader knows, under the names of its checkpoint; its declaration stands in the configuration.</summary>
internal static class OwnLayout
{
    /// <summary>Plans the export.</summary>
    public static ExportPlan Plan(ExportedModel model)
    {
        ModelDescription description = model.Description;
        var config = new JsonObject
        {
            ["model_type"] = "embeddings",
            ["variant"] = description.Name,
            ["vocab_size"] = description.VocabularySize,
            ["declaration"] = new JsonArray([.. description.Declaration.Split('\n').Select(line => JsonValue.Create(line))]),
        };
        TensorSource[] tensors =
        [
            .. from block in description.Parameters
               from layer in Enumerable.Range(0, block.Layers)
               select model.Whole(block.LayerName(layer), block.Name, layer),
        ];
        return new ExportPlan(null, config, tensors);
    }
}
