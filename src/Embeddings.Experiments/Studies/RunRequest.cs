using System.Security.Cryptography;
using System.Text;
using Embeddings.Models;

namespace Embeddings.Experiments.Studies;

/// <summary>One training run of a study.</summary>
/// <param name="Variant">What is trained.</param>
/// <param name="Seed">Decides the starting values and the order of the data; runs of equal seeds are paired.</param>
/// <param name="Bytes">Training text to read, rounded by the trainer to whole steps.</param>
/// <param name="RateScale">Factor on every learning rate that the variant declares.</param>
public sealed record RunRequest(Variant Variant, ulong Seed, long Bytes, double RateScale = 1)
{
    private const string FormatVersion = "2";

    /// <summary>
    /// A hash of all that decides the result: declaration, seed, budget, learning rates, corpus and tokenizer. A finished run is repeated when any of
    /// them changes, and only then.
    /// </summary>
    /// <param name="corpusHash">Identity of the training and validation text.</param>
    /// <param name="tokenizerIdentity">Identity of the tokenizer.</param>
    public string Key(string corpusHash, string tokenizerIdentity)
    {
        string text = FormattableString.Invariant(
            $"{FormatVersion}\n{Variant.Description.Declaration}\n{Seed}\n{Bytes}\n{corpusHash}\n{tokenizerIdentity}\n{RateScale}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }
}
