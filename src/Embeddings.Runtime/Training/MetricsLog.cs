using System.Buffers;
using System.Text;
using System.Text.Json;
using Embeddings.Checkpoints;

namespace Embeddings.Training;

/// <summary><c>metrics.jsonl</c>: one line of JSON per step, written as the run goes.</summary>
public sealed class MetricsLog : IDisposable
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "metrics.jsonl";

    private static readonly JsonSerializerOptions s_format = new(JsonSerializerDefaults.Web);

    private readonly string _path;
    private readonly FileStream _stream;
    private readonly ArrayBufferWriter<byte> _line = new();

    private MetricsLog(string path, FileStream stream)
    {
        _path = path;
        _stream = stream;
    }

    /// <summary>Opens the log to append to it, after dropping the lines of steps that a resumed run will make again.</summary>
    /// <param name="path">The file; created where it is missing.</param>
    /// <param name="lastStep">Largest step whose line is kept; 0 keeps none.</param>
    /// <exception cref="UserError">It cannot be read or written.</exception>
    internal static MetricsLog Open(string path, long lastStep)
    {
        var kept = Read(path).TakeWhile(row => row.Step <= lastStep).ToList();
        AtomicFile.Write(path, stream =>
        {
            foreach (MetricsRow row in kept)
            {
                JsonSerializer.Serialize(stream, row, s_format);
                stream.Write("\n"u8);
            }
        });
        try
        {
            return new MetricsLog(path, new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.CannotWrite(path, error);
        }
    }

    /// <summary>Reads a log. A last line that is not whole, as a crash leaves it, is passed over.</summary>
    /// <param name="path">The file; a missing one has no lines.</param>
    /// <exception cref="UserError">It cannot be read, or a line before the last is not what this program writes.</exception>
    public static IReadOnlyList<MetricsRow> Read(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        string[] lines;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            lines = reader.ReadToEnd().Split('\n');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"Cannot read '{path}': {error.Message.TrimEnd('.')}.", error);
        }

        var rows = new List<MetricsRow>();
        for (int i = 0; i < lines.Length - 1; i++)
        {
            try
            {
                rows.Add(JsonSerializer.Deserialize<MetricsRow>(lines[i], s_format) ?? throw new JsonException());
            }
            catch (JsonException error)
            {
                throw new UserError($"Line {i + 1} of '{path}' is damaged; remove it or start the run in another folder.", error);
            }
        }

        return rows;
    }

    /// <summary>Appends a line and hands it to the system.</summary>
    /// <exception cref="UserError">It cannot be written.</exception>
    internal void Append(MetricsRow row)
    {
        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line))
        {
            JsonSerializer.Serialize(json, row, s_format);
        }

        _line.Write("\n"u8);
        try
        {
            _stream.Write(_line.WrittenSpan);
            _stream.Flush();
        }
        catch (IOException error)
        {
            throw AtomicFile.CannotWrite(_path, error);
        }
    }

    /// <summary>Flushes all lines to disk.</summary>
    /// <exception cref="UserError">They cannot be written.</exception>
    internal void Synchronize()
    {
        try
        {
            _stream.Flush(flushToDisk: true);
        }
        catch (IOException error)
        {
            throw AtomicFile.CannotWrite(_path, error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
