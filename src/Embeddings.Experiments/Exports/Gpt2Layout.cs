using System.Text.Json.Nodes;
using Embeddings.Checkpoints;
using Embeddings.Models;

namespace Embeddings.Experiments.Exports;

/// <summary>
/// GPT-2 as Hugging Face's <c>GPT2LMHeadModel</c> stores it: linear weights as [in, out]; queries, keys and values side by side. What a
/// variant lacks and the loader wants is exported such that it changes nothing: biases and positions of zeros, keys and values repeated for
/// each query head.
/// </summary>
internal static class Gpt2Layout
{
    private const string Loader = "GPT2LMHeadModel";

    /// <summary>Whether GPT-2's code computes this model.</summary>
    public static bool Fits(ModelDescription model)
    {
        ArchitectureDescription shape = model.Architecture;
        return model.Routes.ForwardMixing
            && LoaderShapes.HasPlainRows(model)
            && shape.Positions is PositionKind.Learned or PositionKind.None
            && shape.FeedForward is FeedForwardKind.Gelu or FeedForwardKind.SquaredRelu
            && shape == LoaderShapes.Common(shape) with { Norm = NormKind.LayerNorm, Positions = shape.Positions, FeedForward = shape.FeedForward };
    }

    /// <summary>Plans the export.</summary>
    public static ExportPlan Plan(ExportedModel model)
    {
        ArchitectureDescription shape = model.Description.Architecture;
        long width = shape.Width;
        var tensors = new List<TensorSource> { model.InputRows("transformer.wte.weight") };
        tensors.Add(model.Has("Embedding.Positions")
            ? model.Whole("transformer.wpe.weight", "Embedding.Positions")
            : Zeros("transformer.wpe.weight", shape.Context, width));
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            AddBlock(model, tensors, layer);
        }

        AddNorm(model, tensors, "transformer.ln_f", "Head.Norm", 0);
        if (!model.IsTied)
        {
            tensors.Add(model.Head("lm_head.weight"));
        }

        return new ExportPlan(Loader, Config(model), tensors);
    }

    private static JsonObject Config(ExportedModel model)
    {
        ArchitectureDescription shape = model.Description.Architecture;
        JsonObject config = LoaderShapes.Config(model, Loader, "gpt2");
        config["n_positions"] = shape.Context;
        config["n_ctx"] = shape.Context;
        config["n_embd"] = shape.Width;
        config["n_layer"] = shape.Layers;
        config["n_head"] = shape.Heads;
        config["n_inner"] = shape.FeedForwardWidth;
        config["activation_function"] = shape.FeedForward == FeedForwardKind.Gelu ? "gelu_new" : "relu2";
        config["layer_norm_epsilon"] = LoaderShapes.NormEpsilon;
        config["attn_pdrop"] = 0.0;
        config["embd_pdrop"] = 0.0;
        config["resid_pdrop"] = 0.0;
        return config;
    }

    private static void AddBlock(ExportedModel model, List<TensorSource> tensors, int layer)
    {
        ArchitectureDescription shape = model.Description.Architecture;
        string place = FormattableString.Invariant($"transformer.h.{layer}.");
        AddNorm(model, tensors, place + "ln_1", "Block.Attention.Norm", layer);
        int[] rows = QueryKeyValueRows(shape);
        AddLinear(model, tensors, place + "attn.c_attn", "Block.Attention.QueryKeyValue", layer, rows, shape.Width);
        AddLinear(model, tensors, place + "attn.c_proj", "Block.Attention.Output", layer, Range(shape.Width), shape.Width);
        AddNorm(model, tensors, place + "ln_2", "Block.FeedForward.Norm", layer);
        AddLinear(model, tensors, place + "mlp.c_fc", "Block.FeedForward.Up", layer, Range(shape.FeedForwardWidth), shape.Width);
        AddLinear(model, tensors, place + "mlp.c_proj", "Block.FeedForward.Down", layer, Range(shape.Width), shape.FeedForwardWidth);
    }

    /// <summary>The packed rows in GPT-2's order: every query, then the key of each query's head, then its value.</summary>
    private static int[] QueryKeyValueRows(ArchitectureDescription shape)
    {
        int headWidth = shape.Width / shape.Heads, sharing = shape.Heads / shape.KeyValueHeads, keys = shape.KeyValueHeads * headWidth;
        IEnumerable<int> Shared(int first) =>
            from head in Range(shape.Heads) from row in Range(headWidth) select first + head / sharing * headWidth + row;
        return [.. Range(shape.Width), .. Shared(shape.Width), .. Shared(shape.Width + keys)];
    }

    /// <summary>Chosen rows of a weight [out, in], turned to [in, out], and of its bias.</summary>
    private static void AddLinear(
        ExportedModel model, List<TensorSource> tensors, string name, string parameter, int layer, int[] rows, int inputs)
    {
        tensors.Add(ExportedModel.Computed(name + ".weight", [inputs, rows.Length], () =>
        {
            float[] weight = model.Values(parameter + ".Weight", layer);
            var turned = new float[(long)inputs * rows.Length];
            for (int output = 0; output < rows.Length; output++)
            {
                for (int input = 0; input < inputs; input++)
                {
                    turned[(long)input * rows.Length + output] = weight[(long)rows[output] * inputs + input];
                }
            }

            return turned;
        }));
        tensors.Add(ExportedModel.Computed(name + ".bias", [rows.Length], () =>
        {
            float[]? bias = model.Has(parameter + ".Bias") ? model.Values(parameter + ".Bias", layer) : null;
            return [.. rows.Select(row => bias?[row] ?? 0)];
        }));
    }

    private static void AddNorm(ExportedModel model, List<TensorSource> tensors, string name, string parameter, int layer)
    {
        tensors.Add(model.Whole(name + ".weight", parameter + ".Gain", layer));
        tensors.Add(model.Has(parameter + ".Bias")
            ? model.Whole(name + ".bias", parameter + ".Bias", layer)
            : Zeros(name + ".bias", model.Description.Architecture.Width));
    }

    private static TensorSource Zeros(string name, params long[] shape) =>
        ExportedModel.Computed(name, [.. shape], () => new float[shape.Aggregate((product, length) => product * length)]);

    private static int[] Range(int count) => [.. Enumerable.Range(0, count)];
}
