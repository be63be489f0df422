using System.Text;
using Parquet;
using Parquet.Schema;

namespace Embeddings.Data;

/// <summary>Reads the text column of a Parquet file; each row is a document, closed by a line end.</summary>
internal static class ParquetText
{
    /// <summary>The documents of a file, read one row group at a time while they are enumerated.</summary>
    /// <exception cref="UserError">The file is not Parquet, or has no such column of text.</exception>
    public static IEnumerable<Document> Read(string file, string column, CancellationToken cancellation)
    {
        using FileStream stream = File.OpenRead(file);
        ParquetReader reader = Try(file, () => ParquetReader.CreateAsync(stream, cancellationToken: cancellation));
        DataField field = FieldOf(reader, file, column);
        long row = 0;
        for (int group = 0; group < reader.RowGroupCount; group++)
        {
            foreach (byte[]? value in Try(file, () => ReadGroupAsync(reader, group, field, cancellation)))
            {
                row++;
                if (value is { Length: > 0 })
                {
                    yield return new Document($"{file}:{row}", value[^1] == (byte)'\n' ? value : [.. value, (byte)'\n']);
                }
            }
        }
    }

    private static DataField FieldOf(ParquetReader reader, string file, string column)
    {
        DataField[] fields = reader.Schema.GetDataFields();
        DataField? field = fields.FirstOrDefault(field => field.Path.ToString() == column);
        if (field is null || field.MaxRepetitionLevel > 0 || !(IsText(field) || IsBytes(field)))
        {
            string texts = string.Join("', '", fields.Where(IsText).Select(other => other.Path.ToString()));
            string hint = texts.Length > 0 ? $"its text columns are '{texts}'" : "it has none";
            throw new UserError($"'{file}' has no text column '{column}'; {hint}.");
        }

        return field;
    }

    private static bool IsText(DataField field) => field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>);

    private static bool IsBytes(DataField field) => field.ClrType == typeof(byte[]) || field.ClrType == typeof(ReadOnlyMemory<byte>);

    private static async Task<byte[]?[]> ReadGroupAsync(ParquetReader reader, int group, DataField field, CancellationToken cancellation)
    {
        using ParquetRowGroupReader rows = reader.OpenRowGroupReader(group);
        int count = checked((int)rows.RowCount);
        var values = new byte[]?[count];
        if (IsText(field))
        {
            var texts = new string?[count];
            await rows.ReadAsync(field, texts.AsMemory()!, cancellationToken: cancellation).ConfigureAwait(false);
            for (int i = 0; i < count; i++)
            {
                values[i] = texts[i] is { Length: > 0 } text ? Encoding.UTF8.GetBytes(text) : null;
            }
        }
        else
        {
            await rows.ReadAsync(field, values.AsMemory()!, cancellationToken: cancellation).ConfigureAwait(false);
        }

        return values;
    }

    private static T Try<T>(string file, Func<Task<T>> action)
    {
        try
        {
            return action().GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is not (UserError or OperationCanceledException or UnauthorizedAccessException or FileNotFoundException))
        {
            // A damaged file surfaces as whatever the decoder stumbled over.
            throw new UserError($"'{file}' is not a Parquet file that can be read ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')}).", error);
        }
    }
}
