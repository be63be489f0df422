namespace Embeddings.Tokenization;

/// <summary>
/// Ids of an input vocabulary at the positions of another tokenizer's tokens: at each the longest token of the input vocabulary that ends
/// there, within the text. It follows from the bytes up to the position alone, in training as in sampling. The input tokenizer's own cut of
/// the whole text does not: that a token ends somewhere tells what does not come next, which is what a model is asked.
/// </summary>
public sealed class InputAlignment
{
    private readonly SuffixTrie _tokens;

    /// <summary>Prepares to align.</summary>
    /// <param name="inputs">The input vocabulary.</param>
    /// <exception cref="UserError">A byte is none of its tokens.</exception>
    public InputAlignment(Tokenizer inputs)
    {
        try
        {
            _tokens = new SuffixTrie(inputs.Tokens);
        }
        catch (ArgumentException error)
        {
            throw new UserError($"The input tokenizer cannot be aligned: {error.Message.Split(" (Parameter")[0].TrimEnd('.')}; give one that has every byte.", error);
        }
    }

    /// <summary>The id at the end of a text, which is not empty.</summary>
    public int AtEnd(ReadOnlySpan<byte> text) => _tokens.LongestEnding(text);

    /// <summary>The id at the end of each token of a text.</summary>
    /// <param name="text">The bytes.</param>
    /// <param name="tokenizer">Cut the text.</param>
    /// <param name="ids">Its tokens, in order.</param>
    public int[] At(ReadOnlySpan<byte> text, Tokenizer tokenizer, ReadOnlySpan<int> ids)
    {
        var aligned = new int[ids.Length];
        int end = 0;
        for (int i = 0; i < ids.Length; i++)
        {
            end += tokenizer.Tokens[ids[i]].Length;
            aligned[i] = AtEnd(text[..end]);
        }

        return aligned;
    }
}
