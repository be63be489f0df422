using System.Text.Json;

namespace Embeddings.Experiments.Studies;

/// <summary>Finished runs on disk, one directory each, found again by the run's key.</summary>
/// <param name="directory">Holds one directory per run.</param>
public sealed class RunStore(string directory)
{
    private const string ResultFile = "result.json";

    /// <summary>The directory of a run; made if it is missing.</summary>
    public string Prepare(RunRequest request, string key)
    {
        string path = PathOf(request, key);
        Directory.CreateDirectory(path);
        return path;
    }

    /// <summary>The result of a run that has finished before, or null. A result that cannot be read counts as missing.</summary>
    public RunResult? Find(RunRequest request, string key)
    {
        string path = Path.Combine(PathOf(request, key), ResultFile);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            RunResult? result = JsonSerializer.Deserialize(File.ReadAllBytes(path), StudyJson.Default.RunResult);
            return result is { } found && double.IsFinite(found.ValidationBitsPerByte) ? found : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps a result.</summary>
    public void Save(RunRequest request, string key, RunResult result) =>
        OutputFile.Write(
            Path.Combine(Prepare(request, key), ResultFile), JsonSerializer.SerializeToUtf8Bytes(result, StudyJson.Default.RunResult));

    private string PathOf(RunRequest request, string key) =>
        Path.Combine(directory, FormattableString.Invariant($"{request.Variant.Name}-seed{request.Seed}-{key}"));
}
