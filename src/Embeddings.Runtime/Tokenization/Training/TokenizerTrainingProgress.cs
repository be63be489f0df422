namespace Embeddings.Tokenization;

/// <summary>Where the training of a tokenizer stands.</summary>
/// <param name="Fraction">Share of the work done, in [0, 1].</param>
/// <param name="Bytes">Bytes of text counted.</param>
/// <param name="Entries">Entries of the vocabulary; 0 while words are counted.</param>
public readonly record struct TokenizerTrainingProgress(double Fraction, long Bytes, int Entries);
