using System.Text;

namespace Embeddings.Experiments.Tests.Cli;

/// <summary>A temporary folder with a small text to train on.</summary>
internal sealed class Workplace : IDisposable
{
    private static readonly string[] s_words =
        ["model", "token", "row", "learns", "reads", "the", "a", "of", "bytes", "long", "shares", "gradient", "and", "every", "loss", "falls"];

    public Workplace()
    {
        Folder = Directory.CreateTempSubdirectory("embeddings-cli-").FullName;
        Text = this["text.txt"];
        var random = new Random(7);
        var text = new StringBuilder();
        while (text.Length < 20_000)
        {
            text.Append(s_words[random.Next(s_words.Length)]).Append(random.Next(9) == 0 ? ".\n" : " ");
        }

        File.WriteAllText(Text, text.ToString());
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>A text of 20 kB.</summary>
    public string Text { get; }

    /// <summary>A path in the folder.</summary>
    public string this[string name] => Path.Combine(Folder, name);

    /// <summary>A few steps of training on the text, which go into a folder.</summary>
    public string[] Train(string variant, string folder, params string[] more) =>
        ["train", variant, "--data", Text, "--steps", "4", "--evaluations", "2", "--validation-bytes", "1000", "--out", this[folder], .. more];

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
