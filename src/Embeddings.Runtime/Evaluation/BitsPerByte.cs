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
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Measure(model, new ModelTokenizers(tokenizer), corpus, maximumBytes, cancellation);

    /// <summary>Measures a model whose inputs may be of vocabularies of their own.</summary>
    /// <param name="model">Its batch size decides how many windows run at once, and nothing else.</param>
    /// <param name="tokenizers">The tokenizers it was trained with.</param>
    /// <param name="corpus">The held-out documents.</param>
    /// <param name="maximumBytes">Measure on no more than this, cut between documents; null for all.</param>
    /// <param name="cancellation">Stops with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserError">The corpus is empty or the limit is not positive.</exception>
    public static EvaluationResult Measure<T>(
        LanguageModel<T> model, ModelTokenizers tokenizers, Corpus corpus, long? maximumBytes = null, CancellationToken cancellation = default)
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

        return Measure(model, Tokenize(tokenizers, held), held.Bytes, cancellation);
    }

    /// <summary>One token of context and the tokens of every document.</summary>
    internal static AlignedText Tokenize(ModelTokenizers tokenizers, Corpus corpus) => AlignedText.Concat(
        [tokenizers.Encode("\n"u8).Last(), .. corpus.Documents.Select(document => tokenizers.Encode(document.Bytes.Span))]);

    /// <summary>Measures on a stream that <see cref="Tokenize"/> made.</summary>
    internal static EvaluationResult Measure<T>(LanguageModel<T> model, AlignedText stream, long bytes, CancellationToken cancellation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int context = model.Description.Architecture.Context;
        var windows = new ScoredWindows(stream, context);
        var tokens = new int[model.Tokens * model.Description.InputPlanes];
        var targets = new int[model.Tokens];
        double nats = 0;
        for (int first = 0; first < windows.Count; first += model.Batch)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int row = 0; row < model.Batch; row++)
            {
                windows.WriteTargets(first + row, targets.AsSpan(row * context, context));
                for (int plane = 0; plane < model.Description.InputPlanes; plane++)
                {
                    windows.WriteInputs(first + row, plane, tokens.AsSpan(plane * model.Tokens + row * context, context));
                }
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

        return new EvaluationResult(nats / Math.Log(2), bytes, stream.Targets.Length - 1);
    }
}
