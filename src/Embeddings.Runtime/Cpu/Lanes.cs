using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Embeddings.Cpu;

/// <summary>
/// The vocabulary of generated row kernels, on vectors, with a scalar twin of each function for the tail of a row. A twin gives the bits
/// that the vector would have given, so results do not depend on where a row's tail begins.
/// </summary>
public static unsafe class Lanes
{
    /// <summary>Whether the machine multiplies and adds in one rounding; where it does not, the two are rounded apart.</summary>
    internal static bool Fused
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Fma.IsSupported || AdvSimd.Arm64.IsSupported;
    }

    /// <summary>One number in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Splat<T>(double value)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => new(Scalar<T>(value));

    /// <summary>A number as T, rounded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Scalar<T>(double value)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        typeof(T) == typeof(float) ? (T)(object)(float)value : typeof(T) == typeof(double) ? (T)(object)value : T.CreateTruncating(value);

    /// <summary>Reads a vector; no alignment is needed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Load<T>(T* source)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Unsafe.ReadUnaligned<Vector<T>>(source);

    /// <summary>Writes a vector; no alignment is needed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(T* target, Vector<T> value)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Unsafe.WriteUnaligned(target, value);

    /// <summary>a · b + c, in one rounding where the machine has the instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> MultiplyAdd<T>(Vector<T> a, Vector<T> b, Vector<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!Fused)
        {
            return a * b + c;
        }

        return typeof(T) == typeof(float)
            ? Vector.FusedMultiplyAdd(a.As<T, float>(), b.As<T, float>(), c.As<T, float>()).As<float, T>()
            : Vector.FusedMultiplyAdd(a.As<T, double>(), b.As<T, double>(), c.As<T, double>()).As<double, T>();
    }

    /// <inheritdoc cref="MultiplyAdd{T}(Vector{T}, Vector{T}, Vector{T})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T MultiplyAdd<T>(T a, T b, T c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Fused ? T.FusedMultiplyAdd(a, b, c) : a * b + c;

    /// <summary>The larger of each pair; where one is NaN, either.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Max<T>(Vector<T> a, Vector<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Vector.MaxNative(a, b);

    /// <inheritdoc cref="Max{T}(Vector{T}, Vector{T})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Max<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => T.MaxNative(a, b);

    /// <summary>max(x, 0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> PositivePart<T>(Vector<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Max(x, Vector<T>.Zero);

    /// <inheritdoc cref="PositivePart{T}(Vector{T})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T PositivePart<T>(T x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Max(x, T.Zero);

    /// <summary>1 where x &gt; 0, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Step<T>(Vector<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Vector.GreaterThan(x, Vector<T>.Zero) & Vector<T>.One;

    /// <inheritdoc cref="Step{T}(Vector{T})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Step<T>(T x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => x > T.Zero ? T.One : T.Zero;

    /// <summary>1 / √x, the root and the quotient each correctly rounded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> ReciprocalSqrt<T>(Vector<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Vector<T>.One / Vector.SquareRoot(x);

    /// <inheritdoc cref="ReciprocalSqrt{T}(Vector{T})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T ReciprocalSqrt<T>(T x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => T.One / T.Sqrt(x);

    /// <summary>eˣ, within 2 ulp; see <see cref="Exponential"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Exp<T>(Vector<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        typeof(T) == typeof(float) ? Exponential.Of(x.As<T, float>()).As<float, T>() : Vector.Exp(x.As<T, double>()).As<double, T>();

    /// <inheritdoc cref="Exp{T}(Vector{T})"/>
    public static T Exp<T>(T x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Exp(new Vector<T>(x)).ToScalar();

    /// <summary>The natural logarithm, within 3 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Log<T>(Vector<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        typeof(T) == typeof(float) ? Vector.Log(x.As<T, float>()).As<float, T>() : Vector.Log(x.As<T, double>()).As<double, T>();

    /// <inheritdoc cref="Log{T}(Vector{T})"/>
    public static T Log<T>(T x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Log(new Vector<T>(x)).ToScalar();

    /// <summary>The hyperbolic tangent, within 6 ulp; see <see cref="HyperbolicTangent"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Tanh<T>(Vector<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        typeof(T) == typeof(float)
            ? HyperbolicTangent.Of(x.As<T, float>()).As<float, T>() : HyperbolicTangent.Of(x.As<T, double>()).As<double, T>();

    /// <inheritdoc cref="Tanh{T}(Vector{T})"/>
    public static T Tanh<T>(T x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Tanh(new Vector<T>(x)).ToScalar();

    /// <summary>1 / (1 + e⁻ˣ), within 4 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Sigmoid<T>(Vector<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Vector<T>.One / (Vector<T>.One + Exp(-x));

    /// <inheritdoc cref="Sigmoid{T}(Vector{T})"/>
    public static T Sigmoid<T>(T x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Sigmoid(new Vector<T>(x)).ToScalar();

    /// <summary>The sum of the lanes, the upper half added to the lower until one is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum<T>(Vector<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Vector<byte>.Count == 64)
        {
            Vector512<T> wide = x.AsVector512();
            return Sum(wide.GetLower() + wide.GetUpper());
        }

        return Vector<byte>.Count == 32 ? Sum(x.AsVector256()) : Sum(x.AsVector128());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Sum<T>(Vector256<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Sum(x.GetLower() + x.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Sum<T>(Vector128<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        sizeof(T) == sizeof(float) ? (x[0] + x[2]) + (x[1] + x[3]) : x[0] + x[1];
}
