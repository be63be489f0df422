using System.Numerics;
using Embeddings.Cpu;

namespace Embeddings.Models;

/// <summary>The first bytes of each token of a pass, place by place.</summary>
/// <param name="tokens">B·T.</param>
/// <param name="places">Bytes read of a token at most, P.</param>
internal sealed unsafe class TokenBytes<T>(int tokens, int places) : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>What stands before a token's first byte and behind the last one read.</summary>
    private const int End = 256;

    private readonly int[] _bytes = GC.AllocateArray<int>(tokens * (places + 2), pinned: true);
    private readonly Arena<T> _places = new(2L * tokens * places);

    /// <summary>Finds the bytes of every token.</summary>
    /// <param name="ids">[B·T].</param>
    /// <param name="spelling">The bytes of each id.</param>
    public void Find(int* ids, SpellingPointers spelling)
    {
        Array.Fill(_bytes, End);
        for (int row = 0; row < tokens; row++)
        {
            int first = spelling.Starts[ids[row]];
            int count = Math.Min(places, spelling.Starts[ids[row] + 1] - first);
            T share = T.One / T.Sqrt(T.CreateTruncating(count));
            for (int place = 0; place < places; place++)
            {
                bool exists = place < count;
                Exists(place)[row] = exists ? T.One : T.Zero;
                Share(place)[row] = exists ? share : T.Zero;
                if (exists)
                {
                    Bytes(place)[row] = spelling.Rows[first + place];
                }
            }
        }
    }

    /// <summary>The byte of each token at a place from −1 to P, [B·T]; 256 where it has none there.</summary>
    public int* Bytes(int place) => (int*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _bytes[0]) + (place + 1L) * tokens;

    /// <summary>1 where the token has a byte at the place, else 0, [B·T].</summary>
    public T* Exists(int place) => _places.Pointer + (long)place * tokens;

    /// <summary>1/√(bytes read of the token) where it has a byte at the place, else 0, [B·T].</summary>
    public T* Share(int place) => _places.Pointer + (long)(places + place) * tokens;

    public void Dispose() => _places.Dispose();
}
