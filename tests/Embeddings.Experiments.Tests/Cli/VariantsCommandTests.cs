using System.Text.Json.Nodes;
using Embeddings.Experiments.Variants;

namespace Embeddings.Experiments.Tests.Cli;

public sealed class VariantsCommandTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task Every_variant_is_listed_with_what_it_costs()
    {
        JsonArray listed = JsonNode.Parse(await CommandLine.Succeed("variants", "--data", _place.Text, "--json"))!.AsArray();
        Assert.Equal(VariantCatalog.All.Select(variant => variant.Name), listed.Select(variant => variant!["variant"]!.GetValue<string>()));
        JsonNode bytes = listed.Single(variant => variant!["variant"]!.GetValue<string>() == "Vocabulary256")!;

        // Two blocks of width 64: attention 64·192 + 192 + 64·64 + 64, feed-forward 64·256 + 256 + 256·64 + 64, two norms.
        const int Body = 2 * (64 * 192 + 192 + 64 * 64 + 64 + 64 * 256 + 256 + 256 * 64 + 64 + 4 * 64) + 2 * 64;
        Assert.Equal(256 * 64, bytes["inputParameters"]!.GetValue<int>());
        Assert.Equal(256 * 64, bytes["outputParameters"]!.GetValue<int>());
        Assert.Equal(Body, bytes["bodyParameters"]!.GetValue<int>());
        double flops = 6.0 * (2 * (64 * 192 + 64 * 64 + 2 * 64 * 256) + 256 * 64) + 6.0 * 2 * 64 * 128;
        Assert.Equal(flops, bytes["flopsPerToken"]!.GetValue<double>());
        Assert.Equal(flops, bytes["flopsPerByte"]!.GetValue<double>());
        double parameters = (Body + 2 * 256 * 64) * 4.0 / (1 << 20);
        Assert.Equal(parameters, bytes["memoryMiB"]!["parameters"]!.GetValue<double>(), 9);
        Assert.Equal(2 * parameters, bytes["memoryMiB"]!["optimizer"]!.GetValue<double>(), 9);
    }

    [Fact]
    public async Task A_vocabulary_that_the_text_cannot_fill_has_no_work_per_byte()
    {
        JsonArray listed = JsonNode.Parse(await CommandLine.Succeed("variants", "--data", _place.Text, "--json"))!.AsArray();
        Assert.Null(listed.Single(variant => variant!["variant"]!.GetValue<string>() == "Gpt2Small")!["flopsPerByte"]);
        string table = await CommandLine.Succeed("variants", "--data", _place.Text);
        Assert.Contains("bpe 50257 cl100k", table, StringComparison.Ordinal);
    }
}
