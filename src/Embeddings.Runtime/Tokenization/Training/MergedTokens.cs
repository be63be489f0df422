using System.Numerics;
using System.Runtime.InteropServices;

namespace Embeddings.Tokenization;

/// <summary>
/// The tokens of a training, each as the two that it was merged from, found by their bytes. The hash of two tokens side by side follows from
/// theirs, so bytes are written out only where two hashes are equal.
/// </summary>
internal unsafe struct MergedTokens : IDisposable
{
    private const ulong Base = 0x9E3779B97F4A7C15UL;
    private const int NoToken = -1;

    private NativeArray<Token> _tokens;
    private NativeArray<int> _slots;
    private readonly int _shift;

    /// <summary>No tokens.</summary>
    /// <param name="most">Most tokens there will be.</param>
    public MergedTokens(int most)
    {
        int bits = BitOperations.Log2((uint)(most + most / 2)) + 1;
        _tokens = new NativeArray<Token>(most);
        _slots = new NativeArray<int>(1L << bits);
        _shift = 64 - bits;
    }

    /// <summary>Tokens there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds the token of one byte, which must be new.</summary>
    public void Add(byte value)
    {
        ulong hash = value + 1UL;
        Add(Place(hash), new Token { Hash = hash, Left = NoToken, Right = value, Length = 1 });
    }

    /// <summary>Bytes of a token.</summary>
    public readonly int LengthOf(int id) => _tokens[id].Length;

    /// <summary>Whether a token was added as these two side by side.</summary>
    public readonly bool IsMadeOf(int id, int left, int right) => _tokens[id].Left == left && _tokens[id].Right == right;

    /// <summary>The token that has the bytes of two side by side, or −1.</summary>
    public readonly int Find(int left, int right) => Find(left, right, out _, out _);

    /// <summary>The same, but where there is none it is added.</summary>
    public int FindOrAdd(int left, int right, out bool isKnown)
    {
        int known = Find(left, right, out ulong hash, out long place);
        isKnown = known >= 0;
        return isKnown
            ? known
            : Add(place, new Token { Hash = hash, Left = left, Right = right, Length = checked(LengthOf(left) + LengthOf(right)) });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tokens.Dispose();
        _slots.Dispose();
    }

    private static ulong Power(int exponent)
    {
        ulong power = 1;
        for (ulong factor = Base; exponent > 0; exponent >>= 1, factor *= factor)
        {
            power *= (exponent & 1) != 0 ? factor : 1;
        }

        return power;
    }

    private int Add(long place, Token token)
    {
        _tokens[Count] = token;
        _slots[place] = ++Count;
        return Count - 1;
    }

    private readonly long Place(ulong hash)
    {
        long place = (long)(hash * Base >> _shift);
        while (_slots[place] != 0)
        {
            place = (place + 1) & (_slots.Capacity - 1);
        }

        return place;
    }

    private readonly int Find(int left, int right, out ulong hash, out long place)
    {
        hash = _tokens[left].Hash * Power(LengthOf(right)) + _tokens[right].Hash;
        for (place = (long)(hash * Base >> _shift); _slots[place] != 0; place = (place + 1) & (_slots.Capacity - 1))
        {
            int known = _slots[place] - 1;
            if (_tokens[known].Hash == hash && LengthOf(known) == (long)LengthOf(left) + LengthOf(right)
                && HasBytes(known, left, right))
            {
                return known;
            }
        }

        return NoToken;
    }

    /// <summary>Whether a token of their length has the bytes of two others side by side.</summary>
    private readonly bool HasBytes(int id, int left, int right)
    {
        const int Short = 256;
        int length = LengthOf(id);
        Span<byte> bytes = length <= Short ? stackalloc byte[2 * length] : new byte[2 * length];
        Span<int> waiting = length <= Short ? stackalloc int[length] : new int[length];
        Write(id, bytes[..length], waiting);
        Write(left, bytes.Slice(length, LengthOf(left)), waiting);
        Write(right, bytes[(length + LengthOf(left))..], waiting);
        return bytes[..length].SequenceEqual(bytes[length..]);
    }

    /// <summary>Writes a token out from its last byte to its first.</summary>
    /// <param name="id">The token.</param>
    /// <param name="bytes">Receives all its bytes.</param>
    /// <param name="waiting">Room for as many parts as it has bytes.</param>
    private readonly void Write(int id, Span<byte> bytes, Span<int> waiting)
    {
        waiting[0] = id;
        int place = bytes.Length;
        for (int count = 1; count > 0;)
        {
            Token token = _tokens[waiting[--count]];
            if (token.Left == NoToken)
            {
                bytes[--place] = (byte)token.Right;
            }
            else
            {
                waiting[count++] = token.Left;
                waiting[count++] = token.Right;
            }
        }
    }

    [StructLayout(LayoutKind.Sequential, Pack = sizeof(int))]
    private struct Token
    {
        public ulong Hash;

        /// <summary>The left part; −1 where the token is one byte.</summary>
        public int Left;

        /// <summary>The right part, or the byte.</summary>
        public int Right;
        public int Length;
    }
}
