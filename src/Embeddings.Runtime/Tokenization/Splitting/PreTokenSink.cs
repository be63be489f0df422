namespace Embeddings.Tokenization;

/// <summary>Receives pre-tokens, some hundreds at a time.</summary>
public abstract class PreTokenSink
{
    /// <summary>Most pre-tokens that are handed over at once: what an encoder asks from memory for them must fit the first cache.</summary>
    public const int BatchSize = 256;

    private readonly int[] _ends = GC.AllocateUninitializedArray<int>(BatchSize);

    /// <summary>Room for the ends of a batch, for splitters to fill.</summary>
    public Span<int> Ends => _ends;

    /// <summary>Takes pre-tokens: the first begins at <paramref name="start"/>, each next one where the one before ends.</summary>
    /// <param name="document">The document.</param>
    /// <param name="start">Where the first begins.</param>
    /// <param name="ends">Where each ends; ascending, none empty.</param>
    public abstract void Take(ReadOnlySpan<byte> document, int start, ReadOnlySpan<int> ends);
}
