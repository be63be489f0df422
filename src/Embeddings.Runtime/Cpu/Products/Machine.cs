using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Embeddings.Cpu.Products;

/// <summary>Work that is written once for every width of vector.</summary>
/// <typeparam name="T">Element type, float or double.</typeparam>
internal interface IMachineWork<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Does the work on one width of vector.</summary>
    /// <typeparam name="TVector">A register.</typeparam>
    /// <typeparam name="TSimd">Operations on it.</typeparam>
    /// <typeparam name="TWideTile">The register tile of large matrix products.</typeparam>
    /// <typeparam name="TNarrowTile">The register tile of attention, and of a product's last columns.</typeparam>
    void Run<TVector, TSimd, TWideTile, TNarrowTile>()
        where TVector : unmanaged
        where TSimd : struct, ISimd<T, TVector>
        where TWideTile : struct, ITile<T>
        where TNarrowTile : struct, ITile<T>;
}

/// <summary>Chooses the widest registers of the machine and the tiles that suit their number.</summary>
internal static class Machine
{
    /// <summary>Does the work on the machine's widest registers. The choice is a constant to the JIT.</summary>
    public static void Dispatch<T, TWork>(in TWork work)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TWork : struct, IMachineWork<T>
    {
        if (Vector512.IsHardwareAccelerated)
        {
            work.Run<Vector512<T>, Simd512<T>, Tile8x3<T, Vector512<T>, Simd512<T>>, Tile8x2<T, Vector512<T>, Simd512<T>>>();
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            work.Run<Vector256<T>, Simd256<T>, Tile6x2<T, Vector256<T>, Simd256<T>>, Tile6x2<T, Vector256<T>, Simd256<T>>>();
        }
        else if (AdvSimd.Arm64.IsSupported)
        {
            work.Run<Vector128<T>, Simd128<T>, Tile8x3<T, Vector128<T>, Simd128<T>>, Tile8x2<T, Vector128<T>, Simd128<T>>>();
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            work.Run<Vector128<T>, Simd128<T>, Tile6x2<T, Vector128<T>, Simd128<T>>, Tile6x2<T, Vector128<T>, Simd128<T>>>();
        }
        else
        {
            work.Run<T, SimdScalar<T>, Tile6x2<T, T, SimdScalar<T>>, Tile6x2<T, T, SimdScalar<T>>>();
        }
    }
}
