namespace Embeddings.Experiments.Studies;

/// <summary>Bits per byte of something simple on the same text, to hold the networks against.</summary>
/// <param name="Title">What it is.</param>
/// <param name="BitsPerByte">On the held-out bytes.</param>
public sealed record ReferenceScore(string Title, double BitsPerByte)
{
    private const int LongestContext = 5;

    /// <summary>Models of byte counts of 0 to 5 bytes of context.</summary>
    /// <param name="training">Documents to count.</param>
    /// <param name="trainingBytes">Bytes of them to count, as many as a run reads.</param>
    /// <param name="validation">Held-out documents.</param>
    public static IReadOnlyList<ReferenceScore> ByteCounts(
        IEnumerable<ReadOnlyMemory<byte>> training, long trainingBytes, IReadOnlyList<ReadOnlyMemory<byte>> validation)
    {
        var model = new ByteNgramModel(LongestContext);
        long left = trainingBytes;
        foreach (ReadOnlyMemory<byte> document in training)
        {
            model.Add(document.Span[..(int)Math.Min(left, document.Length)]);
            left -= document.Length;
            if (left <= 0)
            {
                break;
            }
        }

        var bits = new double[LongestContext + 1];
        foreach (ReadOnlyMemory<byte> document in validation)
        {
            model.AddBits(document.Span, bits);
        }

        double bytes = Math.Max(1, validation.Sum(document => (double)document.Length));
        return [.. bits.Select((sum, order) => new ReferenceScore(Name(order), sum / bytes))];
    }

    private static string Name(int order) => order switch
    {
        0 => "Byte frequencies",
        1 => "Byte counts after 1 byte",
        _ => FormattableString.Invariant($"Byte counts after {order} bytes"),
    };
}
