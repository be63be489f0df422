using System.Text.Encodings.Web;
using System.Text.Json;
using Embeddings.Checkpoints;

namespace Embeddings.Training;

/// <summary><c>run.json</c>: what a run is, on what it was made, and, once its budget is spent, how it ended.</summary>
public sealed record RunRecord
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "run.json";

    private static readonly JsonSerializerOptions s_format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>What makes the run the run it is.</summary>
    public required RunIdentity Identity { get; init; }

    /// <summary>Every attribute of the variant with every default resolved, one per line.</summary>
    public required string Declaration { get; init; }

    /// <summary>The data.</summary>
    public required RunData Data { get; init; }

    /// <summary>Entries of the vocabulary.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Entries of the vocabulary of the inputs; 0 in records of earlier versions, which knew one vocabulary alone.</summary>
    public int InputVocabularySize { get; init; }

    /// <summary>Entries of the second input table; 0 where there is none.</summary>
    public int SecondVocabularySize { get; init; }

    /// <summary>Trained and frozen parameters.</summary>
    public required RunParameters Parameters { get; init; }

    /// <summary>Floating-point operations of forward and backward for one token.</summary>
    public required double FlopsPerToken { get; init; }

    /// <summary>How long the run goes.</summary>
    public required TrainingBudget Budget { get; init; }

    /// <summary>The run that this one is a cooldown branch of; null where it began from its initial values.</summary>
    public RunTrunk? Trunk { get; init; }

    /// <summary>Each start and continuation, in order.</summary>
    public required IReadOnlyList<RunSession> Sessions { get; init; }

    /// <summary>How it ended; null until the budget is spent.</summary>
    public TrainingResult? Result { get; init; }

    /// <summary>Reads the record of a run.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <returns>The record, or null where the folder holds no run.</returns>
    /// <exception cref="UserError">The record is damaged or cannot be read.</exception>
    public static RunRecord? Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<RunRecord>(File.ReadAllBytes(path), s_format) ?? throw new JsonException();
        }
        catch (JsonException error)
        {
            throw new UserError($"'{path}' is not the record of a run of this program; give another folder.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"Cannot read '{path}': {error.Message.TrimEnd('.')}.", error);
        }
    }

    /// <summary>Writes the record, atomically.</summary>
    internal void Write(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), stream =>
    {
        JsonSerializer.Serialize(stream, this, s_format);
        stream.Write("\n"u8);
    });
}

/// <summary>The data of a run, for the reader; <see cref="RunIdentity"/> holds the hashes.</summary>
/// <param name="Name">Name of the corpus.</param>
/// <param name="TrainingDocuments">Documents trained on.</param>
/// <param name="TrainingBytes">Their bytes.</param>
/// <param name="ValidationDocuments">Documents measured on.</param>
/// <param name="ValidationBytes">Their bytes.</param>
/// <param name="Sources">The files, folders and built-in names it was opened by, to open it again; null where that is not known.</param>
public sealed record RunData(
    string Name,
    int TrainingDocuments,
    long TrainingBytes,
    int ValidationDocuments,
    long ValidationBytes,
    IReadOnlyList<string>? Sources = null);

/// <summary>Numbers of parameters.</summary>
/// <param name="InputEmbedding">Of the rows, or byte vectors, that ids turn into; with a tied head, the shared table.</param>
/// <param name="OutputHead">Of the untied head.</param>
/// <param name="Body">Of all between.</param>
/// <param name="Trainable">Of all three, those that are trained.</param>
public sealed record RunParameters(long InputEmbedding, long OutputHead, long Body, long Trainable);

/// <summary>One start or continuation of a run.</summary>
/// <param name="Started">When.</param>
/// <param name="FromStep">Steps made before.</param>
/// <param name="Budget">The budget it was given.</param>
/// <param name="Threads">Threads it worked with.</param>
/// <param name="Command">The command line, where there was one.</param>
/// <param name="Machine">The machine and the versions.</param>
/// <param name="Device">Where it computed; null in records of earlier versions, which knew the processor alone.</param>
public sealed record RunSession(
    DateTimeOffset Started, long FromStep, TrainingBudget Budget, int Threads, string? Command, MachineDescription Machine,
    string? Device = null);

/// <summary>Where a cooldown branch left its trunk.</summary>
/// <param name="Checkpoint">The checkpoint's path, as given.</param>
/// <param name="Step">Steps the trunk had made.</param>
/// <param name="Bytes">Bytes it had read.</param>
/// <param name="Flops">Floating-point operations it had spent.</param>
public sealed record RunTrunk(string Checkpoint, long Step, long Bytes, double Flops);
