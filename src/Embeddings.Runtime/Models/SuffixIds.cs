using Embeddings.Tokenization;

namespace Embeddings.Models;

/// <summary>The longest of some tokens that ends at each position of a pass over bytes, within its sequence.</summary>
internal sealed class SuffixIds
{
    private readonly int _context;
    private readonly int[] _found;
    private readonly SuffixTrie _tokens;

    /// <summary>Prepares to search.</summary>
    /// <param name="count">Tokens of a pass, B·T.</param>
    /// <param name="context">T.</param>
    /// <param name="tokens">Bytes of each token; every single byte must be one of them.</param>
    /// <exception cref="ArgumentException">A byte is not a token, or a token is empty.</exception>
    public SuffixIds(int count, int context, IReadOnlyList<byte[]> tokens)
    {
        _context = context;
        _found = GC.AllocateArray<int>(count, pinned: true);
        _tokens = new SuffixTrie(tokens);
    }

    /// <summary>What finds the suffixes that a model declares; null where it declares none.</summary>
    /// <param name="description">The model.</param>
    /// <param name="batch">Sequences in a pass.</param>
    /// <param name="tokens">Bytes of each token, or null.</param>
    /// <exception cref="ArgumentException">There are not as many tokens as declared rows.</exception>
    public static SuffixIds? Of(ModelDescription description, int batch, IReadOnlyList<byte[]>? tokens)
    {
        int declared = description.Architecture.SuffixVocabulary;
        int given = tokens?.Count ?? 0;
        if (declared != given)
        {
            throw new ArgumentException($"{description.Name} declares rows for {declared} suffixes and was given {given} tokens.", nameof(tokens));
        }

        return declared == 0 ? null : new SuffixIds(batch * description.Architecture.Context, description.Architecture.Context, tokens!);
    }

    /// <summary>Finds the token of every position.</summary>
    public unsafe void Find(int* bytes)
    {
        for (int row = 0; row < _found.Length; row++)
        {
            int node = 0;
            int longest = -1;
            for (int back = 0; back <= row % _context && (node = _tokens.Next(node, (byte)bytes[row - back])) >= 0; back++)
            {
                longest = _tokens.TokenAt(node) >= 0 ? _tokens.TokenAt(node) : longest;
            }

            _found[row] = longest;
        }
    }

    /// <summary>What was last found, [B·T].</summary>
    public unsafe int* Pointer => (int*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _found[0]);
}
