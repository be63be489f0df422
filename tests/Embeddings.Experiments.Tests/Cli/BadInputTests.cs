using Embeddings.Checkpoints;
using Embeddings.Models;

namespace Embeddings.Experiments.Tests.Cli;

/// <summary>Whatever is wrong with what a user gives ends in one sentence, an exit code that is not 0, and nothing lost.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("train Vocabulary265", "nearest names are Vocabulary256")]
    [InlineData("train vocab256", "nearest names are Vocabulary256")]
    [InlineData("train Xyzzy", "There is no variant 'Xyzzy'; the command 'variants' lists all.")]
    [InlineData("train Vocabulary256 --steps 0", "--steps takes an amount above 0")]
    [InlineData("train Vocabulary256 --bytes -5", "--bytes takes an amount above 0")]
    [InlineData("train Vocabulary256 --bytes 1M --steps 5", "Give --bytes or --steps, not both.")]
    [InlineData("train Vocabulary256 --threads 0", "--threads takes a whole number of 1 or more, not '0'.")]
    [InlineData("train Vocabulary256 --seed -1", "--seed takes a whole number of 0 or more, not '-1'.")]
    [InlineData("train Vocabulary256 --evaluations 0", "--evaluations takes a whole number of 1 or more")]
    [InlineData("train Vocabulary256 --validation-bytes 0", "--validation-bytes takes an amount above 0")]
    [InlineData("train Vocabulary256 --device tpu", "--device takes auto, cpu or cuda, not 'tpu'.")]
    [InlineData("train", "Required argument 'variant' missing")]
    [InlineData("sample run --temperature -1", "--temperature takes a number of 0 or more, not '-1'.")]
    [InlineData("sample run --tokens 0", "--tokens takes a whole number of 1 or more")]
    [InlineData("sample run --top-k -1", "--top-k takes a whole number of 0 or more")]
    [InlineData("study vocabulary --seeds 0", "--seeds takes a whole number of 1 or more")]
    [InlineData("study vocabulary --bytes 0", "--bytes takes an amount above 0")]
    [InlineData("study vocabulary --tier huge", "--tier takes quick or full, not 'huge'.")]
    [InlineData("study numbers", "There is no command 'numbers'; the commands of 'study' are vocabulary.")]
    [InlineData("frobnicate", "There is no command 'frobnicate'; the commands are variants, train,")]
    [InlineData("bench", "The commands of 'bench' are step, matmul")]
    [InlineData("eval", "Required argument 'checkpoint' missing")]
    [InlineData("eval missing", "There is no checkpoint 'missing'.")]
    public async Task Mistakes_on_the_command_line(string words, string part) =>
        Assert.Contains(part, await CommandLine.Refuse(words.Split(' ')), StringComparison.Ordinal);

    [Fact]
    public async Task Data_that_is_missing_or_empty()
    {
        Assert.Contains("There is no file or folder", await Train("Vocabulary256", _place["missing"]), StringComparison.Ordinal);
        File.WriteAllText(_place["empty.txt"], "");
        Assert.Contains("is empty", await Train("Vocabulary256", _place["empty.txt"]), StringComparison.Ordinal);
        Directory.CreateDirectory(_place["nothing"]);
        Assert.Contains("holds no files", await Train("Vocabulary256", _place["nothing"]), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_place["run"]));
    }

    [Fact]
    public async Task Data_that_is_too_small_for_the_vocabulary_or_the_context()
    {
        Assert.Matches(@"fills a vocabulary of only \d+ entries, not 4096", await Train("Vocabulary4096", _place.Text));
        File.WriteAllText(_place["short.txt"], new string('a', 120));
        Assert.Contains("fewer tokens than the context of 128", await Train("Vocabulary256", _place["short.txt"]), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_place["run"]));
    }

    [Fact]
    public async Task Checkpoints_that_are_cut_off_changed_or_of_another_program()
    {
        await CommandLine.Succeed(_place.Train("Vocabulary256", "run"));
        string checkpoint = Path.Combine(_place["run"], Checkpoint.FileName);
        byte[] good = File.ReadAllBytes(checkpoint);

        File.WriteAllBytes(checkpoint, good[..^100]);
        await EveryCommandRefuses("100 bytes are missing at its end");
        File.WriteAllBytes(checkpoint, good[..20]);
        await EveryCommandRefuses("cut off inside its header");
        File.WriteAllBytes(checkpoint, []);
        await EveryCommandRefuses("it has only 0 bytes");
        byte[] changed = [.. good];
        changed[^1000] ^= 0x10;
        File.WriteAllBytes(checkpoint, changed);
        await EveryCommandRefuses("do not match the hash");
        File.Copy(_place.Text, checkpoint, overwrite: true);
        await EveryCommandRefuses("is not a sound safetensors file");

        File.WriteAllBytes(checkpoint, good);
        await CommandLine.Succeed("export", _place["run"], "--out", _place["exported"]);
        File.Copy(Path.Combine(_place["exported"], "model.safetensors"), checkpoint, overwrite: true);
        await EveryCommandRefuses("not a checkpoint of this program");
        File.WriteAllBytes(checkpoint, good);
        await CommandLine.Succeed("eval", _place["run"]);

        async Task EveryCommandRefuses(string part)
        {
            byte[] before = File.ReadAllBytes(checkpoint);
            foreach (string[] words in (string[][])[
                ["eval", _place["run"]],
                ["sample", _place["run"]],
                ["export", _place["run"], "--out", _place["refused"]],
                ["train", "Vocabulary256", "--out", _place["run"], "--resume", "--steps", "9"]])
            {
                Assert.Contains(part, await CommandLine.Refuse(words), StringComparison.Ordinal);
            }

            Assert.Equal(before, File.ReadAllBytes(checkpoint));
        }
    }

    [Fact]
    public async Task Folders_that_cannot_be_written_to()
    {
        Assert.Contains("is a file", await CommandLine.Refuse(_place.Train("Vocabulary256", "text.txt")), StringComparison.Ordinal);
        Assert.Contains("Cannot write", await CommandLine.Refuse(_place.Train("Vocabulary256", Path.Combine("text.txt", "run"))), StringComparison.Ordinal);
        using TemporaryFileSystem disk = TemporaryFileSystem.Mount(_place["read-only"], 1 << 20, readOnly: true);
        Assert.Contains("Cannot write", await CommandLine.Refuse(_place.Train("Vocabulary256", Path.Combine("read-only", "run"))), StringComparison.Ordinal);
        Assert.Contains("Cannot write", await CommandLine.Refuse(
            "tokenizer", "train", "--size", "300", "--data", _place.Text, "--out", Path.Combine(disk.Folder, "tokenizer.json")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_is_full_while_a_checkpoint_is_saved()
    {
        // Room for one checkpoint of 141,056 parameters with their moments, but not for the second one beside it.
        using TemporaryFileSystem disk = TemporaryFileSystem.Mount(_place["disk"], 5 << 19);
        string sentence = await CommandLine.Refuse(_place.Train("Vocabulary256", Path.Combine("disk", "run")));
        Assert.Contains("Cannot write", sentence, StringComparison.Ordinal);
        Assert.Contains("free some space or give another folder", sentence, StringComparison.Ordinal);
        string run = Path.Combine(disk.Folder, "run");
        using SafeTensorsFile kept = SafeTensorsFile.Open(Path.Combine(run, Checkpoint.FileName));
        kept.VerifyHash();
        Assert.Empty(Directory.GetFiles(run, "*.partial"));
    }

    [Fact]
    public async Task A_loss_that_is_not_a_number_stops_training_and_keeps_the_last_good_checkpoint()
    {
        await CommandLine.Succeed(_place.Train("Vocabulary256", "run"));
        string checkpoint = Path.Combine(_place["run"], Checkpoint.FileName);
        MakeHuge(checkpoint);
        byte[] before = File.ReadAllBytes(checkpoint);
        string sentence = await CommandLine.Refuse("train", "Vocabulary256", "--out", _place["run"], "--resume", "--steps", "9");
        Assert.Matches("^The loss became (NaN|infinite) at step 5, so training stopped; the checkpoint of step 4 remains in ", sentence);
        Assert.Equal(before, File.ReadAllBytes(checkpoint));
    }

    private Task<string> Train(string variant, string data) =>
        CommandLine.Refuse("train", variant, "--data", data, "--steps", "2", "--out", _place["run"]);

    /// <summary>Writes a checkpoint again, sound in every way but for weights that no sum survives.</summary>
    private static void MakeHuge(string checkpoint)
    {
        var tensors = new List<TensorSource>();
        var arenas = new List<Arena<float>>();
        Dictionary<string, string> metadata;
        using (SafeTensorsFile file = SafeTensorsFile.Open(checkpoint))
        {
            metadata = new Dictionary<string, string>(file.Metadata);
            foreach (TensorInfo tensor in file.Tensors)
            {
                var values = new Arena<float>(tensor.Shape.Aggregate(1L, (product, length) => product * length));
                arenas.Add(values);
                file.Read(tensor.Name, values, 0);
                if (tensor.Name == "Head.Weight")
                {
                    values.Slice(0, (int)values.Length).Fill(3e38f);
                }

                tensors.Add(TensorSource.Of(tensor.Name, tensor.Shape, values, 0));
            }
        }

        SafeTensorsWriter.Write(checkpoint, tensors, metadata);
        arenas.ForEach(arena => arena.Dispose());
    }
}
