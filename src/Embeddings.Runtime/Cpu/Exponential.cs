using System.Numerics;
using System.Runtime.CompilerServices;
using Embeddings.Cpu.Products;

namespace Embeddings.Cpu;

/// <summary>
/// The exponential of floats after Cody and Waite: x = n·ln 2 + r with |r| ≤ ½ ln 2, a polynomial of degree 7 in r (coefficients of
/// Moshier's Cephes), and the power of two put together from bits, in two factors because the largest is none of its own. Within 2 ulp;
/// results below the smallest normal number are 0, for a processor may take some 150 cycles to make a subnormal one, and the weights
/// of a softmax meet them wherever something is masked. NaN stays NaN.
/// </summary>
internal static class Exponential
{
    /// <summary>Below it results are 0; just above ln 2⁻¹²⁶, so that no factor of a result is subnormal.</summary>
    internal const float Smallest = -87.336f;

    private const float Largest = 89f;
    private const float InverseLog2 = 1.44269504088896341f;
    private const float Log2High = 0.693359375f;
    private const float Log2Low = -2.12194440e-4f;

    /// <summary>1.5 · 2²³: added to a number of at most 22 bits, it leaves the nearest integer in the low bits of the sum.</summary>
    private const float RoundingShift = 12582912f;

    /// <summary>eˣ of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Of(Vector<float> x)
    {
        Vector<float> below = Vector.LessThan(x, new Vector<float>(Smallest)).As<int, float>();
        x = Vector.MinNative(new Vector<float>(Largest), Vector.MaxNative(new Vector<float>(Smallest), x));
        Vector<float> shifted = Lanes.MultiplyAdd(x, new Vector<float>(InverseLog2), new Vector<float>(RoundingShift));
        Vector<float> n = shifted - new Vector<float>(RoundingShift);
        Vector<int> exponent = shifted.As<float, int>() - new Vector<float>(RoundingShift).As<float, int>();
        Vector<float> r = Lanes.MultiplyAdd(n, new Vector<float>(-Log2High), x);
        r = Lanes.MultiplyAdd(n, new Vector<float>(-Log2Low), r);

        Vector<float> p = new(1.9875691500e-4f);
        p = Lanes.MultiplyAdd(p, r, new Vector<float>(1.3981999507e-3f));
        p = Lanes.MultiplyAdd(p, r, new Vector<float>(8.3334519073e-3f));
        p = Lanes.MultiplyAdd(p, r, new Vector<float>(4.1665795894e-2f));
        p = Lanes.MultiplyAdd(p, r, new Vector<float>(1.6666665459e-1f));
        p = Lanes.MultiplyAdd(p, r, new Vector<float>(5.0000001201e-1f));
        p = Lanes.MultiplyAdd(p, r * r, r) + Vector<float>.One;

        Vector<int> half = Vector.ShiftRightArithmetic(exponent, 1);
        return Vector.AndNot(p * PowerOfTwo(half) * PowerOfTwo(exponent - half), below);
    }

    /// <summary>eˣ of each lane, in single precision, on any width of vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<T, TVector, TSimd>(TVector x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TVector : struct
        where TSimd : ISimd<T, TVector>
    {
        TVector exponent = x;
        x = TSimd.Min(Number(Largest), TSimd.Max(Number(Smallest), x));
        TVector n = TSimd.Subtract(TSimd.MultiplyAdd(x, Number(InverseLog2), Number(RoundingShift)), Number(RoundingShift));
        TVector r = TSimd.MultiplyAdd(n, Number(-Log2High), x);
        r = TSimd.MultiplyAdd(n, Number(-Log2Low), r);

        TVector p = Number(1.9875691500e-4f);
        p = TSimd.MultiplyAdd(p, r, Number(1.3981999507e-3f));
        p = TSimd.MultiplyAdd(p, r, Number(8.3334519073e-3f));
        p = TSimd.MultiplyAdd(p, r, Number(4.1665795894e-2f));
        p = TSimd.MultiplyAdd(p, r, Number(1.6666665459e-1f));
        p = TSimd.MultiplyAdd(p, r, Number(5.0000001201e-1f));
        p = TSimd.Add(TSimd.MultiplyAdd(p, TSimd.Multiply(r, r), r), Number(1));
        return TSimd.ZeroBelow(Number(Smallest), exponent, TSimd.Scale(p, n));

        static TVector Number(float value) => TSimd.Broadcast(Cpu.Lanes.Scalar<T>(value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> PowerOfTwo(Vector<int> exponent) =>
        Vector.ShiftLeft(exponent + new Vector<int>(127), 23).As<int, float>();
}
