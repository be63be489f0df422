using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Embeddings.Checkpoints;
using Embeddings.Training;

namespace Embeddings.Experiments.Tests.Cli;

public sealed class TrainCommandTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task A_run_is_trained_measured_and_sampled()
    {
        string trained = await CommandLine.Succeed(_place.Train("Vocabulary256", "run"));
        Assert.Contains("Computing on the processor", trained, StringComparison.Ordinal);
        Assert.Matches(@"step 4: \d\.\d+ bits per byte", trained);
        RunRecord record = RunRecord.Read(_place["run"])!;
        Assert.Equal(TrainingOutcome.Finished, record.Result!.Outcome);
        Assert.StartsWith("train Vocabulary256 --data ", record.Sessions[0].Command, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3, 4], MetricsLog.Read(Path.Combine(_place["run"], MetricsLog.FileName)).Select(row => row.Step));
        string bits = record.Result.ValidationBitsPerByte!.Value.ToString("F4", CultureInfo.InvariantCulture);
        Assert.Contains($"Vocabulary256: {bits} bits per byte", trained, StringComparison.Ordinal);

        Assert.Contains(bits, await CommandLine.Succeed("eval", _place["run"]), StringComparison.Ordinal);
        JsonNode onItsData = JsonNode.Parse(await CommandLine.Succeed("eval", _place["run"], "--data", _place.Text, "--json"))!;
        Assert.Equal(record.Result.ValidationBitsPerByte.Value, onItsData["bitsPerByte"]!.GetValue<double>(), 12);

        string[] sample = ["sample", _place["run"], "--prompt", "the ", "--tokens", "30", "--top-k", "20", "--seed", "5"];
        string text = await CommandLine.Succeed(sample);
        Assert.StartsWith("the ", text, StringComparison.Ordinal);
        Assert.Equal(text, await CommandLine.Succeed(sample));
        Assert.NotEqual(text, await CommandLine.Succeed([.. sample[..^1], "6"]));
    }

    /// <summary>A run with a vocabulary beside the targets' keeps its tokenizer, and is resumed, measured and sampled from with it.</summary>
    [Theory]
    [InlineData("BaselineTokensToBytes", "input-tokenizer.json", "--input-tokenizer")]
    [InlineData("BaselineSuffixRows", "suffix-tokenizer.json", "--suffix-tokenizer")]
    public async Task Vocabularies_beside_the_targets_belong_to_the_run(string variant, string file, string option)
    {
        string trained = await CommandLine.Succeed(_place.Train(variant, "run", "--json", option, await Tokenizer()));
        Assert.True(File.Exists(Path.Combine(_place["run"], file)), trained);
        string bits = RunRecord.Read(_place["run"])!.Result!.ValidationBitsPerByte!.Value.ToString("F4", CultureInfo.InvariantCulture);
        Assert.Contains(bits, await CommandLine.Succeed("eval", _place["run"]), StringComparison.Ordinal);
        Assert.StartsWith("the ", await CommandLine.Succeed("sample", _place["run"], "--prompt", "the ", "--tokens", "5"), StringComparison.Ordinal);
        File.Delete(Path.Combine(_place["run"], file));
        Assert.Contains($"stands no {file}; give the tokenizer it was trained with by {option}", await CommandLine.Refuse("eval", _place["run"]), StringComparison.Ordinal);
        Assert.Contains(bits, await CommandLine.Succeed("eval", _place["run"], option, await Tokenizer()), StringComparison.Ordinal);
        Assert.Contains("leave " + option, await CommandLine.Refuse(_place.Train("Vocabulary256", "other", option, await Tokenizer())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cooldown_branches_from_a_trunk()
    {
        string[] trunk = _place.Train("BaselineTrunk", "trunk", "--tokenizer", await Tokenizer());
        trunk[Array.IndexOf(trunk, "--steps") + 1] = "8";
        CommandLine stopped = await CommandLine.Interrupt("step 4: ", trunk);
        Assert.Equal(130, stopped.Code);
        string[] branch = _place.Train("BaselineTrunk", "branch", "--trunk", _place["trunk"]);
        branch[Array.IndexOf(branch, "--steps") + 1] = "7";
        await CommandLine.Succeed(branch);
        RunRecord record = RunRecord.Read(_place["branch"])!;
        long first = record.Trunk!.Step;
        MetricsRow[] rows = [.. MetricsLog.Read(Path.Combine(_place["branch"], MetricsLog.FileName))];
        Assert.Equal(7, rows[^1].Step);
        Assert.Equal(7 - first, rows.Length);
        Assert.Equal(0.1, rows[^1].RateFactor, 6);
        Assert.Contains("There is no checkpoint", await CommandLine.Refuse(_place.Train("BaselineTrunk", "lost", "--trunk", _place["nowhere"])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_text_is_measured_whole()
    {
        await CommandLine.Succeed(_place.Train("Vocabulary256", "run", "--json"));
        string other = _place["other.txt"];
        File.WriteAllText(other, "every row learns what the tokens share");
        JsonNode measured = JsonNode.Parse(await CommandLine.Succeed("eval", _place["run"], "--data", other, "--json"))!;
        Assert.Equal(new FileInfo(other).Length, measured["bytes"]!.GetValue<long>());
        Assert.Equal(10, JsonNode.Parse(await CommandLine.Succeed("eval", _place["run"], "--data", other, "--bytes", "10", "--json"))!["bytes"]!.GetValue<long>());
        File.WriteAllText(_place.Text, "More. " + File.ReadAllText(_place.Text));
        Assert.Contains("not the same any more", await CommandLine.Refuse("eval", _place["run"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_run_says_how_to_go_on_and_ends_with_the_same_bits()
    {
        await CommandLine.Succeed(_place.Train("Baseline", "whole", "--tokenizer", await Tokenizer()));
        CommandLine stopped = await CommandLine.Interrupt(
            "step 2: ", _place.Train("Baseline", "parts", "--tokenizer", await Tokenizer(), "--seed", "1"));
        Assert.Equal(130, stopped.Code);
        Assert.Equal(
            $"Stopped after step 2 with all of it saved in '{_place["parts"]}'; the same command with --resume goes on from there.",
            stopped.Error.TrimEnd());
        await CommandLine.Succeed("train", "Baseline", "--out", _place["parts"], "--resume", "--evaluations", "2", "--threads", "1");
        Assert.Equal(Tensors("whole"), Tensors("parts"));
    }

    [Fact]
    public async Task A_finished_run_is_kept_and_may_be_extended()
    {
        await CommandLine.Succeed(_place.Train("Vocabulary256", "run"));
        Assert.Contains("add --resume", await CommandLine.Refuse(_place.Train("Vocabulary256", "run")), StringComparison.Ordinal);
        Assert.Matches("in 4 steps", await CommandLine.Succeed(_place.Train("Vocabulary256", "run", "--resume")));
        string extended = await CommandLine.Succeed("train", "Vocabulary256", "--out", _place["run"], "--resume", "--steps", "6");
        Assert.Matches("was planned for 4 steps and now goes to 6 steps", extended);
        Assert.Matches("in 6 steps", extended);
    }

    [Fact]
    public async Task Json_tells_how_the_run_ended()
    {
        JsonNode ended = JsonNode.Parse(await CommandLine.Succeed(_place.Train("Vocabulary256", "run", "--seed", "9", "--json")))!;
        Assert.Equal("Vocabulary256", ended["variant"]!.GetValue<string>());
        Assert.Equal(9ul, ended["seed"]!.GetValue<ulong>());
        Assert.Equal(4, ended["result"]!["step"]!.GetValue<long>());
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF8_train()
    {
        var noise = new byte[20_000];
        new Random(1).NextBytes(noise);
        File.WriteAllBytes(_place.Text, noise);
        Assert.Contains("in 4 steps", await CommandLine.Succeed(_place.Train("Vocabulary256", "bytes")), StringComparison.Ordinal);
        Assert.Contains("in 4 steps", await CommandLine.Succeed(_place.Train("Vocabulary1024", "pairs")), StringComparison.Ordinal);
        await CommandLine.Succeed("sample", _place["pairs"], "--tokens", "20");
    }

    /// <summary>A tokenizer of 1,024 entries, which the small text cannot fill.</summary>
    private async Task<string> Tokenizer()
    {
        string noise = _place["noise.bin"], file = _place["tokenizer.json"];
        if (!File.Exists(file))
        {
            var bytes = new byte[50_000];
            new Random(2).NextBytes(bytes);
            File.WriteAllBytes(noise, bytes);
            await CommandLine.Succeed(
                "train", "Baseline", "--data", noise, "--steps", "1", "--evaluations", "1", "--validation-bytes", "100", "--out", _place["tokenizer"]);
            File.Copy(Path.Combine(_place["tokenizer"], "tokenizer.json"), file);
        }

        return file;
    }

    private byte[] Tensors(string folder)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(Path.Combine(_place[folder], Checkpoint.FileName));
        file.VerifyHash();
        return Convert.FromHexString(file.Metadata[SafeTensorsWriter.HashName]);
    }
}
