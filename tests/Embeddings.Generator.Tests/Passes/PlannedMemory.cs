using Embeddings.Generator.Graph;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator.Tests.Passes;

/// <summary>
/// Runs a stage's schedule on memory whose cells hold names instead of numbers: a step must find in every place that it reads what belongs
/// there, and nothing of it may be overwritten while the step runs. It knows views and lifetimes by following the schedule, not the plan.
/// </summary>
/// <param name="plan">The stage as planned.</param>
internal sealed class PlannedMemory(StagePlan plan)
{
    private readonly Dictionary<(Region Region, string Walk, int Offset), (Node Node, int Element)> _cells = [];
    private readonly HashSet<Node> _written = [];

    /// <summary>Forward, then backward, with the temporaries of the forward gone.</summary>
    public void Run()
    {
        Stage stage = plan.Schedule.Stage.Forward;
        foreach (Node leaf in Node.Reachable(plan.Schedule.Roots).Where(IsEntering))
        {
            Write(leaf);
        }

        Run(plan.Schedule.Forward);
        foreach (var cell in _cells.Keys.Where(cell => cell.Region == Region.Temporary).ToArray())
        {
            _cells.Remove(cell);
        }

        Run(plan.Schedule.Backward);
        foreach (Node result in new[] { stage.IsHead ? stage.Output.Inputs[0] : stage.Output, plan.Schedule.Stage.InputGradient }.OfType<Node>())
        {
            Holds(result, result, "the end");
        }
    }

    private void Run(IReadOnlyList<Step> steps)
    {
        foreach (Step step in steps)
        {
            Node[] read = [.. step.Members.SelectMany(member => Reads(member, step)).Distinct()];
            string where = $"{step.GetType().Name} of {string.Join(", ", step.Members.Select(member => member.Op))}";
            foreach (Node node in read)
            {
                Holds(node, node, where);
            }

            foreach (Node sum in step.Members.Where(plan.Partials.ContainsKey))
            {
                ActivationBuffer buffer = plan.Partials[sum];
                for (int i = 0; i < buffer.PerToken; i++)
                {
                    _cells[(buffer.Region, buffer.Walk, buffer.Offset + i)] = (sum, i);
                }
            }

            foreach (Node result in step.Results.Where(result => result.Shape.IsActivation))
            {
                Write(result);
            }

            foreach (Node node in read.Concat(step.Results.Where(result => result.Shape.IsActivation)).Where(node => !IsReplaced(node, step)))
            {
                Holds(node, node, where + ", after it");
            }

            foreach (Node sum in step.Members.Where(plan.Partials.ContainsKey))
            {
                ActivationBuffer buffer = plan.Partials[sum];
                Assert.All(Enumerable.Range(0, buffer.PerToken), i => Assert.Equal((sum, i), _cells[(buffer.Region, buffer.Walk, buffer.Offset + i)]));
            }
        }
    }

    /// <summary>The gradient of the embedding's output is added to in place.</summary>
    private static bool IsReplaced(Node node, Step step) =>
        node.Op == Op.InitialGradient && step.Results.Any(result => result.Name.StartsWith("Initial.Gradient", StringComparison.Ordinal));

    private static bool IsEntering(Node node) => node.Op is Op.StageInput or Op.OutputGradient or Op.InitialResidual or Op.InitialGradient;

    /// <summary>What a member needs from memory, through values that are computed again in place.</summary>
    private IEnumerable<Node> Reads(Node node, Step step)
    {
        foreach (Node input in node.Inputs.Where(input => input.Shape.IsActivation && !step.Members.Contains(input)))
        {
            if (InMemory(input))
            {
                yield return input;
            }
            else
            {
                foreach (Node further in Reads(input, step))
                {
                    yield return further;
                }
            }
        }
    }

    private bool InMemory(Node node) => node.Op.IsView() || IsEntering(node) || _written.Contains(node);

    private void Write(Node node)
    {
        _written.Add(node);
        for (int element = 0; element < node.Shape.PerToken; element++)
        {
            _cells[Cell(node, element)] = (node, element);
        }
    }

    /// <summary>Checks that the cells of a view hold the elements of what it is a view of.</summary>
    private void Holds(Node node, Node asked, string where)
    {
        for (int element = 0; element < node.Shape.PerToken; element++)
        {
            (Node, int) expected = Source(node, element);
            if (expected.Item1.Op is Op.Parameter or Op.Constant)
            {
                continue;
            }

            Assert.True(
                _cells.TryGetValue(Cell(node, element), out (Node Node, int Element) found) && found == expected,
                $"{where}: element {element} of {asked} is {(found.Node is null ? "not in memory" : $"element {found.Element} of {found.Node}")}");
        }
    }

    /// <summary>The element that a view shows.</summary>
    private static (Node Node, int Element) Source(Node node, int element)
    {
        int columns = node.Shape.Columns;
        switch (node.Op)
        {
            case Op.Slice:
                Node whole = node.Inputs[0];
                return Source(whole, element / columns * whole.Shape.Columns + ((SlicePayload)node.Payload!).Start + element % columns);
            case Op.Reshape or Op.StopGradient:
                return Source(node.Inputs[0], element);
            case Op.Concat:
                int column = element % columns;
                foreach (Node part in node.Inputs)
                {
                    if (column < part.Shape.Columns)
                    {
                        return Source(part, element / columns * part.Shape.Columns + column);
                    }

                    column -= part.Shape.Columns;
                }

                throw new InvalidOperationException("A concatenation is narrower than its parts.");
            default:
                return (node, element);
        }
    }

    private (Region Region, string Walk, int Offset) Cell(Node node, int element)
    {
        View view = plan.Views[node];
        int offset = view.First + element / view.Columns * view.Columns + element % view.Columns;
        return (view.Buffer.Region, view.Buffer.Walk, view.Buffer.Offset + offset);
    }
}
