namespace Embeddings.Tokenization;

/// <summary>The rule of a splitter that needs to look forward only: where the pre-token that begins at a place ends.</summary>
public unsafe interface IScanner
{
    /// <summary>The end of the pre-token that begins at <paramref name="start"/>.</summary>
    /// <param name="start">A place inside the document.</param>
    /// <param name="end">The document's end.</param>
    /// <returns>A place after <paramref name="start"/>, at most <paramref name="end"/>.</returns>
    static abstract byte* Next(byte* start, byte* end);
}
