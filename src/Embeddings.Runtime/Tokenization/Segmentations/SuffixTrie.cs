namespace Embeddings.Tokenization;

/// <summary>Tokens as paths of bytes read from their ends, to find the longest that ends at a place.</summary>
internal sealed class SuffixTrie
{
    private const int ByteValues = 256;
    private const int None = -1;

    private readonly Dictionary<int, int> _edges = [];
    private readonly List<int> _tokenOf = [None];

    /// <summary>A trie of tokens. Of two with the same bytes the first is found.</summary>
    /// <param name="tokens">Bytes of each token; every single byte must be one of them.</param>
    /// <exception cref="ArgumentException">A byte is not a token, or a token is empty.</exception>
    public SuffixTrie(IReadOnlyList<byte[]> tokens)
    {
        for (int token = 0; token < tokens.Count; token++)
        {
            Add(tokens[token], token);
        }

        for (int value = 0; value < ByteValues; value++)
        {
            if (TokenAt(Next(0, (byte)value)) == None)
            {
                throw new ArgumentException($"Byte {value} is none of the tokens, so that a position can be without one.", nameof(tokens));
            }
        }
    }

    /// <summary>The node behind a node for one byte more to the left; −1 where there is none.</summary>
    public int Next(int node, byte value) => _edges.GetValueOrDefault(node * ByteValues + value, None);

    /// <summary>The token whose bytes lead to a node; −1 where there is none.</summary>
    public int TokenAt(int node) => node == None ? None : _tokenOf[node];

    /// <summary>The longest token that a text, which is not empty, ends with.</summary>
    public int LongestEnding(ReadOnlySpan<byte> text)
    {
        int longest = None;
        int node = 0;
        for (int i = text.Length - 1; i >= 0 && (node = Next(node, text[i])) != None; i--)
        {
            longest = _tokenOf[node] != None ? _tokenOf[node] : longest;
        }

        return longest;
    }

    private void Add(byte[] bytes, int token)
    {
        if (bytes.Length == 0)
        {
            throw new ArgumentException($"Token {token} is empty.", nameof(bytes));
        }

        int node = 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
        {
            int edge = checked(node * ByteValues + bytes[i]);
            if (!_edges.TryGetValue(edge, out node))
            {
                node = _tokenOf.Count;
                _edges.Add(edge, node);
                _tokenOf.Add(None);
            }
        }

        _tokenOf[node] = _tokenOf[node] == None ? token : _tokenOf[node];
    }
}
