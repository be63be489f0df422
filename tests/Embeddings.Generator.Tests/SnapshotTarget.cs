namespace Embeddings.Generator.Tests;

/// <summary>One text of a snapshot.</summary>
/// <param name="Name">What tells it from the test's other texts; null for the only one.</param>
/// <param name="Extension">Extension of its file, without a dot.</param>
/// <param name="Text">What the test received.</param>
internal sealed record SnapshotTarget(string? Name, string Extension, string Text)
{
    /// <summary>Characters that some file system refuses; the same on every machine.</summary>
    private const string InvalidInFileName = "\"<>|:*?\\/\0\r\n\t";

    /// <summary>A generated file under its hint name, which also stands in its first line.</summary>
    public static SnapshotTarget OfGeneratedFile(string hintName, string text) =>
        new(Path.GetFileNameWithoutExtension(hintName), Path.GetExtension(hintName).TrimStart('.'), $"//HintName: {hintName}\n{text}");

    /// <summary>The name with every character that cannot stand in a file name replaced.</summary>
    public static string FileName(string name) =>
        string.Concat(name.Select(character => InvalidInFileName.Contains(character) ? '-' : character));
}
