using System.Numerics;
using System.Runtime.InteropServices;

namespace Embeddings.Tokenization;

/// <summary>The tokens of a byte-pair tokenizer with their merges, as encoders read them. Never changed once made.</summary>
internal sealed unsafe class BytePairVocabulary
{
    private readonly Slot[] _slots;
    private readonly byte[][] _tokens;
    private readonly int[] _idOfByte = new int[256];
    private readonly bool[] _joined = new bool[1 << 16];
    private readonly int _longest;
    private readonly Lock _gate = new();
    private volatile MergeTable? _merges;
    private Task? _making;

    private BytePairVocabulary(byte[][] tokens, bool wholeWordsFirst)
    {
        _tokens = tokens;
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)(tokens.Length + tokens.Length / 2 + 2))];
        WholeWordsFirst = wholeWordsFirst;
        Array.Fill(_idOfByte, -1);
        for (int id = 0; id < tokens.Length; id++)
        {
            byte[] token = tokens[id];
            if (token.Length == 0)
            {
                continue;
            }

            Add(token, id);
            if (token.Length == 1)
            {
                _idOfByte[token[0]] = id;
            }

            for (int i = 1; i < token.Length; i++)
            {
                _joined[token[i - 1] << 8 | token[i]] = true;
            }

            _longest = Math.Max(_longest, token.Length);
        }

        int missing = Array.IndexOf(_idOfByte, -1);
        if (missing >= 0)
        {
            throw new ArgumentException($"No token is the single byte {missing}, so not every text can be encoded.");
        }
    }

    /// <summary>The merges; made now where they were not yet.</summary>
    public MergeTable Merges
    {
        get
        {
            if (_merges is null)
            {
                Task making;
                lock (_gate)
                {
                    making = StartMerges();
                }

                making.GetAwaiter().GetResult();
            }

            return _merges!;
        }
    }

    /// <summary>The merges, where ids are ranks; null where merges are listed.</summary>
    public RankMerges? RankMerges { get; private set; }

    /// <summary>Whether a word that is a token is that token whatever the merges say.</summary>
    public bool WholeWordsFirst { get; }

    /// <summary>Bytes of each id.</summary>
    public byte[][] Tokens => _tokens;

    /// <summary>A vocabulary without merges, which are then added.</summary>
    /// <param name="tokens">Bytes of each id; empty where an id has none, all others distinct, every single byte among them.</param>
    /// <param name="mergeCount">Merges there will be.</param>
    /// <param name="wholeWordsFirst">Whether a word that is a token is that token whatever the merges say.</param>
    /// <exception cref="ArgumentException">Two ids have the same bytes, or a byte has no id.</exception>
    public static BytePairVocabulary OfMerges(byte[][] tokens, int mergeCount, bool wholeWordsFirst)
    {
        var vocabulary = new BytePairVocabulary(tokens, wholeWordsFirst);
        vocabulary._merges = new MergeTable(mergeCount, vocabulary._idOfByte, ranksAreIds: false);
        return vocabulary;
    }

    /// <summary>A vocabulary in which any two neighbours whose bytes together are a token merge; its table of merges is made when it is needed.</summary>
    /// <param name="tokens">As above.</param>
    /// <exception cref="ArgumentException">Two ids have the same bytes, or a byte has no id.</exception>
    public static BytePairVocabulary OfRanks(byte[][] tokens)
    {
        var vocabulary = new BytePairVocabulary(tokens, wholeWordsFirst: true);
        vocabulary.RankMerges = new RankMerges(vocabulary);
        return vocabulary;
    }

    /// <summary>The merges where they are made, or else null, and they are being made from now on.</summary>
    public MergeTable? MergesIfMade()
    {
        if (_merges is null)
        {
            lock (_gate)
            {
                StartMerges();
            }
        }

        return _merges;
    }

    /// <summary>The id with these bytes, or −1.</summary>
    public int Find(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _longest)
        {
            return -1;
        }

        ulong hash = LongWordHash.Of(bytes);
        int mask = _slots.Length - 1;
        for (int place = (int)(hash >> 32) & mask; _slots[place].Hash != 0; place = (place + 1) & mask)
        {
            if (_slots[place].Hash == (uint)hash && _tokens[_slots[place].Id].AsSpan().SequenceEqual(bytes))
            {
                return _slots[place].Id;
            }
        }

        return -1;
    }

    /// <summary>Whether the two bytes stand side by side in some token.</summary>
    public bool MayJoin(byte left, byte right) => _joined[left << 8 | right];

    /// <summary>Writes the ids of single bytes.</summary>
    public void ToIds(byte* bytes, int count, int* ids)
    {
        ref int first = ref MemoryMarshal.GetArrayDataReference(_idOfByte);
        for (int i = 0; i < count; i++)
        {
            ids[i] = System.Runtime.CompilerServices.Unsafe.Add(ref first, bytes[i]);
        }
    }

    private Task StartMerges() => _making ??= Task.Run(() => _merges = RankMerges!.CreateTable(_idOfByte));

    private void Add(byte[] token, int id)
    {
        ulong hash = LongWordHash.Of(token);
        int mask = _slots.Length - 1;
        int place = (int)(hash >> 32) & mask;
        for (; _slots[place].Hash != 0; place = (place + 1) & mask)
        {
            if (_slots[place].Hash == (uint)hash && _tokens[_slots[place].Id].AsSpan().SequenceEqual(token))
            {
                throw new ArgumentException($"Tokens {_slots[place].Id} and {id} have the same bytes.");
            }
        }

        _slots[place] = new Slot { Hash = (uint)hash, Id = id };
    }

    /// <summary>A token by the lower half of its hash, which is odd.</summary>
    private struct Slot
    {
        public uint Hash;
        public int Id;
    }
}
