using System.Numerics;
using Embeddings.Models;
using Embeddings.Tokenization;

namespace Embeddings.Evaluation;

/// <summary>Draws text from a model, token by token.</summary>
public static class Sampler
{
    /// <summary>Draws tokens that continue a prompt. The last T tokens are the context; an empty prompt begins behind a line end.</summary>
    /// <param name="model">Only its first sequence is used, so an instance with a batch of 1 is fastest.</param>
    /// <param name="tokenizer">The tokenizer it was trained with.</param>
    /// <param name="prompt">Bytes to continue; not repeated in what is drawn.</param>
    /// <param name="options">How to draw.</param>
    /// <returns>The ids, drawn as they are enumerated; see <see cref="Tokenizer.Tokens"/> for their bytes.</returns>
    /// <exception cref="UserError">An option is out of range.</exception>
    public static IEnumerable<int> Draw<T>(LanguageModel<T> model, Tokenizer tokenizer, ReadOnlySpan<byte> prompt, SamplerOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Draw(model, new ModelTokenizers(tokenizer), prompt, options);

    /// <summary>Draws tokens from a model whose inputs may be of vocabularies of their own.</summary>
    /// <param name="model">Only its first sequence is used.</param>
    /// <param name="tokenizers">The tokenizers it was trained with.</param>
    /// <param name="prompt">Bytes to continue.</param>
    /// <param name="options">How to draw.</param>
    /// <returns>The ids of the targets' tokenizer, drawn as they are enumerated.</returns>
    /// <exception cref="UserError">An option is out of range.</exception>
    public static IEnumerable<int> Draw<T>(LanguageModel<T> model, ModelTokenizers tokenizers, ReadOnlySpan<byte> prompt, SamplerOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options.Check();
        return Continue(model, tokenizers, new WrittenText(tokenizers, prompt.IsEmpty ? "\n"u8 : prompt), options);
    }

    private static IEnumerable<int> Continue<T>(LanguageModel<T> model, ModelTokenizers tokenizers, WrittenText text, SamplerOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int context = model.Description.Architecture.Context;
        var random = new RandomStream(options.Seed, "sample");
        var tokens = new int[model.Tokens * tokenizers.Planes];
        var logits = new T[model.Description.VocabularySize];
        for (int drawn = 0; drawn < options.Tokens; drawn++)
        {
            int length = Math.Min(context, text.Count);
            Array.Clear(tokens);
            for (int plane = 0; plane < tokenizers.Planes; plane++)
            {
                text.CopyLast(plane, tokens.AsSpan(plane * model.Tokens, length));
            }

            model.Predict(tokens, length - 1, logits);
            int next = Choose(logits, options, random);
            text.Add(next);
            yield return next;
        }
    }

    /// <summary>
    /// Draws from softmax(logits / temperature) restricted to the top k; equal logits are ordered by id. Logits that are not numbers are
    /// never drawn.
    /// </summary>
    internal static int Choose<T>(ReadOnlySpan<T> logits, SamplerOptions options, RandomStream random)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var keys = new double[logits.Length];
        var ids = new int[logits.Length];
        for (int id = 0; id < logits.Length; id++)
        {
            double logit = double.CreateTruncating(logits[id]);
            keys[id] = double.IsNaN(logit) ? double.PositiveInfinity : -logit;
            ids[id] = id;
        }

        // Ascending by −logit; ids break ties, for Array.Sort is not stable.
        Array.Sort(ids, (a, b) => keys[a] != keys[b] ? keys[a].CompareTo(keys[b]) : a.CompareTo(b));
        double best = -keys[ids[0]];
        if (double.IsNegativeInfinity(best))
        {
            throw new UserError("The model predicts nothing but NaN; its training has diverged.");
        }

        int kept = options.TopK > 0 ? Math.Min(options.TopK, ids.Length) : ids.Length;
        if (options.Temperature == 0 || kept == 1 || double.IsPositiveInfinity(best))
        {
            return ids[0];
        }

        var weights = new double[kept];
        double sum = 0;
        for (int i = 0; i < kept; i++)
        {
            weights[i] = Math.Exp((-keys[ids[i]] - best) / options.Temperature);
            sum += weights[i];
        }

        while (weights[kept - 1] == 0)
        {
            kept--;
        }

        double rest = random.NextUniform() * sum;
        int choice = 0;
        while (choice < kept - 1 && (rest -= weights[choice]) >= 0)
        {
            choice++;
        }

        return ids[choice];
    }
}
