namespace Embeddings.Checkpoints;

/// <summary>Element types of the safetensors format, by their names there.</summary>
public enum TensorElement
{
    /// <summary>Truth values, a byte each.</summary>
    BOOL,

    /// <summary>Unsigned 8-bit integers.</summary>
    U8,

    /// <summary>Signed 8-bit integers.</summary>
    I8,

    /// <summary>8-bit floating point, 5 exponent bits.</summary>
    F8_E5M2,

    /// <summary>8-bit floating point, 4 exponent bits.</summary>
    F8_E4M3,

    /// <summary>Signed 16-bit integers.</summary>
    I16,

    /// <summary>Unsigned 16-bit integers.</summary>
    U16,

    /// <summary>IEEE half precision.</summary>
    F16,

    /// <summary>bfloat16.</summary>
    BF16,

    /// <summary>Signed 32-bit integers.</summary>
    I32,

    /// <summary>Unsigned 32-bit integers.</summary>
    U32,

    /// <summary>IEEE single precision.</summary>
    F32,

    /// <summary>Signed 64-bit integers.</summary>
    I64,

    /// <summary>Unsigned 64-bit integers.</summary>
    U64,

    /// <summary>IEEE double precision.</summary>
    F64,
}

/// <summary>Facts about element types.</summary>
public static class TensorElements
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this TensorElement element) => element switch
    {
        TensorElement.BOOL or TensorElement.U8 or TensorElement.I8 or TensorElement.F8_E5M2 or TensorElement.F8_E4M3 => 1,
        TensorElement.I16 or TensorElement.U16 or TensorElement.F16 or TensorElement.BF16 => 2,
        TensorElement.I32 or TensorElement.U32 or TensorElement.F32 => 4,
        _ => 8,
    };

    /// <summary>The element type that a .NET type is stored as.</summary>
    public static TensorElement Of<T>() =>
        typeof(T) == typeof(float) ? TensorElement.F32
        : typeof(T) == typeof(double) ? TensorElement.F64
        : throw new NotSupportedException($"Tensors of {typeof(T)} cannot be stored.");
}
