using Embeddings.Tokenization;

namespace Embeddings.Evaluation;

/// <summary>A text that grows token by token, with the input ids at its tokens.</summary>
internal sealed class WrittenText
{
    private readonly ModelTokenizers _tokenizers;
    private readonly List<byte> _bytes = [];
    private readonly List<int>[] _inputs;

    /// <summary>A text that begins with some bytes.</summary>
    public WrittenText(ModelTokenizers tokenizers, ReadOnlySpan<byte> start)
    {
        _tokenizers = tokenizers;
        _bytes.AddRange(start);
        _inputs = [.. tokenizers.Encode(start).Inputs.Select(plane => plane.ToList())];
    }

    /// <summary>Tokens so far.</summary>
    public int Count => _inputs[0].Count;

    /// <summary>Adds a token of the targets' vocabulary.</summary>
    public void Add(int token)
    {
        _bytes.AddRange(_tokenizers.Targets.Tokens[token]);
        for (int plane = 0; plane < _inputs.Length; plane++)
        {
            _inputs[plane].Add(_tokenizers.InputAtEnd(plane, token, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes)));
        }
    }

    /// <summary>The input ids of the last tokens.</summary>
    public void CopyLast(int plane, Span<int> ids) =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_inputs[plane])[^ids.Length..].CopyTo(ids);
}
