namespace Embeddings.Tokenization;

/// <summary>Cuts nothing: a document is one pre-token.</summary>
internal sealed class WholeSplitter : Splitter
{
    public static readonly WholeSplitter Instance = new();

    /// <inheritdoc/>
    public override string Name => nameof(PreTokenization.None);

    /// <inheritdoc/>
    public override string Pattern => "";

    /// <inheritdoc/>
    public override PreTokenization? Standard => PreTokenization.None;

    /// <inheritdoc/>
    public override bool CutsAfterWords => false;

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> document, PreTokenSink sink)
    {
        if (!document.IsEmpty)
        {
            sink.Take(document, 0, [document.Length]);
        }
    }
}
