namespace Embeddings.Tokenization;

/// <summary>The rule of a splitter that needs to look forward only: where the pre-token that begins at a place ends.</summary>
public unsafe interface IScanner
{
    /// <summary>The end of the pre-token that begins at <paramref name="start"/>.</summary>
    /// <param name="start">A place inside the document.</param>
    /// <param name="end">The document's end.</param>
    /// <returns>A place after <paramref name="start"/>, at most <paramref name="end"/>.</returns>
    static abstract byte* Next(byte* start, byte* end);

    /// <summary>Whether <see cref="Starts"/> finds more than the first pre-token.</summary>
    static virtual bool ReadsBlocks => false;

    /// <summary>The places where pre-tokens begin in 64 bytes, bit i for byte i; up to the last of them, none is missing.</summary>
    /// <param name="block">Where a pre-token begins; 64 bytes are there.</param>
    /// <param name="end">The document's end.</param>
    static virtual ulong Starts(byte* block, byte* end) => 1;
}
