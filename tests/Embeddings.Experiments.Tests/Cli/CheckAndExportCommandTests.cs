using System.Text.Json.Nodes;

namespace Embeddings.Experiments.Tests.Cli;

public sealed class CheckAndExportCommandTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task Chosen_variants_are_checked()
    {
        string text = await CommandLine.Succeed("check", "vocabulary256", "Vocabulary1024Composed", "--json");
        JsonArray results = JsonNode.Parse(text)!.AsArray();
        Assert.Equal(8, results.Count);
        Assert.All(results.Where(result => result!["check"]!.GetValue<string>() != "device"), result => Assert.True(result!["passed"]!.GetValue<bool>()));
        Assert.Contains("same bits on 1 and 2 threads", await CommandLine.Succeed("check", "Vocabulary256"), StringComparison.Ordinal);
        Assert.Contains("no variant 'Nothing'", await CommandLine.Refuse("check", "Nothing"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exported_run_is_a_folder_that_other_programs_load()
    {
        await CommandLine.Succeed(_place.Train("BenchSmallBytes", "run"));
        string said = await CommandLine.Succeed("export", _place["run"], "--out", _place["exported"]);
        Assert.Contains("for GPT2LMHeadModel.", said, StringComparison.Ordinal);
        Assert.Equal(
            ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"],
            Directory.GetFiles(_place["exported"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        JsonNode config = JsonNode.Parse(File.ReadAllText(Path.Combine(_place["exported"], "config.json")))!;
        Assert.Equal(384, config["n_embd"]!.GetValue<int>());
        Assert.Contains("is a file", await CommandLine.Refuse("export", _place["run"], "--out", _place.Text), StringComparison.Ordinal);
    }
}
