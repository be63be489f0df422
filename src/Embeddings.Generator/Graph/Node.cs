using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace Embeddings.Generator.Graph;

/// <summary>One immutable operation. Nodes are made by a <see cref="GraphBuilder"/>, which gives equal operations the same node.</summary>
internal sealed class Node(int id, Op op, ImmutableArray<Node> inputs, Shape shape, Payload? payload, string name)
{
    /// <summary>Order of creation: inputs always have smaller ids.</summary>
    public int Id { get; } = id;

    public Op Op { get; } = op;

    public ImmutableArray<Node> Inputs { get; } = inputs;

    public Shape Shape { get; } = shape;

    public Payload? Payload { get; } = payload;

    /// <summary>Its place in the model, such as <c>Attention.Norm</c>; empty for an unnamed intermediate.</summary>
    public string Name { get; } = name;

    /// <summary>All nodes that the given ones depend on, themselves included, in order of creation.</summary>
    public static IReadOnlyList<Node> Reachable(IEnumerable<Node> roots)
    {
        var seen = new HashSet<Node>();
        var pending = new Stack<Node>(roots);
        while (pending.Count > 0)
        {
            Node node = pending.Pop();
            if (seen.Add(node))
            {
                foreach (Node input in node.Inputs)
                {
                    pending.Push(input);
                }
            }
        }

        return [.. seen.OrderBy(node => node.Id)];
    }

    public override string ToString() => GraphPrinter.Print(this);
}
