namespace Embeddings.Models;

/// <summary>The longest of some tokens that ends at each position of a pass over bytes, within its sequence.</summary>
internal sealed class SuffixIds
{
    private const int ByteValues = 256;
    private const int None = -1;

    private readonly int _context;
    private readonly int[] _found;

    /// <summary>Nodes of a trie of the tokens read from their ends: 256 children each, and the token that ends a path.</summary>
    private readonly List<int[]> _children = [NewNode()];
    private readonly List<int> _tokenOf = [None];

    /// <summary>Prepares to search.</summary>
    /// <param name="count">Tokens of a pass, B·T.</param>
    /// <param name="context">T.</param>
    /// <param name="tokens">Bytes of each token; every single byte must be one of them.</param>
    /// <exception cref="ArgumentException">A byte is not a token, or a token is empty.</exception>
    public SuffixIds(int count, int context, IReadOnlyList<byte[]> tokens)
    {
        _context = context;
        _found = GC.AllocateArray<int>(count, pinned: true);
        for (int token = 0; token < tokens.Count; token++)
        {
            Add(tokens[token], token);
        }

        for (int value = 0; value < ByteValues; value++)
        {
            if (_children[0][value] == None || _tokenOf[_children[0][value]] == None)
            {
                throw new ArgumentException($"Byte {value} is none of the tokens, so that a position can be without one.", nameof(tokens));
            }
        }
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
            int longest = None;
            for (int back = 0; back <= row % _context && (node = _children[node][bytes[row - back]]) != None; back++)
            {
                longest = _tokenOf[node] != None ? _tokenOf[node] : longest;
            }

            _found[row] = longest;
        }
    }

    /// <summary>What was last found, [B·T].</summary>
    public unsafe int* Pointer => (int*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _found[0]);

    private void Add(byte[] bytes, int token)
    {
        if (bytes.Length == 0)
        {
            throw new ArgumentException($"Token {token} is empty.", nameof(bytes));
        }

        int node = 0;
        foreach (byte value in bytes.Reverse())
        {
            if (_children[node][value] == None)
            {
                _children[node][value] = _children.Count;
                _children.Add(NewNode());
                _tokenOf.Add(None);
            }

            node = _children[node][value];
        }

        _tokenOf[node] = token;
    }

    private static int[] NewNode()
    {
        int[] node = new int[ByteValues];
        Array.Fill(node, None);
        return node;
    }
}
