namespace Embeddings.Data;

/// <summary>One text of a corpus: the unit that is held out whole, shuffled whole and tokenised by itself.</summary>
/// <param name="Name">Where it came from, for messages.</param>
/// <param name="Bytes">Its bytes; they need not be valid UTF-8.</param>
public sealed record Document(string Name, ReadOnlyMemory<byte> Bytes);
