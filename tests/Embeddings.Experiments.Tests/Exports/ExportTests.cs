using Embeddings.Checkpoints;
using Embeddings.Cpu;
using Embeddings.Experiments.Benchmarks;
using Embeddings.Experiments.Exports;
using Embeddings.Models;

namespace Embeddings.Experiments.Tests.Exports;

public sealed class ExportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("embeddings-export-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(nameof(ExportGpt2), "GPT2LMHeadModel")]
    [InlineData(nameof(ExportGpt2Composed), "GPT2LMHeadModel")]
    [InlineData(nameof(ExportGpt2Tied), "GPT2LMHeadModel")]
    [InlineData(nameof(ExportLlama), "LlamaForCausalLM")]
    [InlineData(nameof(ExportQwen3), "Qwen3ForCausalLM")]
    public void A_foreign_loader_predicts_the_same(string name, string loader)
    {
        using var pool = new WorkerPool(1);
        using LanguageModel<float> model = Disturbed(name, pool);
        ExportPlan plan = Export(model);
        Assert.Equal(loader, plan.Loader);

        var foreign = new ForeignModel(_folder);
        int[] tokens = [.. Enumerable.Range(0, 16).Select(i => i * 37 % model.Description.VocabularySize)];
        var expected = new float[model.Description.VocabularySize];
        foreach (int length in (int[])[1, 7, 16])
        {
            model.Predict(tokens, length - 1, expected);
            double[] logits = foreign.Logits(tokens[..length]);
            Assert.Contains(expected, value => Math.Abs(value) > 0.1);
            Assert.All(expected.Zip(logits), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }

        Assert.Empty(foreign.Unread);
    }

    [Fact]
    public void What_no_loader_computes_keeps_its_own_names()
    {
        using var pool = new WorkerPool(1);
        using LanguageModel<float> model = Disturbed(nameof(ExportCapped), pool);
        ExportPlan plan = Export(model);
        Assert.Null(plan.Loader);
        Assert.Contains(plan.Config["declaration"]!.AsArray(), line => line!.GetValue<string>().Contains("LogitSoftCap=30", StringComparison.Ordinal));
        using SafeTensorsFile file = SafeTensorsFile.Open(Path.Combine(_folder, "model.safetensors"));
        Assert.Equal(model.Description.Parameters.Sum(block => block.Layers), file.Tensors.Count);
        Assert.NotNull(file.Find("Blocks.1.Attention.Output.Weight"));
    }

    [Fact]
    public void A_tied_table_is_written_once_unless_the_rows_are_changed_before_the_first_block()
    {
        using var pool = new WorkerPool(1);
        using LanguageModel<float> tied = Disturbed(nameof(ExportGpt2Tied), pool);
        Assert.DoesNotContain(Export(tied).Tensors, tensor => tensor.Name == "lm_head.weight");
        using LanguageModel<float> composed = Disturbed(nameof(ExportGpt2Composed), pool);
        Assert.Contains(Export(composed).Tensors, tensor => tensor.Name == "lm_head.weight");
    }

    private ExportPlan Export(LanguageModel<float> model)
    {
        ExportPlan plan = ExportPlan.Of(new ExportedModel(model, SyntheticTokens.SpellingOf(model.Description)));
        SafeTensorsWriter.Write(Path.Combine(_folder, "model.safetensors"), plan.Tensors, [new("format", "pt")]);
        File.WriteAllText(Path.Combine(_folder, "config.json"), plan.Config.ToJsonString());
        return plan;
    }

    /// <summary>A model none of whose parameters is where it started, so that each of them matters.</summary>
    private static unsafe LanguageModel<float> Disturbed(string name, WorkerPool pool)
    {
        Variant variant = DeclaredVariants.All.Single(variant => variant.Name == name);
        LanguageModel<float> model = variant.CreateSingle(new ModelOptions(pool, 1, SyntheticTokens.SpellingOf(variant.Description)));
        Initializer.Initialize(model, seed: 1);
        var random = new RandomStream(2, "disturbance");
        for (long i = 0; i < model.Parameters.Length; i++)
        {
            model.Parameters.Pointer[i] += (float)(0.2 * random.NextNormal());
        }

        return model;
    }
}
