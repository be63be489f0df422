using System.Text;
using Xunit.Sdk;

namespace Embeddings.Generator.Tests;

public sealed class SnapshotTests : IDisposable
{
    private const string Name = "Class.Method";

    private readonly string _directory = Directory.CreateTempSubdirectory("snapshot-").FullName;
    private readonly List<string> _opened = [];
    private readonly List<string> _closed = [];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Text_without_a_verified_file_is_received_and_shown()
    {
        string? difference = Compare(Text("new\n"));

        Assert.Equal("Class.Method.verified.txt does not exist.", difference);
        Assert.Equal(["Class.Method.received.txt"], Names());
        Assert.Equal(["Class.Method.received.txt Class.Method.verified.txt"], _opened);
    }

    [Fact]
    public void Accepted_text_is_verified_from_then_on()
    {
        Assert.Null(Compare(accept: true, Text("one\ntwo\n")));
        Assert.Null(Compare(Text("one\ntwo\n")));

        Assert.Equal(["Class.Method.verified.txt"], Names());
        Assert.Empty(_opened);
    }

    [Fact]
    public void A_difference_names_the_first_line_that_differs()
    {
        Compare(accept: true, Text("same\nold\nsame"));

        Assert.Equal("Class.Method.verified.txt differs in line 2:\n- old\n+ new", Compare(Text("same\nnew\nsame")));
        Assert.Equal("Class.Method.verified.txt differs in line 4:\n- <end>\n+ more", Compare(Text("same\nold\nsame\nmore")));
        Assert.Equal("Class.Method.verified.txt differs in line 3:\n- same\n+ <end>", Compare(Text("same\nold")));
    }

    [Fact]
    public void A_received_file_goes_away_when_the_text_is_as_verified_again()
    {
        Compare(accept: true, Text("old"));
        Compare(Text("new"));
        Assert.Contains("Class.Method.received.txt", Names());

        Assert.Null(Compare(Text("old")));
        Assert.Equal(["Class.Method.verified.txt"], Names());
        Assert.Equal(["Class.Method.received.txt Class.Method.verified.txt"], _closed);
    }

    [Fact]
    public void Every_target_has_its_own_file_and_all_differences_are_told()
    {
        Compare(accept: true, Text("a", "First", "cs"), Text("b", "Second", "cs"));
        Assert.Equal(["Class.Method#First.verified.cs", "Class.Method#Second.verified.cs"], Names());

        string? difference = Compare(Text("A", "First", "cs"), Text("B", "Second", "cs"));

        Assert.Contains("#First.verified.cs differs", difference);
        Assert.Contains("#Second.verified.cs differs", difference);
        Assert.Equal(2, _opened.Count);
    }

    [Fact]
    public void A_verified_file_that_is_no_longer_received_is_a_difference()
    {
        Compare(accept: true, Text("a", "Kept"), Text("b", "Gone"));
        File.WriteAllText(Path.Combine(_directory, "Class.MethodOfAnotherTest.verified.txt"), "c");

        Assert.Equal("Class.Method#Gone.verified.txt is verified but was not received.", Compare(Text("a", "Kept")));
        Assert.Null(Compare(accept: true, Text("a", "Kept")));
        Assert.Equal(["Class.Method#Kept.verified.txt", "Class.MethodOfAnotherTest.verified.txt"], Names());
    }

    [Fact]
    public void Files_are_written_as_Verify_writes_them()
    {
        Compare(accept: true, Text("one\r\ntwo"));

        Assert.Equal([0xEF, 0xBB, 0xBF, .. "one\ntwo"u8], File.ReadAllBytes(Path.Combine(_directory, "Class.Method.verified.txt")));
    }

    [Fact]
    public void Line_ends_the_byte_order_mark_and_a_last_line_end_make_no_difference()
    {
        string verified = Path.Combine(_directory, "Class.Method.verified.txt");
        foreach (string text in new[] { "one\r\ntwo", "one\ntwo\n", "one\ntwo" })
        {
            File.WriteAllText(verified, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            Assert.Null(Compare(Text("one\ntwo")));
        }

        File.WriteAllText(verified, "one\ntwo\n\n");
        Assert.NotNull(Compare(Text("one\ntwo")));
    }

    [Fact]
    public void An_empty_verified_file_verifies_nothing()
    {
        File.WriteAllText(Path.Combine(_directory, "Class.Method.verified.txt"), "");

        Assert.NotNull(Compare(Text("")));
    }

    [Fact]
    public void Two_targets_must_not_share_a_file() =>
        Assert.Throws<ArgumentException>(() => Compare(Text("a", "Same"), Text("b", "Same")));

    [Fact]
    public void A_generated_file_is_named_by_its_hint()
    {
        SnapshotTarget target = SnapshotTarget.OfGeneratedFile("My.Models.Baseline.g.cs", "class C;\n");

        Assert.Equal(new SnapshotTarget("My.Models.Baseline.g", "cs", "//HintName: My.Models.Baseline.g.cs\nclass C;\n"), target);
    }

    [Fact]
    public void The_snapshot_of_a_test_stands_beside_it() => Snapshot.Match("Text that does not change.\n");

    [Theory]
    [InlineData("a/b", 1.5)]
    public void The_snapshot_of_a_theory_is_named_by_its_arguments(string text, double number) =>
        Snapshot.Match($"{text} {(int)number}\n");

    [Fact]
    public void A_test_with_another_text_fails()
    {
        string testFile = Path.Combine(_directory, "SnapshotTests.cs");
        string name = $"{nameof(SnapshotTests)}.{nameof(A_test_with_another_text_fails)}";
        File.WriteAllText(Path.Combine(_directory, $"{name}.verified.txt"), "The verified text.");

        var exception = Assert.Throws<XunitException>(
            () => Snapshot.Match([Text("Another text.")], testFile, accept: false, (_, _) => { }, (_, _) => { }));

        Assert.Contains($"{name}.verified.txt differs in line 1:\n- The verified text.\n+ Another text.", exception.Message);
        Assert.Contains("ACCEPT_SNAPSHOTS=1", exception.Message);
    }

    private static SnapshotTarget Text(string text, string? name = null, string extension = "txt") => new(name, extension, text);

    private string? Compare(params SnapshotTarget[] targets) => Compare(accept: false, targets);

    private string? Compare(bool accept, params SnapshotTarget[] targets) =>
        new SnapshotFiles(_directory, Name, accept, (received, verified) => _opened.Add(Pair(received, verified)),
            (received, verified) => _closed.Add(Pair(received, verified))).Compare(targets);

    private static string Pair(string received, string verified) => $"{Path.GetFileName(received)} {Path.GetFileName(verified)}";

    private string[] Names() => [.. Directory.GetFiles(_directory).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];
}
