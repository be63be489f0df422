using System.Runtime.InteropServices;
using Embeddings.Models;

namespace Embeddings.Cpu;

/// <summary>
/// A spelling in native memory, as kernels read it: token v is made of rows <c>Rows[Starts[v]] … Rows[Starts[v + 1] − 1]</c>.
/// </summary>
/// <param name="starts">V + 1 offsets.</param>
/// <param name="rows">Rows of the composition table.</param>
/// <param name="longest">Most rows that a token has.</param>
public readonly unsafe struct SpellingPointers(int* starts, int* rows, int longest)
{
    /// <summary>V + 1 offsets into <see cref="Rows"/>.</summary>
    public int* Starts { get; } = starts;

    /// <summary>Rows of the composition table.</summary>
    public int* Rows { get; } = rows;

    /// <summary>Most rows that a token has.</summary>
    public int Longest { get; } = longest;
}

/// <summary>Owns the native memory of a spelling.</summary>
public sealed unsafe class SpellingTable : IDisposable
{
    private void* _memory;

    /// <summary>Copies a spelling.</summary>
    /// <exception cref="ArgumentException">The offsets do not rise from 0 to the number of rows.</exception>
    public SpellingTable(Spelling spelling)
    {
        int[] starts = spelling.Starts;
        int longest = 0;
        if (starts.Length == 0 || starts[0] != 0 || starts[^1] != spelling.Rows.Length)
        {
            throw new ArgumentException("The offsets of a spelling must run from 0 to the number of its rows.", nameof(spelling));
        }

        for (int token = 0; token < spelling.VocabularySize; token++)
        {
            int count = starts[token + 1] - starts[token];
            if (count <= 0)
            {
                throw new ArgumentException($"Token {token} is spelt with {count} rows; it needs at least one.", nameof(spelling));
            }

            longest = Math.Max(longest, count);
        }

        _memory = NativeMemory.Alloc((nuint)(starts.Length + spelling.Rows.Length), sizeof(int));
        int* startPointer = (int*)_memory;
        int* rowPointer = startPointer + starts.Length;
        starts.CopyTo(new Span<int>(startPointer, starts.Length));
        spelling.Rows.CopyTo(new Span<int>(rowPointer, spelling.Rows.Length));
        Pointers = new SpellingPointers(startPointer, rowPointer, longest);
    }

    /// <summary>Frees the memory where nobody disposed of it.</summary>
    ~SpellingTable() => NativeMemory.Free(_memory);

    /// <summary>What kernels read; valid until the table is disposed of.</summary>
    public SpellingPointers Pointers { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_memory);
        _memory = null;
        Pointers = default;
        GC.SuppressFinalize(this);
    }
}
