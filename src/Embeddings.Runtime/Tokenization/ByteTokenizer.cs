namespace Embeddings.Tokenization;

/// <summary>Every byte is its own token.</summary>
public sealed class ByteTokenizer : Tokenizer
{
    private static readonly byte[][] s_tokens = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];

    /// <inheritdoc/>
    public override int VocabularySize => 256;

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Tokens => s_tokens;

    /// <inheritdoc/>
    public override string Identity => "bytes";

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> bytes, List<int> ids)
    {
        ids.EnsureCapacity(ids.Count + bytes.Length);
        foreach (byte value in bytes)
        {
            ids.Add(value);
        }
    }
}
