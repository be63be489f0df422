namespace Embeddings.Tokenization;

/// <summary>
/// The tokenizers of one model over the same bytes: that of its targets, which decides the positions; where declared that of its input ids;
/// and where declared that of a second input table. Ids that enter a model are one plane for each table.
/// </summary>
public sealed class ModelTokenizers
{
    private readonly InputAlignment? _inputs;
    private readonly InputAlignment? _second;

    /// <summary>Tokenizers of a model.</summary>
    /// <param name="targets">Of the targets.</param>
    /// <param name="inputs">Of the inputs; null where they are of the targets' vocabulary.</param>
    /// <param name="second">Of the second input table; null where there is none.</param>
    /// <exception cref="UserError">A byte is no token of an input vocabulary.</exception>
    public ModelTokenizers(Tokenizer targets, Tokenizer? inputs = null, Tokenizer? second = null)
    {
        Targets = targets;
        Inputs = inputs ?? targets;
        Second = second;
        _inputs = inputs is null ? null : new InputAlignment(inputs);
        _second = second is null ? null : new InputAlignment(second);
    }

    /// <summary>The tokenizer of the targets.</summary>
    public Tokenizer Targets { get; }

    /// <summary>The tokenizer of the inputs.</summary>
    public Tokenizer Inputs { get; }

    /// <summary>The tokenizer of the second input table, or null.</summary>
    public Tokenizer? Second { get; }

    /// <summary>Input ids of a position: 2 with a second table, else 1.</summary>
    public int Planes => _second is null ? 1 : 2;

    /// <summary>The input id at the end of a text.</summary>
    /// <param name="plane">Which of the input ids of a position.</param>
    /// <param name="token">The last token of the text.</param>
    /// <param name="text">All its bytes.</param>
    public int InputAtEnd(int plane, int token, ReadOnlySpan<byte> text) =>
        (plane == 0 ? _inputs : _second)?.AtEnd(text) ?? token;

    /// <summary>Cuts a text, and finds the input ids of every position.</summary>
    public AlignedText Encode(ReadOnlySpan<byte> text)
    {
        var list = new List<int>();
        Targets.Encode(text, list);
        int[] targets = [.. list];
        var planes = new int[Planes][];
        planes[0] = _inputs is null ? targets : _inputs.At(text, Targets, targets);
        if (_second is not null)
        {
            planes[1] = _second.At(text, Targets, targets);
        }

        return new AlignedText(targets, planes);
    }
}

/// <summary>A text as ids of a model.</summary>
/// <param name="Targets">Its tokens.</param>
/// <param name="Inputs">For each plane the input ids at these tokens.</param>
public sealed record AlignedText(int[] Targets, int[][] Inputs)
{
    /// <summary>Texts one after another.</summary>
    internal static AlignedText Concat(IReadOnlyList<AlignedText> texts) => new(
        [.. texts.SelectMany(text => text.Targets)],
        [.. Enumerable.Range(0, texts[0].Inputs.Length).Select(plane => texts.SelectMany(text => text.Inputs[plane]).ToArray())]);

    /// <summary>Its last token alone.</summary>
    internal AlignedText Last() => new([Targets[^1]], [.. Inputs.Select(plane => new[] { plane[^1] })]);
}
