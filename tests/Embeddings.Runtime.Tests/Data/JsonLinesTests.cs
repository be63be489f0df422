using System.Text;
using Embeddings.Data;
using Embeddings.Runtime.Tests.Training;

namespace Embeddings.Runtime.Tests.Data;

public sealed class JsonLinesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"text":"plain"}""", "plain\n")]
    [InlineData("""{"id":1,"meta":{"text":"no"},"text":"the second field"}""", "the second field\n")]
    [InlineData("""{"text":"first","text":"second"}""", "first\n")]
    [InlineData("""{"text":"tab\t, quote\", slash\/, line\n"}""", "tab\t, quote\", slash/, line\n")]
    [InlineData("""{"text":"\u00fc and \ud83d\ude00"}""", "ü and 😀\n")]
    [InlineData("""{"text":"half \ud83d of a pair"}""", "half \uFFFD of a pair\n")]
    [InlineData("""{"text":"two halves \ude00\ud83d"}""", "two halves \uFFFD\uFFFD\n")]
    public void A_string_becomes_its_bytes_and_a_line_end(string line, string text) => Assert.Equal([text], Read(line + "\n"));

    [Fact]
    public void Blank_lines_a_mark_and_carriage_returns_are_no_documents() =>
        Assert.Equal(["a\n", "b\n", "c\n"], Read("\uFEFF{\"text\":\"a\"}\r\n\r\n  \n{\"text\":\"b\"}\r\n{\"text\":\"\"}\n{\"text\":null}\n{\"text\":\"c\"}"));

    [Fact]
    public void A_line_may_be_longer_than_any_buffer()
    {
        string text = string.Concat(Enumerable.Range(0, 60_000).Select(i => (char)('a' + i % 26)));
        Assert.Equal([text + "\n", "b\n", text + text + "\n"], Read($"{{\"text\":\"{text}\"}}\n{{\"text\":\"b\"}}\n{{\"text\":\"{text}{text}\"}}\n"));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_kept()
    {
        string file = _folder.Write("data.jsonl", [.. "{\"text\":\""u8, 0xC3, 0x28, 0xFF, .. "\"}\n"u8]);
        Assert.Equal([0xC3, 0x28, 0xFF, (byte)'\n'], JsonLines.Read(file, "text", TestContext.Current.CancellationToken).Single().Bytes.ToArray());
    }

    [Theory]
    [InlineData("[1]", "Line 2 of", "is not a JSON object")]
    [InlineData("{\"other\":\"x\"}", "Line 2 of", "has no field 'text'")]
    [InlineData("{\"text\":3}", "The field 'text' in line 2 of", "is not a string")]
    [InlineData("{\"text\":\"x\"", "Line 2 of", "is not valid JSON")]
    [InlineData("{\"text\":\"x\"} more", "Line 2 of", "is not valid JSON (at byte 14)")]
    public void What_is_wrong_names_the_line(string line, string start, string part)
    {
        string message = Assert.Throws<UserError>(() => Read("{\"text\":\"fine\"}\n" + line)).Message;
        Assert.StartsWith(start, message, StringComparison.Ordinal);
        Assert.Contains("data.jsonl", message, StringComparison.Ordinal);
        Assert.Contains(part, message, StringComparison.Ordinal);
    }

    private string[] Read(string content) =>
        [.. JsonLines.Read(_folder.Write("data.jsonl", content), "text", TestContext.Current.CancellationToken).Select(document => Encoding.UTF8.GetString(document.Bytes.Span))];
}
