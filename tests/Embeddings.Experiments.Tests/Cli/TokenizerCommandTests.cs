using System.Text;
using System.Text.Json.Nodes;

namespace Embeddings.Experiments.Tests.Cli;

public sealed class TokenizerCommandTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("cl100k")]
    [InlineData("gpt2")]
    [InlineData("none")]
    public async Task A_trained_tokenizer_encodes_and_decodes_every_byte(string pattern)
    {
        string file = await Train(300, "--pattern", pattern);
        byte[] bytes = [.. Encoding.UTF8.GetBytes("the gradient of every token, ü "), .. Enumerable.Range(0, 256).Select(value => (byte)value)];
        File.WriteAllBytes(_place["in.bin"], bytes);
        await CommandLine.Succeed("tokenizer", "encode", file, _place["in.bin"], "--out", _place["ids.txt"]);
        int[] ids = [.. File.ReadAllText(_place["ids.txt"]).Split(' ').Select(int.Parse)];
        Assert.InRange(ids.Length, 1, bytes.Length - 1);
        Assert.All(ids, id => Assert.InRange(id, 0, 299));
        await CommandLine.Succeed("tokenizer", "decode", file, _place["ids.txt"], "--out", _place["out.bin"]);
        Assert.Equal(bytes, File.ReadAllBytes(_place["out.bin"]));
    }

    [Fact]
    public async Task Text_and_ids_may_stand_on_the_command_line()
    {
        string file = await Train(300);
        string ids = (await CommandLine.Succeed("tokenizer", "encode", file, "--text", "every token")).Trim();
        Assert.Equal("every token", await CommandLine.Succeed("tokenizer", "decode", file, "--ids", ids));
        Assert.Contains("not both", await CommandLine.Refuse("tokenizer", "encode", file, _place.Text, "--text", "a"), StringComparison.Ordinal);
        Assert.Contains("'x' is not a token id", await CommandLine.Refuse("tokenizer", "decode", file, "--ids", "1 x"), StringComparison.Ordinal);
        Assert.Contains("no token 300", await CommandLine.Refuse("tokenizer", "decode", file, "--ids", "300"), StringComparison.Ordinal);
        Assert.Contains("no file", await CommandLine.Refuse("tokenizer", "encode", file, _place["missing"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("merge")]
    [InlineData("random")]
    public async Task Tokens_are_split_with_a_probability_and_the_text_stays(string boundaries)
    {
        string file = await Train(300);
        string text = File.ReadAllText(_place.Text);
        Task<string> Encode(params string[] more) =>
            CommandLine.Succeed(["tokenizer", "encode", file, _place.Text, "--boundaries", boundaries, .. more]);
        string whole = await Encode();
        string split = await Encode("--split-probability", "0.5", "--seed", "3");
        Assert.True(split.Split(' ').Length > whole.Split(' ').Length);
        Assert.Equal(split, await Encode("--split-probability", "0.5", "--seed", "3"));
        Assert.NotEqual(split, await Encode("--split-probability", "0.5", "--seed", "4"));
        File.WriteAllText(_place["split.txt"], split);
        Assert.Equal(text, await CommandLine.Succeed("tokenizer", "decode", file, _place["split.txt"]));
        Assert.Contains(
            "from 0 to 1", await CommandLine.Refuse("tokenizer", "encode", file, "--text", "a", "--split-probability", "1.5"), StringComparison.Ordinal);
        foreach (string probability in new[] { "0", "1" })
        {
            await CommandLine.Succeed(
                "tokenizer", "encode", file, _place.Text, "--format", "llmc", "--out", _place[probability], "--split-probability", probability);
        }

        Assert.True(new FileInfo(_place["1"]).Length > new FileInfo(_place["0"]).Length);
    }

    [Fact]
    public async Task Two_tokenizers_stand_side_by_side()
    {
        string large = await Train(300);
        File.Move(large, _place["large.json"]);
        string small = await Train(256);
        string table = await CommandLine.Succeed("tokenizer", "align", _place["large.json"], small, "--text", " the");
        Assert.Contains("\" the\"", table, StringComparison.Ordinal);
        Assert.Contains("\"e\"", table, StringComparison.Ordinal);
        Assert.Contains("1 tokens beside 4; 1 end at the same places", table, StringComparison.Ordinal);
        JsonNode aligned = JsonNode.Parse(await CommandLine.Succeed("tokenizer", "align", small, _place["large.json"], "--text", " the", "--json"))!;
        Assert.Equal(4, aligned["tokens"]!.AsArray().Count);
        Assert.Null(aligned["tokens"]![2]!["otherId"]);
        Assert.NotNull(aligned["tokens"]![3]!["otherId"]);
        Assert.Equal(1, aligned["sharedEnds"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("llmc")]
    [InlineData("nanogpt")]
    public async Task Shards_hold_the_text_for_other_trainers_and_for_this_one(string format)
    {
        string file = await Train(300);
        await CommandLine.Succeed("tokenizer", "encode", file, _place.Text, "--format", format, "--out", _place["train.bin"]);
        JsonNode seen = JsonNode.Parse(await CommandLine.Succeed("tokenizer", "inspect", file, "--data", _place["train.bin"], "--json"))!;
        JsonNode expected = JsonNode.Parse(await CommandLine.Succeed("tokenizer", "inspect", file, "--data", _place.Text, "--json"))!;
        Assert.Equal(expected["tokens"]!.GetValue<long>(), seen["tokens"]!.GetValue<long>());
        Assert.Equal(expected["unigramBits"]!.GetValue<double>(), seen["unigramBits"]!.GetValue<double>());
        Assert.Contains("give both", await CommandLine.Refuse("tokenizer", "encode", file, _place.Text, "--format", format), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspection_counts_what_the_text_does_for_each_row()
    {
        string file = await Train(300);
        string text = _place["aab.txt"];
        File.WriteAllText(text, "XXXY");
        JsonNode seen = JsonNode.Parse(await CommandLine.Succeed("tokenizer", "inspect", file, "--data", text, "--json"))!;
        Assert.Equal(4, seen["tokens"]!.GetValue<int>());
        Assert.Equal(1, seen["bytesPerToken"]!.GetValue<double>());
        Assert.Equal(298, seen["unseenRows"]!.GetValue<int>());
        Assert.Equal(300, seen["rareRows"]!.GetValue<int>());
        Assert.Equal(2 / 300.0, seen["coverage"]!.GetValue<double>(), 12);
        Assert.Equal(-3 * Math.Log2(0.75) - Math.Log2(0.25), seen["unigramBits"]!.GetValue<double>(), 12);
        string table = await CommandLine.Succeed("tokenizer", "inspect", file, "--data", _place.Text, "--longest", "3");
        Assert.Contains("seen less than 100 times", table, StringComparison.Ordinal);
        Assert.Equal(4, table.Split('\n').SkipWhile(line => !line.StartsWith("longest tokens", StringComparison.Ordinal)).Count(line => line.Length > 0));
    }

    [Fact]
    public async Task The_pieces_of_a_token_lead_down_to_its_bytes()
    {
        string file = await Train(300);
        string ids = (await CommandLine.Succeed("tokenizer", "encode", file, "--text", " the")).Trim();
        Assert.DoesNotContain(' ', ids);
        string tree = await CommandLine.Succeed("tokenizer", "inspect", file, "--token", " the");
        Assert.StartsWith($"\" the\"  {ids}\n", tree, StringComparison.Ordinal);
        Assert.Contains("\"t\"  116", tree, StringComparison.Ordinal);
        Assert.Contains("\"e\"  101", tree, StringComparison.Ordinal);
        JsonNode pieces = JsonNode.Parse(await CommandLine.Succeed("tokenizer", "inspect", file, "--token", ids, "--json"))!;
        Assert.Equal(" the", Leaves(pieces));
        Assert.Contains("leading space", await CommandLine.Refuse("tokenizer", "inspect", file, "--token", "zebra"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ranks_of_tiktoken_list_every_token()
    {
        string file = await Train(300);
        await CommandLine.Succeed("tokenizer", "export", file, "--format", "tiktoken", "--out", _place["ranks"]);
        string[] lines = File.ReadAllLines(_place["ranks"]);
        Assert.Equal(300, lines.Length);
        Assert.Equal("YQ== 97", lines[97]);
        await CommandLine.Succeed("tokenizer", "export", file, "--format", "gpt2", "--out", _place["gpt2"]);
        await CommandLine.Succeed("tokenizer", "export", file, "--format", "llmc", "--out", _place["llmc.bin"]);
        string ids = await CommandLine.Succeed("tokenizer", "encode", file, "--text", "every token");
        Assert.Equal(ids, await CommandLine.Succeed("tokenizer", "encode", _place["llmc.bin"], "--text", "every token"));
        Assert.Equal(ids, await CommandLine.Succeed("tokenizer", "encode", _place["gpt2"] + "/vocab.json", "--text", "every token"));
        await CommandLine.Succeed("tokenizer", "export", file, "--out", _place["copy.json"]);
        Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(_place["copy.json"]));
    }

    [Theory]
    [InlineData("--size", "255")]
    [InlineData("--size", "-1")]
    [InlineData("--size", "100000")]
    [InlineData("--pattern", "cl200k")]
    public async Task What_cannot_be_trained_is_refused(string option, string value)
    {
        string file = _place["refused.json"];
        string sentence = await CommandLine.Refuse(["tokenizer", "train", "--data", _place.Text, "--out", file, option, value]);
        Assert.Contains(value, sentence, StringComparison.Ordinal);
        Assert.False(File.Exists(file));
        Assert.False(File.Exists(file + ".training"));
    }

    [Fact]
    public async Task Stopped_training_leaves_only_what_it_needs_to_go_on_to_the_same_file()
    {
        byte[] whole = File.ReadAllBytes(await Train(320, "--special", "<|end|>"));
        string file = _place["again.json"];
        string[] words = ["tokenizer", "train", "--size", "320", "--special", "<|end|>", "--data", _place.Text, "--out", file];
        CommandLine stopped = await CommandLine.Interrupt("Training on", words);
        Assert.Equal(130, stopped.Code);
        Assert.Contains("the same command goes on", stopped.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(file));
        Assert.True(File.Exists(file + ".training"));
        JsonNode done = JsonNode.Parse(await CommandLine.Succeed([.. words, "--json"]))!;
        Assert.True(done["wentOn"]!.GetValue<bool>());
        Assert.Equal(320, done["vocabularySize"]!.GetValue<int>());
        Assert.Equal(new FileInfo(_place.Text).Length, done["bytes"]!.GetValue<long>());
        Assert.Equal(whole, File.ReadAllBytes(file));
        Assert.False(File.Exists(file + ".training"));
        Assert.Contains("stands twice", await CommandLine.Refuse([.. words, "--special", "<|end|>"]), StringComparison.Ordinal);
    }

    private static string Leaves(JsonNode pieces) => pieces["parts"]!.AsArray() is { Count: > 0 } parts
        ? string.Concat(parts.Select(part => Leaves(part!)))
        : pieces["text"]!.GetValue<string>().Trim('"');

    private async Task<string> Train(int size, params string[] more)
    {
        string file = _place["tokenizer.json"];
        await CommandLine.Succeed(["tokenizer", "train", "--size", $"{size}", "--data", _place.Text, "--out", file, .. more]);
        return file;
    }
}
