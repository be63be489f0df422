namespace Embeddings.Experiments.Studies;

/// <summary>What a tokenizer does to the corpus.</summary>
public sealed record TokenizerSummary
{
    /// <summary>Rows that occur less often than this in the training text count as rare.</summary>
    public const int RareOccurrences = 100;

    /// <summary>Entries, V.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Hash of all that decides how bytes are encoded.</summary>
    public required string Identity { get; init; }

    /// <summary>Bytes per token of the training text.</summary>
    public required double TrainingBytesPerToken { get; init; }

    /// <summary>Bytes per token of the held-out text.</summary>
    public required double ValidationBytesPerToken { get; init; }

    /// <summary>Entropy of single tokens of the training text, in bits per byte: N·H(p) over the bytes.</summary>
    public required double UnigramBitsPerByte { get; init; }

    /// <summary>Share of the vocabulary that is rare in the text of one run.</summary>
    public required double RareShare { get; init; }

    /// <summary>Measures a token stream.</summary>
    /// <param name="identity">The tokenizer's identity.</param>
    /// <param name="vocabularySize">V.</param>
    /// <param name="training">Tokens of the training text.</param>
    /// <param name="trainingBytes">Its bytes.</param>
    /// <param name="validationTokens">Tokens in the held-out text.</param>
    /// <param name="validationBytes">Its bytes.</param>
    /// <param name="bytesPerRun">Training text that one run reads; decides which rows are rare.</param>
    public static TokenizerSummary Of(
        string identity, int vocabularySize, ReadOnlySpan<int> training, long trainingBytes, long validationTokens, long validationBytes, long bytesPerRun)
    {
        var counts = new long[vocabularySize];
        foreach (int token in training)
        {
            counts[token]++;
        }

        double entropy = 0;
        foreach (long count in counts)
        {
            if (count > 0)
            {
                entropy -= count * Math.Log2((double)count / training.Length);
            }
        }

        double share = (double)bytesPerRun / trainingBytes;
        return new TokenizerSummary
        {
            VocabularySize = vocabularySize,
            Identity = identity,
            TrainingBytesPerToken = (double)trainingBytes / training.Length,
            ValidationBytesPerToken = (double)validationBytes / validationTokens,
            UnigramBitsPerByte = entropy / trainingBytes,
            RareShare = (double)counts.Count(count => count * share < RareOccurrences) / vocabularySize,
        };
    }
}
