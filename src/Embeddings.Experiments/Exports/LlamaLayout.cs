using System.Text.Json.Nodes;
using Embeddings.Checkpoints;
using Embeddings.Models;

namespace Embeddings.Experiments.Exports;

/// <summary>
/// Llama as Hugging Face's <c>LlamaForCausalLM</c> stores it, and with normalised queries and keys <c>Qwen3ForCausalLM</c>: a tensor for
/// each of queries, keys, values, gate and up; halves of a head rotated in pairs (j, j + D/2), as here.
/// </summary>
internal static class LlamaLayout
{
    private const double RotaryBase = 10_000;

    /// <summary>Whether Llama's or Qwen3's code computes this model.</summary>
    public static bool Fits(ModelDescription model)
    {
        ArchitectureDescription shape = model.Architecture;
        return model.Routes.ForwardMixing
            && LoaderShapes.HasPlainRows(model)
            && !(shape.QueryKeyNorm && shape.Biases)
            && shape == LoaderShapes.Common(shape) with
            {
                Norm = NormKind.RmsNorm,
                Positions = PositionKind.Rotary,
                FeedForward = FeedForwardKind.SwiGlu,
                QueryKeyNorm = shape.QueryKeyNorm,
            };
    }

    /// <summary>Plans the export.</summary>
    public static ExportPlan Plan(ExportedModel model)
    {
        ArchitectureDescription shape = model.Description.Architecture;
        var tensors = new List<TensorSource> { model.InputRows("model.embed_tokens.weight") };
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            AddBlock(model, tensors, layer);
        }

        tensors.Add(model.Whole("model.norm.weight", "Head.Norm.Gain"));
        if (!model.IsTied)
        {
            tensors.Add(model.Head("lm_head.weight"));
        }

        string loader = shape.QueryKeyNorm ? "Qwen3ForCausalLM" : "LlamaForCausalLM";
        return new ExportPlan(loader, Config(model, loader), tensors);
    }

    private static JsonObject Config(ExportedModel model, string loader)
    {
        ArchitectureDescription shape = model.Description.Architecture;
        JsonObject config = LoaderShapes.Config(model, loader, shape.QueryKeyNorm ? "qwen3" : "llama");
        config["hidden_size"] = shape.Width;
        config["intermediate_size"] = shape.FeedForwardWidth;
        config["num_hidden_layers"] = shape.Layers;
        config["num_attention_heads"] = shape.Heads;
        config["num_key_value_heads"] = shape.KeyValueHeads;
        config["head_dim"] = shape.Width / shape.Heads;
        config["max_position_embeddings"] = shape.Context;
        config["rms_norm_eps"] = LoaderShapes.NormEpsilon;
        config["rope_theta"] = RotaryBase;
        config["hidden_act"] = "silu";
        config["attention_bias"] = shape.Biases;
        config["mlp_bias"] = shape.Biases;
        return config;
    }

    private static void AddBlock(ExportedModel model, List<TensorSource> tensors, int layer)
    {
        ArchitectureDescription shape = model.Description.Architecture;
        int headWidth = shape.Width / shape.Heads, keys = shape.KeyValueHeads * headWidth, hidden = shape.FeedForwardWidth;
        string place = FormattableString.Invariant($"model.layers.{layer}.");
        tensors.Add(model.Whole(place + "input_layernorm.weight", "Block.Attention.Norm.Gain", layer));
        AddRows(model, tensors, place + "self_attn.q_proj", "Block.Attention.QueryKeyValue", layer, 0, shape.Width);
        AddRows(model, tensors, place + "self_attn.k_proj", "Block.Attention.QueryKeyValue", layer, shape.Width, keys);
        AddRows(model, tensors, place + "self_attn.v_proj", "Block.Attention.QueryKeyValue", layer, shape.Width + keys, keys);
        AddRows(model, tensors, place + "self_attn.o_proj", "Block.Attention.Output", layer, 0, shape.Width);
        if (shape.QueryKeyNorm)
        {
            tensors.Add(model.Whole(place + "self_attn.q_norm.weight", "Block.Attention.QueryNorm.Gain", layer));
            tensors.Add(model.Whole(place + "self_attn.k_norm.weight", "Block.Attention.KeyNorm.Gain", layer));
        }

        tensors.Add(model.Whole(place + "post_attention_layernorm.weight", "Block.FeedForward.Norm.Gain", layer));
        AddRows(model, tensors, place + "mlp.gate_proj", "Block.FeedForward.GateUp", layer, 0, hidden);
        AddRows(model, tensors, place + "mlp.up_proj", "Block.FeedForward.GateUp", layer, hidden, hidden);
        AddRows(model, tensors, place + "mlp.down_proj", "Block.FeedForward.Down", layer, 0, shape.Width);
    }

    private static void AddRows(
        ExportedModel model, List<TensorSource> tensors, string name, string parameter, int layer, int first, int count)
    {
        tensors.Add(model.Rows(name + ".weight", parameter + ".Weight", layer, first, count));
        if (model.Has(parameter + ".Bias"))
        {
            tensors.Add(model.Rows(name + ".bias", parameter + ".Bias", layer, first, count));
        }
    }
}
