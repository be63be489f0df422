using System.Numerics;

namespace Embeddings.Cpu.Products;

/// <summary>
/// The few operations of products and attention on one width of vector. Implementations are structs, so that a kernel written once
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

    /// <summary>a − b.</summary>
    static abstract TVector Subtract(TVector a, TVector b);

    /// <summary>a · b.</summary>
    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a · b + c, fused where the machine has the instruction.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>The larger of each pair; where one is NaN, either.</summary>
    static abstract TVector Max(TVector a, TVector b);

    /// <summary>The smaller of each pair; where one is NaN, either.</summary>
    static abstract TVector Min(TVector a, TVector b);

    /// <summary>a · 2ⁿ for integers n from −150 to 129 in single precision, rounded once where the machine has the instruction.</summary>
    static abstract TVector Scale(TVector a, TVector n);

    /// <summary>0 where x is below the limit, the value elsewhere, also where x is NaN.</summary>
    static abstract TVector ZeroBelow(TVector limit, TVector x, TVector value);

    /// <summary>eˣ, within 2 ulp.</summary>
    static abstract TVector Exp(TVector x);

    /// <summary>The sum of the lanes, the upper half added to the lower until one is left.</summary>
    static abstract T Sum(TVector x);

    /// <summary>The first lanes as they are, and another value in those from <paramref name="count"/> on.</summary>
    static abstract TVector Before(int count, TVector x, T otherwise);

    /// <summary>The natural logarithm, within 3 ulp.</summary>
    static abstract TVector Log(TVector x);

    /// <summary>The first lane.</summary>
    static abstract T First(TVector x);

    /// <summary>The largest lane.</summary>
    static abstract T Largest(TVector x);
}
