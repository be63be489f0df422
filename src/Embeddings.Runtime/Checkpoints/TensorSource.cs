using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using Embeddings.Models;

namespace Embeddings.Checkpoints;

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Element">Type of its elements.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Write">Writes its elements, row-major and little-endian; may be called more than once.</param>
public sealed record TensorSource(string Name, TensorElement Element, ImmutableArray<long> Shape, Action<Stream> Write)
{
    private const int Chunk = 1 << 20;

    /// <summary>Bytes of its elements.</summary>
    public long Size => Shape.Aggregate((long)Element.Size(), (product, dimension) => checked(product * dimension));

    /// <summary>A tensor that stands in an arena.</summary>
    /// <param name="name">Its name in the file.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <param name="arena">Where it stands.</param>
    /// <param name="offset">Elements before it.</param>
    public static TensorSource Of<T>(string name, ImmutableArray<long> shape, Arena<T> arena, long offset)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        long count = shape.Aggregate(1L, (product, dimension) => checked(product * dimension));
        return new TensorSource(name, TensorElements.Of<T>(), shape, stream =>
        {
            for (long done = 0; done < count; done += Chunk)
            {
                stream.Write(MemoryMarshal.AsBytes(arena.Slice(offset + done, (int)Math.Min(Chunk, count - done))));
            }
        });
    }
}
