using Embeddings.Generator.Model;

namespace Embeddings.Generator.Graph;

/// <summary>What an operation needs to know beside its inputs; compared by value.</summary>
internal abstract record Payload;

/// <summary>Name of a parameter, as in the parameter table.</summary>
internal sealed record ParameterPayload(string Parameter) : Payload;

/// <summary>A number.</summary>
internal sealed record ConstantPayload(double Value) : Payload;

/// <summary>First column of a slice; its length is the node's shape.</summary>
internal sealed record SlicePayload(int Start) : Payload;

/// <summary>Which sides of a product are transposed.</summary>
internal sealed record MatMulPayload(bool TransposeA, bool TransposeB) : Payload;

/// <summary>Heads of attention, and which earlier positions take part.</summary>
/// <param name="Windows">Positions that a query sees, itself included, for each layer; 0 is all. Empty: all in every layer.</param>
/// <param name="Slopes">Whether the score of head h falls by 2^(−8(h + 1)/H) for each position of distance.</param>
/// <param name="Reach">Of a gradient: the largest distance that it travels back; null is any.</param>
internal sealed record AttentionPayload(
    int Heads, int KeyValueHeads, int HeadWidth, double Scale, EquatableArray<int> Windows = default, bool Slopes = false, int? Reach = null)
    : Payload
{
    /// <summary>Whether the forward needs more than plain causal attention.</summary>
    public bool IsGeneral => Windows.Count > 0 || Slopes;
}

/// <summary>Which ids address the rows of a table; without it, the tokens of the pass.</summary>
/// <param name="Ids">A name: <c>Ngrams2</c> (the hashed bigram that ends at a position, and so on), <c>Suffixes</c>, <c>SecondTokens</c>, or <c>Bytes1</c> (the first byte of the token, and so on).</param>
internal sealed record IdsPayload(string Ids) : Payload
{
    public const string Suffixes = "Suffixes";

    /// <summary>The ids of the second input table.</summary>
    public const string Second = "SecondTokens";

    /// <summary>The byte at a place of the token, from −1; 256 before its first and behind the last that is read.</summary>
    public static IdsPayload Byte(int place) => new(Bytes + (place + 1).ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The place that a name of <see cref="Byte"/> says, or null where it is another's.</summary>
    public static int? PlaceOf(string ids) => ids.StartsWith(Bytes, System.StringComparison.Ordinal)
        ? int.Parse(ids.Substring(Bytes.Length), System.Globalization.CultureInfo.InvariantCulture) - 1
        : null;

    /// <summary>What names of bytes begin with; the number behind it is 1 for the first byte.</summary>
    public const string Bytes = "Bytes";

    public static IdsPayload Ngrams(int order) => new("Ngrams" + order.ToString(System.Globalization.CultureInfo.InvariantCulture));
}

/// <summary>A place among the bytes that are read of a token.</summary>
/// <param name="Place">From 0.</param>
/// <param name="Places">Bytes read at most, P.</param>
/// <param name="IsShare">Whether the value is 1/√(bytes read of the token) in place of 1; 0 beyond them either way.</param>
internal sealed record TokenPlacePayload(int Place, int Places, bool IsShare) : Payload;

/// <summary>The reverse walk that a leaf belongs to.</summary>
internal sealed record WalkPayload(string Walk) : Payload;

/// <summary>A rotation by position, or back.</summary>
internal sealed record RotaryPayload(int Heads, int HeadWidth, bool Inverse) : Payload;

/// <summary>The head's soft cap, and whose loss it is.</summary>
/// <param name="SoftCap">Largest logit; 0 is none.</param>
/// <param name="Ahead">Positions that the target is further ahead than the next token.</param>
/// <param name="Weight">Factor of the loss in what is trained.</param>
internal sealed record CrossEntropyPayload(double SoftCap, int Ahead = 0, double Weight = 1) : Payload;

/// <summary>Marks an element-wise operation of a reverse walk that computes a forward value again; see <see cref="Passes.Recompute"/>.</summary>
internal sealed record RecomputedPayload : Payload
{
    /// <summary>As it stands in the text form.</summary>
    public const string Word = "again";
}

/// <summary>Which part of a result.</summary>
internal sealed record PickPayload(int Index) : Payload;
