using System.Text;
using Embeddings.Data;
using Embeddings.Runtime.Tests.Training;
using Parquet;
using Parquet.Schema;

namespace Embeddings.Runtime.Tests.Data;

public sealed class ParquetTextTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_row_of_every_group_is_a_document()
    {
        string file = await Write(["one", "", "zwei mit ü\n"], ["three"]);
        Corpus corpus = Corpora.Open([file], cancellation: Token);
        Assert.Equal(["one\n", "zwei mit ü\n", "three\n"], corpus.Documents.Select(document => Encoding.UTF8.GetString(document.Bytes.Span)));
        Assert.EndsWith(":4", corpus.Documents[^1].Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_column_names_those_that_are_there()
    {
        string file = await Write(["one"]);
        UserError error = Assert.Throws<UserError>(() => Corpora.Open([file], new CorpusOptions { TextField = "body" }, cancellation: Token));
        Assert.Contains("no text column 'body'; its text columns are 'text'", error.Message, StringComparison.Ordinal);
        Assert.Contains("no text column 'number'", Assert.Throws<UserError>(() => Corpora.Open([file], new CorpusOptions { TextField = "number" }, cancellation: Token)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_file_is_one_sentence()
    {
        byte[] whole = File.ReadAllBytes(await Write(["one", "two"]));
        foreach (byte[] damaged in new[] { [], "PAR1"u8.ToArray(), whole[..^9], [.. whole[..(whole.Length / 2)], .. whole[(whole.Length / 2 + 7)..]] })
        {
            string file = _folder.Write("damaged.parquet", damaged);
            Assert.Contains("is not a Parquet file that can be read", Assert.Throws<UserError>(() => Corpora.Open([file], cancellation: Token)).Message, StringComparison.Ordinal);
        }
    }

    private async Task<string> Write(params string[][] groups)
    {
        var schema = new ParquetSchema(new DataField<int>("number"), new DataField<string>("text"));
        string file = _folder["data.parquet"];
        await using FileStream stream = File.Create(file);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, stream);
        foreach (string[] texts in groups)
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            await group.WriteAsync<int>(schema.DataFields[0], Enumerable.Range(0, texts.Length).ToArray());
            await group.WriteAsync(schema.DataFields[1], texts);
        }

        return file;
    }
}
