using System.Text;
using Embeddings.Data;
using Embeddings.Data.Documentation;
using Embeddings.Runtime.Tests.Training;

namespace Embeddings.Runtime.Tests.Data;

public sealed class DocumentationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("<summary>Reads all of\n   the text.</summary>", "Reads all of the text.")]
    [InlineData("<summary>Returns <see langword=\"null\" /> for a <see cref=\"T:System.Collections.Generic.List`1\" /> of <paramref name=\"size\" />.</summary>",
        "Returns null for a List of size.")]
    [InlineData("<summary>Calls <see cref=\"M:System.IO.Stream.#ctor(System.Int32)\">its constructor</see> with <c>true</c>.</summary>",
        "Calls its constructor with true.")]
    [InlineData("<remarks><para>One paragraph stands here.</para><para>Another one stands here.</para></remarks>",
        "One paragraph stands here.|Another one stands here.")]
    [InlineData("<summary>Too short.</summary><example>An example is never prose here.</example>", "")]
    [InlineData("<summary>A label without its full stop</summary>", "")]
    [InlineData("<summary>Code is left out.<code>int a = 1;\nint b = 2;</code></summary>", "Code is left out.")]
    public void Prose_is_taken_and_markup_left(string member, string expected)
    {
        string xml = $"<doc><members><member name=\"M:System.IO.File.Read(System.String)\">{member}</member></members></doc>";
        var lines = DocumentationReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(xml)));
        Assert.Equal(expected, string.Join('|', lines.Select(line => line.Text)));
        Assert.All(lines, line => Assert.Equal("System.IO.File", line.Type));
    }

    [Theory]
    [InlineData("T:System.String", "System.String")]
    [InlineData("M:System.String.Join(System.String,System.Object[])", "System.String")]
    [InlineData("P:System.String.Length", "System.String")]
    [InlineData("N", "")]
    public void A_member_belongs_to_its_type(string id, string type) => Assert.Equal(type, DocumentationReader.TypeOf(id));

    [Fact]
    public void A_type_is_a_document_and_no_paragraph_comes_twice()
    {
        string first = _folder.Write("a.xml", Members(("T:A", "The type A does this."), ("M:A.B", "Shared by all of them."), ("T:C", "The type C does that.")));
        string second = _folder.Write("b.xml", Members(("M:C.D", "Shared by all of them."), ("M:A.E", "The member E does more.")));
        string broken = _folder.Write("c.xml", "<doc><members>");
        Corpus corpus = DocumentationCorpus.Load([first, second, broken], TestContext.Current.CancellationToken);
        Assert.Equal(["A", "C"], corpus.Documents.Select(document => document.Name));
        Assert.Equal("The type A does this.\nShared by all of them.\nThe member E does more.\nThe type C does that.\n", corpus.Text());
        Assert.Contains("c.xml", Assert.Single(corpus.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_packs_carry_none_the_generated_language_stands_in()
    {
        Corpus corpus = DocumentationCorpus.LoadOrGenerate([], TestContext.Current.CancellationToken);
        Assert.StartsWith("generated language", corpus.Name, StringComparison.Ordinal);
        Assert.Contains("carry no documentation", Assert.Single(corpus.Notices), StringComparison.Ordinal);
        Assert.InRange(corpus.Bytes, 4_000_000, 4_100_000);
    }

    [Fact]
    public void The_newest_release_of_the_first_root_that_has_any_is_taken()
    {
        string Pack(string root, string version) => _folder.Write($"{root}/packs/Microsoft.NETCore.App.Ref/{version}/ref/net10.0/System.xml", "<doc/>");
        Directory.CreateDirectory(_folder["empty"]);
        Pack("first", "10.0.0-rc.2");
        Pack("first", "9.0.11");
        string newest = Pack("first", "10.0.0");
        Pack("second", "11.0.0");
        Assert.Equal([newest], ReferencePacks.Documentation([_folder["empty"], _folder["first"], _folder["second"]]));
        Assert.Empty(ReferencePacks.Documentation([_folder["empty"]]));
    }

    private static string Members(params (string Id, string Summary)[] members) =>
        $"<doc><members>{string.Concat(members.Select(member => $"<member name=\"{member.Id}\"><summary>{member.Summary}</summary></member>"))}</members></doc>";
}
