using System.Text;
using Parquet;
using Parquet.Schema;

namespace Embeddings.Data;

/// <summary>Reads the text column of a Parquet file; each row is a document, closed by a line end.</summary>
internal static class ParquetText
{
    /// <summary>Appends the documents of a file.</summary>
    /// <exception cref="UserError">The file is not Parquet, or has no such column of text.</exception>
    public static void Read(string file, string column, List<Document> documents, CancellationToken cancellation)
    {
        try
        {
            ReadAsync(file, column, documents, cancellation).GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is not (UserError or OperationCanceledException or UnauthorizedAccessException or FileNotFoundException))
        {
            // A damaged file surfaces as whatever the decoder stumbled over.
            throw new UserError($"'{file}' is not a Parquet file that can be read ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')}).", error);
        }
    }

    private static async Task ReadAsync(string file, string column, List<Document> documents, CancellationToken cancellation)
    {
        await using ParquetReader reader = await ParquetReader.CreateAsync(file, cancellationToken: cancellation).ConfigureAwait(false);
        DataField[] fields = reader.Schema.GetDataFields();
        DataField? field = fields.FirstOrDefault(field => field.Path.ToString() == column);
        if (field is null || field.MaxRepetitionLevel > 0 || (field.ClrType != typeof(string) && field.ClrType != typeof(byte[])))
        {
            string texts = string.Join("', '", fields.Where(other => other.ClrType == typeof(string)).Select(other => other.Path.ToString()));
            string hint = texts.Length > 0 ? $"its text columns are '{texts}'" : "it has none";
            throw new UserError($"'{file}' has no text column '{column}'; {hint}.");
        }

        long row = 0;
        for (int group = 0; group < reader.RowGroupCount; group++)
        {
            using ParquetRowGroupReader rows = reader.OpenRowGroupReader(group);
            int count = checked((int)rows.RowCount);
            byte[]?[] values = new byte[]?[count];
            if (field.ClrType == typeof(string))
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

            foreach (byte[]? value in values)
            {
                row++;
                if (value is { Length: > 0 })
                {
                    documents.Add(new Document($"{file}:{row}", value[^1] == (byte)'\n' ? value : [.. value, (byte)'\n']));
                }
            }
        }
    }
}
