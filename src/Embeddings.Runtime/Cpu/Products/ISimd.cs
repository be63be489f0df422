using System.Numerics;

namespace Embeddings.Cpu.Products;

/// <summary>
/// The few operations of a register-blocked product on one width of vector. Implementations are structs, so that a kernel written once
/// is compiled for each width with everything inlined.
/// </summary>
/// <typeparam name="T">Element type, float or double.</typeparam>
/// <typeparam name="TVector">A register.</typeparam>
internal unsafe interface ISimd<T, TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : struct
{
    /// <summary>Elements in a register.</summary>
    static abstract int Lanes { get; }

    /// <summary>Reads <see cref="Lanes"/> elements.</summary>
    static abstract TVector Load(T* source);

    /// <summary>Writes <see cref="Lanes"/> elements.</summary>
    static abstract void Store(TVector value, T* target);

    /// <summary>One element in every lane.</summary>
    static abstract TVector Broadcast(T value);

    /// <summary>a + b.</summary>
    static abstract TVector Add(TVector a, TVector b);

    /// <summary>a · b + c, fused where the machine has the instruction.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);
}
