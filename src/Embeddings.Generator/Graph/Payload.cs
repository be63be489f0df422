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

/// <summary>Heads of attention.</summary>
internal sealed record AttentionPayload(int Heads, int KeyValueHeads, int HeadWidth, double Scale) : Payload;

/// <summary>A rotation by position, or back.</summary>
internal sealed record RotaryPayload(int Heads, int HeadWidth, bool Inverse) : Payload;

/// <summary>The head's soft cap; 0 is none.</summary>
internal sealed record CrossEntropyPayload(double SoftCap) : Payload;

/// <summary>Which part of a result.</summary>
internal sealed record PickPayload(int Index) : Payload;
