using Embeddings.Tokenization;

namespace Embeddings.Runtime.Tests.Training;

/// <summary>Bytes, and some pairs of bytes that are taken greedily from the left: a second vocabulary over the same text.</summary>
internal sealed class PairTokenizer : Tokenizer
{
    private readonly List<byte[]> _tokens = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];
    private readonly Dictionary<(byte, byte), int> _pairs = [];

    public PairTokenizer(params string[] pairs)
    {
        foreach (string pair in pairs)
        {
            _pairs.Add(((byte)pair[0], (byte)pair[1]), _tokens.Count);
            _tokens.Add([(byte)pair[0], (byte)pair[1]]);
        }
    }

    public override int VocabularySize => _tokens.Count;

    public override IReadOnlyList<byte[]> Tokens => _tokens;

    public override string Identity => "pairs " + string.Join(' ', _pairs.Keys);

    public override void Encode(ReadOnlySpan<byte> bytes, List<int> ids)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            if (i + 1 < bytes.Length && _pairs.TryGetValue((bytes[i], bytes[i + 1]), out int id))
            {
                ids.Add(id);
                i++;
            }
            else
            {
                ids.Add(bytes[i]);
            }
        }
    }
}
