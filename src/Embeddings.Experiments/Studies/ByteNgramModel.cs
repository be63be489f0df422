namespace Embeddings.Experiments.Studies;

/// <summary>
/// A model of byte counts, the floor that a network must clear: the next byte given the last k, each order backed off to the one below
/// by Witten and Bell's rule (1991), p = (c(h, x) + t(h) · p_lower(x)) / (c(h) + t(h)) with t(h) distinct successors of h, down to a
/// uniform byte.
/// </summary>
/// <param name="order">Bytes of context, k ≤ 6.</param>
public sealed class ByteNgramModel(int order)
{
    // Contexts of every length and their successors, keyed by the bytes and the length, so that short and long ones never meet.
    private readonly Dictionary<ulong, int> _successors = [];
    private readonly Dictionary<ulong, (int Total, int Distinct)> _contexts = [];

    /// <summary>Bytes of context.</summary>
    public int Order { get; } = order is >= 0 and <= 6
        ? order
        : throw new ArgumentOutOfRangeException(nameof(order), order, "A byte model has 0 to 6 bytes of context.");

    /// <summary>Counts a document; its first bytes are counted under the shorter contexts that they have.</summary>
    public void Add(ReadOnlySpan<byte> document)
    {
        for (int i = 0; i < document.Length; i++)
        {
            ulong context = 0;
            for (int length = 0; length <= Math.Min(Order, i); length++)
            {
                if (length > 0)
                {
                    context |= (ulong)document[i - length] << (8 * (length - 1));
                }

                ulong key = Key(context, length);
                (int total, int distinct) = _contexts.GetValueOrDefault(key);
                ulong successor = Successor(key, document[i]);
                int count = _successors.GetValueOrDefault(successor);
                _successors[successor] = count + 1;
                _contexts[key] = (total + 1, count == 0 ? distinct + 1 : distinct);
            }
        }
    }

    /// <summary>Adds the bits that a document costs under each order, 0 … <see cref="Order"/>.</summary>
    public void AddBits(ReadOnlySpan<byte> document, Span<double> bits)
    {
        Span<double> probabilities = stackalloc double[Order + 1];
        for (int i = 0; i < document.Length; i++)
        {
            Predict(document[..i], document[i], probabilities);
            for (int length = 0; length <= Order; length++)
            {
                bits[length] -= Math.Log2(probabilities[length]);
            }
        }
    }

    /// <summary>Probability of a byte after what stands before it, under each order, 0 … <see cref="Order"/>.</summary>
    public void Predict(ReadOnlySpan<byte> before, byte next, Span<double> probabilities)
    {
        double probability = 1.0 / 256;
        ulong context = 0;
        bool seen = true;
        for (int length = 0; length <= Order; length++)
        {
            seen &= length <= before.Length;
            if (seen && length > 0)
            {
                context |= (ulong)before[^length] << (8 * (length - 1));
            }

            ulong key = Key(context, length);
            seen = _contexts.TryGetValue(key, out (int Total, int Distinct) counts) && seen;
            if (seen)
            {
                int count = _successors.GetValueOrDefault(Successor(key, next));
                probability = (count + counts.Distinct * probability) / (counts.Total + counts.Distinct);
            }

            probabilities[length] = probability;
        }
    }

    private static ulong Key(ulong context, int length) => context << 8 | (uint)length;

    private static ulong Successor(ulong key, byte next) => key << 8 | next;
}
