using System.Text.Json.Nodes;
using Embeddings.Checkpoints;
using Embeddings.Models;

namespace Embeddings.Experiments.Tests.Exports;

/// <summary>
/// A second implementation of GPT-2, Llama and Qwen3, written from their definitions in plain loops: it reads an exported folder by the names,
/// shapes and settings that Hugging Face's loaders use, and knows nothing of this program's models.
/// </summary>
internal sealed class ForeignModel
{
    private readonly JsonObject _config;
    private readonly Dictionary<string, (long[] Shape, float[] Values)> _tensors = [];
    private readonly HashSet<string> _unread;

    public ForeignModel(string folder)
    {
        _config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!.AsObject();
        using SafeTensorsFile file = SafeTensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        Assert.Equal("pt", file.Metadata["format"]);
        foreach (TensorInfo tensor in file.Tensors)
        {
            long count = tensor.Shape.Aggregate(1L, (product, length) => product * length);
            using var values = new Arena<float>(count);
            file.Read(tensor.Name, values, 0);
            _tensors.Add(tensor.Name, ([.. tensor.Shape], values.Slice(0, (int)count).ToArray()));
        }

        _unread = [.. _tensors.Keys];
    }

    /// <summary>Tensors that were never asked for.</summary>
    public IReadOnlyCollection<string> Unread => _unread;

    /// <summary>The class that loads the folder.</summary>
    public string Architecture => _config["architectures"]![0]!.GetValue<string>();

    /// <summary>The logits behind the last of some tokens.</summary>
    public double[] Logits(int[] tokens) => Architecture == "GPT2LMHeadModel" ? Gpt2(tokens) : Llama(tokens);

    private double[] Gpt2(int[] tokens)
    {
        int width = Int("n_embd"), heads = Int("n_head"), hidden = Int("n_inner");
        double epsilon = _config["layer_norm_epsilon"]!.GetValue<double>();
        Func<double, double> activation = _config["activation_function"]!.GetValue<string>() switch
        {
            "gelu_new" => x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
            "relu2" => x => x > 0 ? x * x : 0,
            string other => throw new NotSupportedException(other),
        };
        float[] table = Tensor("transformer.wte.weight", Int("vocab_size"), width), places = Tensor("transformer.wpe.weight", Int("n_positions"), width);
        double[][] x = [.. tokens.Select((token, t) => Range(width).Select(i => (double)table[token * width + i] + places[t * width + i]).ToArray())];
        for (int layer = 0; layer < Int("n_layer"); layer++)
        {
            string place = $"transformer.h.{layer}.";
            double[][] packed = Each(x, row => Conv1D(LayerNorm(row, place + "ln_1", epsilon), place + "attn.c_attn", 3 * width));
            double[][] mixed = Attention(
                Each(packed, row => row[..width]), Each(packed, row => row[width..(2 * width)]), Each(packed, row => row[(2 * width)..]), heads, heads);
            x = Add(x, Each(mixed, row => Conv1D(row, place + "attn.c_proj", width)));
            x = Add(x, Each(x, row => Conv1D(
                [.. Conv1D(LayerNorm(row, place + "ln_2", epsilon), place + "mlp.c_fc", hidden).Select(activation)], place + "mlp.c_proj", width)));
        }

        return Head(LayerNorm(x[^1], "transformer.ln_f", epsilon), "transformer.wte.weight");
    }

    private double[] Llama(int[] tokens)
    {
        int width = Int("hidden_size"), heads = Int("num_attention_heads"), keyHeads = Int("num_key_value_heads"), headWidth = Int("head_dim");
        int hidden = Int("intermediate_size");
        double epsilon = _config["rms_norm_eps"]!.GetValue<double>(), theta = _config["rope_theta"]!.GetValue<double>();
        bool attentionBias = _config["attention_bias"]!.GetValue<bool>(), feedForwardBias = _config["mlp_bias"]!.GetValue<bool>();
        bool normalizes = Architecture == "Qwen3ForCausalLM";
        float[] table = Tensor("model.embed_tokens.weight", Int("vocab_size"), width);
        double[][] x = [.. tokens.Select(token => Range(width).Select(i => (double)table[token * width + i]).ToArray())];
        for (int layer = 0; layer < Int("num_hidden_layers"); layer++)
        {
            string place = $"model.layers.{layer}.", attention = place + "self_attn.";
            double[][] normal = Each(x, row => RmsNorm(row, place + "input_layernorm", epsilon));
            double[][] Project(string name, int count) => Each(normal, row => Linear(row, attention + name, count * headWidth, attentionBias));
            double[][] Place(double[][] rows, string norm) => [.. rows.Select((row, t) => Heads(row, headWidth, head =>
                Rotate(normalizes ? RmsNorm(head, attention + norm, epsilon) : head, t, theta)))];
            double[][] mixed = Attention(
                Place(Project("q_proj", heads), "q_norm"), Place(Project("k_proj", keyHeads), "k_norm"), Project("v_proj", keyHeads), heads, keyHeads);
            x = Add(x, Each(mixed, row => Linear(row, attention + "o_proj", width, attentionBias)));
            x = Add(x, Each(x, row =>
            {
                double[] inner = RmsNorm(row, place + "post_attention_layernorm", epsilon);
                double[] gate = Linear(inner, place + "mlp.gate_proj", hidden, feedForwardBias), up = Linear(inner, place + "mlp.up_proj", hidden, feedForwardBias);
                return Linear([.. gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u)], place + "mlp.down_proj", width, feedForwardBias);
            }));
        }

        return Head(RmsNorm(x[^1], "model.norm", epsilon), "model.embed_tokens.weight");
    }

    private static double[][] Attention(double[][] q, double[][] k, double[][] v, int heads, int keyHeads)
    {
        int headWidth = q[0].Length / heads;
        return [.. q.Select((query, t) => Range(heads).SelectMany(head =>
        {
            int own = head * headWidth, shared = head / (heads / keyHeads) * headWidth;
            double[] weights = [.. Range(t + 1).Select(s =>
                Math.Exp(Range(headWidth).Sum(i => query[own + i] * k[s][shared + i]) / Math.Sqrt(headWidth)))];
            return Range(headWidth).Select(i => Range(t + 1).Sum(s => weights[s] * v[s][shared + i]) / weights.Sum());
        }).ToArray())];
    }

    private static double[] Heads(double[] row, int headWidth, Func<double[], double[]> map) =>
        [.. Range(row.Length / headWidth).SelectMany(head => map(row[(head * headWidth)..((head + 1) * headWidth)]))];

    private static double[] Rotate(double[] head, int position, double theta)
    {
        int half = head.Length / 2;
        return [.. Range(head.Length).Select(i =>
        {
            double angle = position * Math.Pow(theta, -2.0 * (i % half) / head.Length);
            double partner = i < half ? -head[i + half] : head[i - half];
            return head[i] * Math.Cos(angle) + partner * Math.Sin(angle);
        })];
    }

    private double[] LayerNorm(double[] row, string name, double epsilon)
    {
        float[] gain = Tensor(name + ".weight", row.Length), bias = Tensor(name + ".bias", row.Length);
        double mean = row.Average(), variance = row.Average(value => (value - mean) * (value - mean));
        return [.. row.Select((value, i) => (value - mean) / Math.Sqrt(variance + epsilon) * gain[i] + bias[i])];
    }

    private double[] RmsNorm(double[] row, string name, double epsilon)
    {
        float[] gain = Tensor(name + ".weight", row.Length);
        double scale = Math.Sqrt(row.Average(value => value * value) + epsilon);
        return [.. row.Select((value, i) => value / scale * gain[i])];
    }

    /// <summary>GPT-2's layer: weight [in, out].</summary>
    private double[] Conv1D(double[] row, string name, int outputs)
    {
        float[] weight = Tensor(name + ".weight", row.Length, outputs), bias = Tensor(name + ".bias", outputs);
        return [.. Range(outputs).Select(o => Range(row.Length).Sum(i => row[i] * weight[i * outputs + o]) + bias[o])];
    }

    /// <summary>The usual layer: weight [out, in].</summary>
    private double[] Linear(double[] row, string name, int outputs, bool biased)
    {
        float[] weight = Tensor(name + ".weight", outputs, row.Length);
        float[]? bias = biased ? Tensor(name + ".bias", outputs) : null;
        return [.. Range(outputs).Select(o => Range(row.Length).Sum(i => row[i] * weight[o * row.Length + i]) + (bias?[o] ?? 0))];
    }

    private double[] Head(double[] row, string table)
    {
        bool tied = _config["tie_word_embeddings"]!.GetValue<bool>();
        float[] weight = Tensor(tied ? table : "lm_head.weight", Int("vocab_size"), row.Length);
        return [.. Range(Int("vocab_size")).Select(o => Range(row.Length).Sum(i => row[i] * weight[o * row.Length + i]))];
    }

    private float[] Tensor(string name, params long[] shape)
    {
        Assert.Equal(shape, _tensors[name].Shape);
        _unread.Remove(name);
        return _tensors[name].Values;
    }

    private int Int(string name) => _config[name]!.GetValue<int>();

    private static IEnumerable<int> Range(int count) => Enumerable.Range(0, count);

    private static double[][] Each(double[][] rows, Func<double[], double[]> map) => [.. rows.Select(map)];

    private static double[][] Add(double[][] a, double[][] b) => [.. a.Zip(b, (left, right) => left.Zip(right, (x, y) => x + y).ToArray())];
}
