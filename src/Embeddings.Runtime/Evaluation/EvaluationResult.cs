namespace Embeddings.Evaluation;

/// <summary>What a model pays for held-out bytes.</summary>
/// <param name="TotalBits">Negative log₂-likelihood of all bytes.</param>
/// <param name="Bytes">Bytes measured on.</param>
/// <param name="Tokens">Tokens they were cut into, each scored once.</param>
public readonly record struct EvaluationResult(double TotalBits, long Bytes, long Tokens)
{
    /// <summary>Total bits over bytes: the only loss that may be compared across vocabularies.</summary>
    public double BitsPerByte => TotalBits / Bytes;

    /// <summary>Mean negative log-likelihood in nats of a token.</summary>
    public double NatsPerToken => TotalBits * Math.Log(2) / Tokens;

    /// <summary>Mean length of a token.</summary>
    public double BytesPerToken => (double)Bytes / Tokens;
}
