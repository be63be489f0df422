using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.CompilerServices;
using Embeddings.Models;

namespace Embeddings.Cpu;

/// <summary>
/// Rotary positions (Su et al., arXiv 2104.09864) in the layout of GPT-NeoX and Llama: element j of a head is paired with j + D/2 and
/// turned by the angle position · 10000^(−2j/D).
/// </summary>
public static unsafe class Rotary
{
    private const double Base = 10000;
    private const int RowsPerTile = 32;

    /// <summary>Turns every head of every row; the position of row r is r mod <paramref name="context"/>.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="rows">Rows, R.</param>
    /// <param name="context">Positions of a sequence, T.</param>
    /// <param name="heads">Heads in a row.</param>
    /// <param name="headWidth">D, even.</param>
    /// <param name="x">Head h of row r at <c>x + r · xStride + h · D</c>.</param>
    /// <param name="xStride">Elements from a row of x to the next.</param>
    /// <param name="y">Receives the result, laid out the same way; may be x.</param>
    /// <param name="yStride">Elements from a row of y to the next.</param>
    /// <param name="inverse">Turns back: the transpose, which is also the gradient.</param>
    public static void Apply<T>(
        WorkerPool pool, int rows, int context, int heads, int headWidth, T* x, long xStride, T* y, long yStride, bool inverse)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (headWidth % 2 != 0)
        {
            throw new ArgumentException($"Rotary positions need an even head width, got {headWidth}.", nameof(headWidth));
        }

        T* angles = Angles<T>.Of(context, headWidth);
        pool.RunRows(new Kernel<T>(context, heads, headWidth, x, xStride, y, yStride, angles, inverse), rows, RowsPerTile);
    }

    private readonly struct Kernel<T>(
        int context, int heads, int headWidth, T* x, long xStride, T* y, long yStride, T* angles, bool inverse) : IRowKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int tile, int first, int end)
        {
            int half = headWidth / 2;
            T sign = inverse ? -T.One : T.One;
            var signs = new Vector<T>(sign);
            for (int row = first; row < end; row++)
            {
                T* cosines = angles + (long)(row % context) * headWidth;
                T* sines = cosines + half;
                for (int head = 0; head < heads; head++)
                {
                    T* from = x + row * xStride + (long)head * headWidth;
                    T* to = y + row * yStride + (long)head * headWidth;
                    int j = 0;
                    for (; j <= half - Vector<T>.Count; j += Vector<T>.Count)
                    {
                        Vector<T> a = Lanes.Load(from + j), b = Lanes.Load(from + j + half);
                        Vector<T> cosine = Lanes.Load(cosines + j), sine = signs * Lanes.Load(sines + j);
                        Lanes.Store(to + j, Lanes.MultiplyAdd(a, cosine, -b * sine));
                        Lanes.Store(to + j + half, Lanes.MultiplyAdd(b, cosine, a * sine));
                    }

                    for (; j < half; j++)
                    {
                        T a = from[j], b = from[j + half];
                        T cosine = cosines[j], sine = sign * sines[j];
                        to[j] = Lanes.MultiplyAdd(a, cosine, -b * sine);
                        to[j + half] = Lanes.MultiplyAdd(b, cosine, a * sine);
                    }
                }
            }
        }
    }

    /// <summary>Tables of cosines and sines, made once per context and head width: [T, 2, D/2].</summary>
    private static class Angles<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private static readonly ConcurrentDictionary<(int Context, int HeadWidth), Arena<T>> s_tables = new();

        public static T* Of(int context, int headWidth) =>
            s_tables.GetOrAdd((context, headWidth), static shape => Make(shape.Context, shape.HeadWidth)).Pointer;

        private static Arena<T> Make(int context, int headWidth)
        {
            var table = new Arena<T>((long)context * headWidth);
            int half = headWidth / 2;
            for (int position = 0; position < context; position++)
            {
                T* row = table.Pointer + (long)position * headWidth;
                for (int j = 0; j < half; j++)
                {
                    double angle = position * Math.Pow(Base, -2.0 * j / headWidth);
                    row[j] = Lanes.Scalar<T>(Math.Cos(angle));
                    row[j + half] = Lanes.Scalar<T>(Math.Sin(angle));
                }
            }

            return table;
        }
    }
}
