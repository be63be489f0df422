using System.Text.Json.Nodes;
using Embeddings.Cpu;
using Embeddings.Experiments.Variants;

namespace Embeddings.Experiments.Tests.Cli;

public sealed class BenchCommandTests
{
    [Theory]
    [InlineData("Vocabulary256", 1)]
    [InlineData("Vocabulary1024Composed", 2)]
    public async Task A_timed_step_has_the_promised_names_and_consistent_figures(string name, int threads)
    {
        string text = await CommandLine.Succeed("bench", "step", "--variant", name, "--steps", "3", "--batch", "2", "--threads", $"{threads}", "--json");
        JsonObject timing = JsonNode.Parse(text)!.AsObject();
        double Number(string key) => timing[key]!.GetValue<double>();
        Assert.Equal(name, timing["variant"]!.GetValue<string>());
        Assert.Equal(threads, timing["threads"]!.GetValue<int>());
        int tokens = 2 * VariantCatalog.Find(name).Description.Architecture.Context;
        Assert.Equal(1e3 * tokens / Number("tokensPerSecond"), Number("millisecondsPerStep"), 6);
        double flops = VariantCatalog.Find(name).Description.FlopsPerToken;
        Assert.Equal(Number("tokensPerSecond") * flops / 1e9, Number("gflops"), 6);
        Assert.InRange(Number("peakFraction"), 1e-6, 1e3); // a disturbed machine can slow the peak more than the step
        Assert.InRange(Number("peakMemoryMiB"), 20, 100_000);
        Assert.InRange(Number("allocatedBytesPerStep"), 0, 1e6);
        Assert.InRange(Number("startupSeconds"), 0.01, 1e5);
    }

    [Fact]
    public async Task The_table_shows_the_same_figures() =>
        Assert.Contains("fraction of the peak", await CommandLine.Succeed("bench", "step", "--variant", "vocabulary256", "--steps", "1", "--batch", "1"), StringComparison.Ordinal);

    [Fact]
    public async Task A_profile_accounts_for_the_whole_step()
    {
        string text = await CommandLine.Succeed(
            "bench", "step", "--variant", "Vocabulary256", "--steps", "2", "--batch", "1", "--profile", "--json");
        JsonNode[] kernels = [.. JsonNode.Parse(text)!["kernels"]!.AsArray().Select(kernel => kernel!)];
        Assert.Equal(1, kernels.Sum(kernel => kernel["share"]!.GetValue<double>()), 6);
        string[] names = [.. kernels.Select(kernel => kernel["kernel"]!.GetValue<string>())];
        Assert.Contains(names, name => name.StartsWith("AttentionBackward", StringComparison.Ordinal));
        Assert.Contains("TileProduct FeedForwardActivationEpilogue", names);
        Assert.Equal(["shorter kernels", "outside kernels"], names[^2..]);
        Assert.All(kernels[..^2], kernel => Assert.InRange(kernel["runsPerStep"]!.GetValue<double>(), 0.5, 100));
    }

    [Fact]
    public async Task Every_product_of_every_layer_is_timed_and_the_total_lies_between_them()
    {
        string text = await CommandLine.Succeed("bench", "matmul", "--variant", "Vocabulary256", "--batch", "1", "--seconds", "0.01", "--json");
        JsonObject timings = JsonNode.Parse(text)!.AsObject();
        JsonNode[] products = [.. timings["products"]!.AsArray().Select(product => product!)];
        Assert.Equal(5 * 3, products.Length);
        Assert.Equal(
            ["Attention.QueryKeyValue", "Attention.Output", "FeedForward.Up", "FeedForward.Down", "Head"],
            products.Select(product => product["layer"]!.GetValue<string>()).Distinct());
        Assert.Equal(["forward", "inputGradient", "weightGradient"], products.Take(3).Select(product => product["form"]!.GetValue<string>()));
        double[] rates = [.. products.Select(product => product["gflops"]!.GetValue<double>())];
        Assert.InRange(timings["gflops"]!.GetValue<double>(), rates.Min(), rates.Max());
    }

    [Theory]
    [InlineData("--variant", "Vocabulary255")]
    [InlineData("--steps", "0")]
    [InlineData("--batch", "-1")]
    [InlineData("--threads", "0")]
    [InlineData("--seconds", "0")]
    public async Task What_cannot_be_timed_is_refused(string option, string value) =>
        Assert.Contains(value, await CommandLine.Refuse("bench", "step", option, value), StringComparison.Ordinal);

    [Fact]
    public void The_peak_is_no_more_than_two_multiply_adds_a_cycle_of_6_GHz_can_give()
    {
        using var pool = new WorkerPool(1);
        double largest = Enumerable.Range(0, 5).Max(_ => MultiplyAddPeak.Measure(pool));
        double lanes = MultiplyAddPeak.VectorBits / 32.0;
        Assert.InRange(largest, 1e8, lanes * 2 * 2 * 6e9);
    }
}
