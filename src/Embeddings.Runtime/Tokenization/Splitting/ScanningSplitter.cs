using System.Numerics;
using System.Runtime.CompilerServices;

namespace Embeddings.Tokenization;

/// <summary>A splitter that walks a document with a scanner, which is compiled into its loop.</summary>
/// <param name="name">What the tokenizer's identity calls it.</param>
/// <param name="pattern">The regular expression that the scanner stands for.</param>
/// <param name="standard">The standard pattern that it is, or null.</param>
/// <param name="cutsAfterWords">As <see cref="Splitter.CutsAfterWords"/>.</param>
public sealed unsafe class ScanningSplitter<TScanner>(string name, string pattern, PreTokenization? standard, bool cutsAfterWords) : Splitter
    where TScanner : struct, IScanner
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override string Pattern => pattern;

    /// <inheritdoc/>
    public override PreTokenization? Standard => standard;

    /// <inheritdoc/>
    public override bool CutsAfterWords => cutsAfterWords;

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> document, PreTokenSink sink)
    {
        Span<int> ends = sink.Ends;
        fixed (byte* first = document)
        fixed (int* places = ends)
        {
            byte* end = first + document.Length;
            byte* position = first;
            while (position < end)
            {
                int start = (int)(position - first);
                int count = 0;
                while (position < end && count < (TScanner.ReadsBlocks ? ends.Length - AsciiBlock.Size : ends.Length))
                {
                    position = !TScanner.ReadsBlocks || end - position < AsciiBlock.Size || !IsAscii(position)
                        ? TScanner.Next(position, end)
                        : NextOfBlock(first, position, end, places, ref count);
                    places[count++] = (int)(position - first);
                }

                sink.Take(document, start, ends[..count]);
            }
        }
    }

    /// <summary>Whether two bytes are ASCII, so that it pays to look at a block of them.</summary>
    private static bool IsAscii(byte* position) => ((position[0] | position[1]) & 0x80) == 0;

    /// <summary>Writes the ends of all pre-tokens of a block but the last that is certain, and returns that one's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* NextOfBlock(byte* first, byte* position, byte* end, int* places, ref int count)
    {
        // The first place is where the block begins, which is no end.
        ulong starts = TScanner.Starts(position, end) & ~1UL;
        if (starts == 0)
        {
            return TScanner.Next(position, end);
        }

        int offset = (int)(position - first);
        int* write = places + count;
        int found = BitOperations.PopCount(starts);
        for (int i = 0; i < found; i += 4)
        {
            for (int k = 0; k < 4; k++)
            {
                write[i + k] = offset + BitOperations.TrailingZeroCount(starts);
                starts &= starts - 1;
            }
        }

        count += found - 1;
        return first + places[count];
    }
}
