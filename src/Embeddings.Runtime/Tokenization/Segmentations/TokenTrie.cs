namespace Embeddings.Tokenization;

/// <summary>Tokens as paths of bytes, to find the longest that stands at a place.</summary>
internal sealed class TokenTrie
{
    private readonly Dictionary<(int Node, byte Value), int> _edges = [];
    private readonly List<int> _ids = [-1];

    /// <summary>A trie of tokens; empty ones are left out.</summary>
    /// <param name="tokens">Bytes of each id.</param>
    /// <exception cref="ArgumentException">Two tokens have the same bytes.</exception>
    public TokenTrie(IReadOnlyList<byte[]> tokens)
    {
        for (int id = 0; id < tokens.Count; id++)
        {
            byte[] token = tokens[id];
            int node = 0;
            for (int i = 0; i < token.Length; i++)
            {
                (int, byte) edge = (node, token[i]);
                if (!_edges.TryGetValue(edge, out node))
                {
                    node = _ids.Count;
                    _edges.Add(edge, node);
                    _ids.Add(-1);
                }
            }

            if (token.Length > 0)
            {
                _ids[node] = _ids[node] < 0 ? id : throw new ArgumentException($"Tokens {_ids[node]} and {id} have the same bytes.");
            }
        }
    }

    /// <summary>The longest token that the bytes begin with; −1 where there is none.</summary>
    public int LongestPrefix(ReadOnlySpan<byte> bytes)
    {
        int longest = -1;
        int node = 0;
        for (int i = 0; i < bytes.Length && _edges.TryGetValue((node, bytes[i]), out node); i++)
        {
            longest = _ids[node] >= 0 ? _ids[node] : longest;
        }

        return longest;
    }
}
