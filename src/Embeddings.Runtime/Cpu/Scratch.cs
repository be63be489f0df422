using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Embeddings.Cpu;

/// <summary>
/// Working memory of one thread: a 64-byte aligned block per purpose, kept between calls and grown when a call needs more, so that a
/// training step allocates nothing once every shape has been seen. Freed when the thread is gone.
/// </summary>
internal sealed unsafe class Scratch
{
    private const nuint Alignment = 64;

    [ThreadStatic]
    private static Scratch? t_mine;

    private readonly void*[] _blocks = new void*[(int)ScratchUse.Count];
    private readonly nuint[] _bytes = new nuint[(int)ScratchUse.Count];

    private Scratch()
    {
    }

    ~Scratch()
    {
        foreach (void* block in _blocks)
        {
            NativeMemory.AlignedFree(block);
        }
    }

    /// <summary>The calling thread's block of a purpose, of undefined content. A later call for the same purpose may move it.</summary>
    /// <param name="use">What it is for.</param>
    /// <param name="count">Elements.</param>
    public static T* Take<T>(ScratchUse use, long count)
        where T : unmanaged
    {
        Scratch mine = t_mine ??= new Scratch();
        nuint bytes = (nuint)count * (nuint)sizeof(T);
        if (mine._bytes[(int)use] < bytes)
        {
            mine.Grow(use, bytes);
        }

        return (T*)mine._blocks[(int)use];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(ScratchUse use, nuint bytes)
    {
        NativeMemory.AlignedFree(_blocks[(int)use]);
        _blocks[(int)use] = null;
        _bytes[(int)use] = 0;
        _blocks[(int)use] = NativeMemory.AlignedAlloc(bytes, Alignment);
        _bytes[(int)use] = bytes;
    }
}

/// <summary>What a block of working memory is for. Purposes that are live at once are different.</summary>
internal enum ScratchUse
{
    /// <summary>Rows of the left factor, packed by the thread that multiplies them.</summary>
    LeftPanels,

    /// <summary>The right factor, packed once per product by the caller.</summary>
    RightPanels,

    /// <summary>Some columns of the right factor, packed by the thread that multiplies them.</summary>
    RightStretch,

    /// <summary>A product over each segment of its sum.</summary>
    SegmentProducts,

    /// <summary>One tile at the edge of a product.</summary>
    EdgeTile,

    /// <summary>Attention scores of a tile.</summary>
    Attention,

    /// <summary>The log-sum-exp of attention, where nobody reads it.</summary>
    LogSumExp,

    /// <summary>Gradients of attention's inputs that nobody reads.</summary>
    UnusedGradients,

    /// <summary>Keys and values packed for attention by the caller.</summary>
    AttentionPanels,

    /// <summary>Logits of a chunk of rows.</summary>
    Logits,

    /// <summary>Tokens in order of their rows.</summary>
    SortedTokens,

    /// <summary>Partial sums.</summary>
    Partials,

    /// <summary>The step of a matrix under Muon.</summary>
    MuonStep,

    /// <summary>Products of the Newton–Schulz iteration.</summary>
    MuonProducts,

    /// <summary>Places of a chunk of tokens that are said as bytes: activations, gradients, losses.</summary>
    DecoderActivations,

    /// <summary>What stands at these places.</summary>
    DecoderPlaces,

    /// <summary>Every token of a vocabulary.</summary>
    DecoderTokens,

    /// <summary>How many purposes there are.</summary>
    Count,
}
