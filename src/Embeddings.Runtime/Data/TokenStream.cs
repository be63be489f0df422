using Embeddings.Models;
using Embeddings.Tokenization;

namespace Embeddings.Data;

/// <summary>
/// The training documents as one endless stream of tokens. Each pass over the data has its own order of documents, which depends only on
/// the seed, and each document is tokenised by itself. Batches are consecutive stretches of the stream, so that for one seed the bytes
/// seen up to a point are the same whatever the tokenizer, the batch size or the context.
/// </summary>
public sealed class TokenStream
{
    private readonly Corpus _corpus;
    private readonly Tokenizer _tokenizer;
    private readonly ulong _seed;
    private readonly int[]?[] _encoded;
    private readonly int[] _tokenBytes;
    private readonly int[] _order;
    private readonly List<int> _scratch = [];
    private int _place;
    private int _offset;
    private StreamPosition _position;

    /// <summary>A stream at its beginning. Documents are tokenised when first needed and kept.</summary>
    /// <param name="corpus">The training documents.</param>
    /// <param name="tokenizer">Turns each into tokens.</param>
    /// <param name="seed">Decides the order of documents.</param>
    /// <exception cref="UserError">The corpus is empty.</exception>
    public TokenStream(Corpus corpus, Tokenizer tokenizer, ulong seed)
    {
        if (corpus.Documents.Count == 0)
        {
            throw new UserError($"{corpus.Name} has no documents to train on.");
        }

        _corpus = corpus;
        _tokenizer = tokenizer;
        _seed = seed;
        _encoded = new int[corpus.Documents.Count][];
        _tokenBytes = [.. tokenizer.Tokens.Select(bytes => bytes.Length)];
        _order = new int[corpus.Documents.Count];
        MoveTo(default);
    }

    /// <summary>Where the stream stands: before the first token that no batch has contained as input.</summary>
    public StreamPosition Position => _position;

    /// <summary>Takes the next tokens of the stream as inputs, and for each of them the token that follows it as target.</summary>
    /// <param name="tokens">Receives B·T ids.</param>
    /// <param name="targets">Receives as many; the last is the first input of the next call.</param>
    public void Next(Span<int> tokens, Span<int> targets)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(targets.Length, tokens.Length);
        if (tokens.IsEmpty)
        {
            return;
        }

        long bytes = 0;
        int taken = 0;
        while (taken < tokens.Length)
        {
            ReadOnlySpan<int> rest = Current().AsSpan(_offset);
            int count = Math.Min(rest.Length, tokens.Length - taken);
            rest[..count].CopyTo(tokens[taken..]);
            foreach (int token in rest[..count])
            {
                bytes += _tokenBytes[token];
            }

            taken += count;
            Advance(count);
        }

        tokens[1..].CopyTo(targets);
        targets[^1] = Current()[_offset];
        _position = _position with { Tokens = _position.Tokens + taken, Bytes = _position.Bytes + bytes };
    }

    /// <summary>Goes to a place where a stream of the same corpus, tokenizer and seed has stood.</summary>
    /// <exception cref="ArgumentException">No such stream can stand there.</exception>
    public void MoveTo(StreamPosition position)
    {
        if (position.Epoch < 0 || position.EpochToken < 0 || position.Tokens < position.EpochToken || position.Bytes < 0)
        {
            throw new ArgumentException($"{position} is not a place in a stream.", nameof(position));
        }

        StartEpoch(position.Epoch);
        long rest = position.EpochToken;
        while (true)
        {
            int length = Current().Length;
            if (rest < length)
            {
                break;
            }

            rest -= length;
            if (++_place == _order.Length)
            {
                throw new ArgumentException($"{position} is behind the end of its pass over the data.", nameof(position));
            }
        }

        _offset = (int)rest;
        _position = position;
    }

    /// <summary>Whether the data has at least this many tokens; tokenises no more documents than it takes to know.</summary>
    public bool HasTokens(long count)
    {
        long found = 0;
        for (int document = 0; document < _encoded.Length && found < count; document++)
        {
            found += Encode(document).Length;
        }

        return found >= count;
    }

    private int[] Current() => Encode(_order[_place]);

    private int[] Encode(int document)
    {
        if (_encoded[document] is { } known)
        {
            return known;
        }

        _scratch.Clear();
        _tokenizer.Encode(_corpus.Documents[document].Bytes.Span, _scratch);
        return _encoded[document] = _scratch.Count > 0
            ? [.. _scratch]
            : throw new InvalidOperationException($"The tokenizer turned {_corpus.Documents[document].Name} into no tokens.");
    }

    private void Advance(int count)
    {
        _offset += count;
        _position = _position with { EpochToken = _position.EpochToken + count };
        if (_offset < Current().Length)
        {
            return;
        }

        _offset = 0;
        if (++_place == _order.Length)
        {
            StartEpoch(_position.Epoch + 1);
            _position = _position with { Epoch = _position.Epoch + 1, EpochToken = 0 };
        }
    }

    private void StartEpoch(long epoch)
    {
        for (int i = 0; i < _order.Length; i++)
        {
            _order[i] = i;
        }

        new RandomStream(_seed, FormattableString.Invariant($"data epoch {epoch}")).Shuffle(_order.AsSpan());
        _place = 0;
        _offset = 0;
    }
}
