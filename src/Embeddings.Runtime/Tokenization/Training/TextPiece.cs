using System.Buffers;

namespace Embeddings.Tokenization;

/// <summary>A document, or a part of one that may be split by itself.</summary>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Rented">The pooled array that holds them, to be given back; null where there is none.</param>
internal readonly record struct TextPiece(ReadOnlyMemory<byte> Bytes, byte[]? Rented = null)
{
    /// <summary>Gives the memory back.</summary>
    public void Release()
    {
        if (Rented is not null)
        {
            ArrayPool<byte>.Shared.Return(Rented);
        }
    }
}
