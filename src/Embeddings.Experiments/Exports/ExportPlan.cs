using System.Text.Json.Nodes;
using Embeddings.Checkpoints;

namespace Embeddings.Experiments.Exports;

/// <summary>A model as another program's loader expects it.</summary>
/// <param name="Loader">The class that loads it, such as <c>GPT2LMHeadModel</c>; null where there is none.</param>
/// <param name="Config">Content of <c>config.json</c>.</param>
/// <param name="Tensors">Content of <c>model.safetensors</c>.</param>
internal sealed record ExportPlan(string? Loader, JsonObject Config, IReadOnlyList<TensorSource> Tensors)
{
    /// <summary>Plans the export of a model: in the shape of the first loader that fits, or under its own names.</summary>
    public static ExportPlan Of(ExportedModel model) =>
        Gpt2Layout.Fits(model.Description) ? Gpt2Layout.Plan(model)
        : LlamaLayout.Fits(model.Description) ? LlamaLayout.Plan(model)
        : OwnLayout.Plan(model);
}
