using System.Numerics;
using System.Runtime.CompilerServices;

namespace Embeddings.Cpu;

/// <summary>
/// The hyperbolic tangent. Floats: the quotient of an odd polynomial of degree 13 and an even one of degree 6, a minimax fit on
/// [−7.9, 7.9] (the coefficients are those of Eigen's <c>ptanh</c>), outside of which the result is ±1 in single precision. Doubles:
/// 1 − 2 / (e^2x + 1), and below 0.625 the rational function of Moshier's Cephes, which does not cancel. NaN stays NaN.
/// </summary>
internal static class HyperbolicTangent
{
    private const float Saturation = 7.90531110763549805f;
    private const double Cancellation = 0.625;

    /// <summary>tanh x of each lane, within 6 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Of(Vector<float> x)
    {
        x = Vector.MinNative(new Vector<float>(Saturation), Vector.MaxNative(new Vector<float>(-Saturation), x));
        Vector<float> z = x * x;
        Vector<float> p = new(-2.76076847742355e-16f);
        p = Lanes.MultiplyAdd(p, z, new Vector<float>(2.00018790482477e-13f));
        p = Lanes.MultiplyAdd(p, z, new Vector<float>(-8.60467152213735e-11f));
        p = Lanes.MultiplyAdd(p, z, new Vector<float>(5.12229709037114e-08f));
        p = Lanes.MultiplyAdd(p, z, new Vector<float>(1.48572235717979e-05f));
        p = Lanes.MultiplyAdd(p, z, new Vector<float>(6.37261928875436e-04f));
        p = Lanes.MultiplyAdd(p, z, new Vector<float>(4.89352455891786e-03f));
        Vector<float> q = new(1.19825839466702e-06f);
        q = Lanes.MultiplyAdd(q, z, new Vector<float>(1.18534705686654e-04f));
        q = Lanes.MultiplyAdd(q, z, new Vector<float>(2.26843463243900e-03f));
        q = Lanes.MultiplyAdd(q, z, new Vector<float>(4.89352518554385e-03f));
        return x * p / q;
    }

    /// <summary>tanh x of each lane, within 4 ulp.</summary>
    public static Vector<double> Of(Vector<double> x)
    {
        Vector<double> magnitude = Vector.Abs(x);
        Vector<double> large = Vector<double>.One - new Vector<double>(2) / (Vector.Exp(magnitude + magnitude) + Vector<double>.One);
        large = Vector.CopySign(large, x);
        Vector<double> z = x * x;
        Vector<double> p = new(-9.64399179425052238628e-1);
        p = Lanes.MultiplyAdd(p, z, new Vector<double>(-9.92877231001918586564e1));
        p = Lanes.MultiplyAdd(p, z, new Vector<double>(-1.61468768441708447952e3));
        Vector<double> q = z + new Vector<double>(1.12811678491632931402e2);
        q = Lanes.MultiplyAdd(q, z, new Vector<double>(2.23548839060100448583e3));
        q = Lanes.MultiplyAdd(q, z, new Vector<double>(4.84406305325125486048e3));
        Vector<double> small = Lanes.MultiplyAdd(x, z * p / q, x);
        return Vector.ConditionalSelect(Vector.LessThan(magnitude, new Vector<double>(Cancellation)), small, large);
    }
}
