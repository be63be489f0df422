using System.Numerics;
using Embeddings.Data;
using Embeddings.Models;
using Embeddings.Tokenization;

namespace Embeddings.Evaluation;

/// <summary>
/// Measures bits per byte: the negative log-likelihood, in bits, of held-out documents over their number of bytes. The stream is a line
/// end as unscored context, then every document, tokenised by itself; no token is added for the end of a document or for padding. Shares
/// neither code nor random state with training, and leaves a model's parameters and gradients as they are.
/// </summary>
public static class BitsPerByte
{
    /// <summary>Measures a model.</summary>
    /// <param name="model">Its batch size decides how many windows run at once, and nothing else.</param>
    /// <param name="tokenizer">The tokenizer it was trained with.</param>
    /// <param name="corpus">The held-out documents.</param>
    /// <param name="maximumBytes">
    /// Measure on no more than this, cut between documents (see <see cref="Corpus.Take"/>), so that every tokenizer faces the same bytes;
    /// null for all.
    /// </param>
    /// <param name="cancellation">Stops with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserError">The corpus is empty or the limit is not positive.</exception>
    public static EvaluationResult Measure<T>(
        LanguageModel<T> model, Tokenizer tokenizer, Corpus corpus, long? maximumBytes = null, CancellationToken cancellation = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (maximumBytes is < 1)
        {
            throw new UserError($"Evaluation cannot use {maximumBytes} bytes; give at least 1.");
        }

        Corpus held = maximumBytes is { } limit ? corpus.Take(limit) : corpus;
        if (held.Bytes == 0)
        {
            throw new UserError($"{corpus.Name} is empty, so there is nothing to measure on.");
        }

        return Measure(model, Tokenize(tokenizer, held), held.Bytes, cancellation);
    }

    /// <summary>One token of context and the tokens of every document.</summary>
    internal static int[] Tokenize(Tokenizer tokenizer, Corpus corpus)
    {
        var stream = new List<int>();
        tokenizer.Encode("\n"u8, stream);
        stream.RemoveRange(0, stream.Count - 1);
        foreach (Document document in corpus.Documents)
        {
            tokenizer.Encode(document.Bytes.Span, stream);
        }

        return [.. stream];
    }

    /// <summary>Measures on a stream that <see cref="Tokenize"/> made.</summary>
    internal static EvaluationResult Measure<T>(LanguageModel<T> model, int[] stream, long bytes, CancellationToken cancellation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int context = model.Description.Architecture.Context;
        var windows = new ScoredWindows(stream, context);
        var tokens = new int[model.Tokens];
        var targets = new int[model.Tokens];
        double nats = 0;
        for (int first = 0; first < windows.Count; first += model.Batch)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int row = 0; row < model.Batch; row++)
            {
                windows.Write(first + row, tokens.AsSpan(row * context, context), targets.AsSpan(row * context, context));
            }

            model.Evaluate(tokens, targets);
            ReadOnlySpan<T> losses = model.Losses.Slice(0, model.Tokens);
            for (int i = 0; i < losses.Length; i++)
            {
                if (targets[i] != LanguageModel<T>.IgnoredTarget)
                {
                    nats += double.CreateTruncating(losses[i]);
                }
            }
        }

        return new EvaluationResult(nats / Math.Log(2), bytes, stream.Length - 1);
    }
}
