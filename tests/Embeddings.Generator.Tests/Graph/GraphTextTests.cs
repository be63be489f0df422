using Embeddings.Generator.Graph;

namespace Embeddings.Generator.Tests.Graph;

/// <summary>Graphs as text: what the parser reads, and what the verifier refuses after a pass.</summary>
public sealed class GraphTextTests
{
    private const string Leaves = """
        %0 = StageInput : [R, 8] "Residual"
        %1 = Parameter(Block.Weight) : [4, 8]
        %2 = Parameter(Block.Gain) : [8]
        %3 = RowSum %0 : [R, 1]

        """;

    [Theory]
    [InlineData("%4 = Multiply %0 %2 : [R, 8]")]
    [InlineData("%4 = Multiply %0 %3 : [R, 8]")]
    [InlineData("%4 = MatMul(transposeB) %0 %1 : [R, 4]")]
    [InlineData("%4 = MatMul(transposeA) %0 %0 : [8, 8]")]
    [InlineData("%4 = Slice(5) %0 : [R, 3]")]
    [InlineData("%4 = Concat %0 %3 : [R, 9]")]
    [InlineData("%4 = Reshape %0 : [R*2, 4]")]
    [InlineData("%4 = ColumnSum %0 : [8]")]
    [InlineData("%4 = Normalize %0 %3 %3 : [R, 8]")]
    public void A_well_formed_node_passes(string line) => GraphVerifier.Verify(Parse(line));

    [Theory]
    [InlineData("%4 = Multiply %0 : [R, 8]", "takes two inputs")]
    [InlineData("%4 = Add %0 %0 : [R, 4]", "broadcasts wrongly")]
    [InlineData("%4 = Exp %0 : [R, 4]", "must keep the shape")]
    [InlineData("%4 = StopGradient %0 : [R, 1]", "must keep the shape")]
    [InlineData("%4 = MatMul %0 %1 : [R, 8]", "sides that do not fit")]
    [InlineData("%4 = MatMul(transposeB) %0 %1 : [R, 8]", "another shape than its product")]
    [InlineData("%4 = MatMul(transposeA) %0 %1 : [8, 8]", "sides that do not fit")]
    [InlineData("%4 = Slice(6) %0 : [R, 3]", "reaches past its input")]
    [InlineData("%4 = Concat %0 %3 : [R, 8]", "not as wide as its parts")]
    [InlineData("%4 = Reshape %0 : [R*2, 8]", "changes the number of elements")]
    [InlineData("%4 = RowSum %0 : [R, 8]", "one number per row")]
    [InlineData("%4 = ColumnSum %0 : [4]", "one number per column")]
    [InlineData("%4 = Pick(0) %0 : [R, 8]", "a node with one result")]
    [InlineData("%4 = Normalize %0 %0 %3 : [R, 8]", "needs row statistics")]
    [InlineData("%4 = StageInput %0 : [R, 8]", "is a leaf with inputs")]
    public void A_malformed_node_is_told(string line, string problem)
    {
        string message = Assert.Throws<InvalidOperationException>(() => GraphVerifier.Verify(Parse(line))).Message;
        Assert.StartsWith(line, message, StringComparison.Ordinal);
        Assert.Contains(problem, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nodes_stand_once_and_behind_what_they_use()
    {
        IReadOnlyList<Node> nodes = Parse("%4 = Exp %0 : [R, 8]");
        Assert.Contains("not computed before it", Problem([nodes[4], .. nodes.Take(4)]), StringComparison.Ordinal);
        Assert.Contains("stands twice", Problem([.. nodes, nodes[4]]), StringComparison.Ordinal);

        static string Problem(IReadOnlyList<Node> nodes) => Assert.Throws<InvalidOperationException>(() => GraphVerifier.Verify(nodes)).Message;
    }

    [Theory]
    [InlineData("%4 = Exponential %0 : [R, 8]", "Not a node")]
    [InlineData("4 = Exp %0 : [R, 8]", "Not a node")]
    [InlineData("%4 = Exp %0", "Not a node")]
    [InlineData("%4 = Exp %7 : [R, 8]", "Input %7 is not defined before")]
    public void What_is_not_a_graph_is_refused(string line, string problem) =>
        Assert.Contains(problem, Assert.Throws<FormatException>(() => Parse(line)).Message, StringComparison.Ordinal);

    private static IReadOnlyList<Node> Parse(string line) => GraphParser.Parse(Leaves + line, new GraphBuilder());
}
