using Embeddings.Tokenization;

namespace Embeddings.Experiments.Checks;

/// <summary>
/// A tokenizer of any size that needs no training: ids 0 … 255 are the bytes, and each further id is the next number written in two
/// bytes, or in three where two do not hold it. Text is cut from the left, two bytes at a time where they are an entry.
/// </summary>
internal sealed class PairTokenizer(int vocabularySize) : Tokenizer
{
    private const int Bytes = 256;
    private const int Pairs = 1 << 16;

    /// <inheritdoc/>
    public override int VocabularySize => vocabularySize;

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Tokens { get; } = [.. Enumerable.Range(0, vocabularySize).Select(Spell)];

    /// <inheritdoc/>
    public override string Identity => FormattableString.Invariant($"pairs {vocabularySize}");

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> bytes, List<int> ids)
    {
        for (int i = 0; i < bytes.Length;)
        {
            int pair = i + 1 < bytes.Length ? Bytes + 256 * bytes[i] + bytes[i + 1] : vocabularySize;
            bool isEntry = pair < vocabularySize;
            ids.Add(isEntry ? pair : bytes[i]);
            i += isEntry ? 2 : 1;
        }
    }

    private static byte[] Spell(int id)
    {
        int number = id - Bytes;
        return id < Bytes ? [(byte)id]
            : number < Pairs ? [(byte)(number >> 8), (byte)number]
            : [(byte)(number >> 16), (byte)(number >> 8), (byte)number];
    }
}
