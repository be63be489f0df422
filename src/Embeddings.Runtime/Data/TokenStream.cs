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
    private readonly ModelTokenizers _tokenizers;
    private readonly ulong _seed;
    private readonly AlignedText?[] _encoded;
    private readonly int[] _tokenBytes;
    private readonly int[] _order;
    private int _place;
    private int _offset;
    private StreamPosition _position;

    /// <summary>A stream at its beginning. Documents are tokenised when first needed and kept.</summary>
    /// <param name="corpus">The training documents.</param>
    /// <param name="tokenizer">Turns each into tokens.</param>
    /// <param name="seed">Decides the order of documents.</param>
    /// <exception cref="UserError">The corpus is empty.</exception>
    public TokenStream(Corpus corpus, Tokenizer tokenizer, ulong seed)
        : this(corpus, new ModelTokenizers(tokenizer), seed)
    {
    }

    /// <summary>A stream at its beginning, with input ids of vocabularies of their own.</summary>
    /// <param name="corpus">The training documents.</param>
    /// <param name="tokenizers">Turn each into tokens, and find the input ids at them.</param>
    /// <param name="seed">Decides the order of documents.</param>
    /// <exception cref="UserError">The corpus is empty.</exception>
    public TokenStream(Corpus corpus, ModelTokenizers tokenizers, ulong seed)
    {
        if (corpus.Documents.Count == 0)
        {
            throw new UserError($"{corpus.Name} has no documents to train on.");
        }

        _corpus = corpus;
        _tokenizers = tokenizers;
        _seed = seed;
        _encoded = new AlignedText?[corpus.Documents.Count];
        _tokenBytes = [.. tokenizers.Targets.Tokens.Select(bytes => bytes.Length)];
        _order = new int[corpus.Documents.Count];
        MoveTo(default);
    }

    /// <summary>Where the stream stands: before the first token that no batch has contained as input.</summary>
    public StreamPosition Position => _position;

    /// <summary>Takes the next tokens of the stream as inputs, and for each of them the token that follows it as target.</summary>
    /// <param name="tokens">Receives B·T input ids of each plane, plane after plane.</param>
    /// <param name="targets">Receives B·T ids; the last is the first token of the next call.</param>
    public void Next(Span<int> tokens, Span<int> targets)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tokens.Length, targets.Length * _tokenizers.Planes);
        if (targets.IsEmpty)
        {
            return;
        }

        long bytes = 0;
        int taken = 0;
        while (taken < targets.Length)
        {
            AlignedText text = Current();
            int count = Math.Min(text.Targets.Length - _offset, targets.Length - taken);
            for (int plane = 0; plane < text.Inputs.Length; plane++)
            {
                text.Inputs[plane].AsSpan(_offset, count).CopyTo(tokens[(plane * targets.Length + taken)..]);
            }

            ReadOnlySpan<int> ids = text.Targets.AsSpan(_offset, count);
            ids[(taken == 0 ? 1 : 0)..].CopyTo(targets[Math.Max(taken - 1, 0)..]);
            foreach (int token in ids)
            {
                bytes += _tokenBytes[token];
            }

            taken += count;
            Advance(count);
        }

        targets[^1] = Current().Targets[_offset];
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
            int length = Current().Targets.Length;
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
            found += Encode(document).Targets.Length;
        }

        return found >= count;
    }

    private AlignedText Current() => Encode(_order[_place]);

    private AlignedText Encode(int document)
    {
        if (_encoded[document] is { } known)
        {
            return known;
        }

        AlignedText text = _tokenizers.Encode(_corpus.Documents[document].Bytes.Span);
        return _encoded[document] = text.Targets.Length > 0
            ? text
            : throw new InvalidOperationException($"The tokenizer turned {_corpus.Documents[document].Name} into no tokens.");
    }

    private void Advance(int count)
    {
        _offset += count;
        _position = _position with { EpochToken = _position.EpochToken + count };
        if (_offset < Current().Targets.Length)
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
