using Embeddings.Cuda;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>A product by its definition, one sum after the other.</summary>
internal static unsafe class EmulatedProduct
{
    /// <summary>Computes C and what the epilogue asks for.</summary>
    public static void Run(in DeviceProduct product)
    {
        (int m, int n, int k) = (product.M, product.N, product.K);
        float[] a = ReadMatrix(product.A, product.InputElement, m, k, product.LeadingA, product.TransposeA);
        float[] b = ReadMatrix(product.B, product.InputElement, n, k, product.LeadingB, !product.TransposeB);
        CudaElement element = product.OutputElement;
        var columnSums = new float[n];
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                float sum = 0;
                for (int p = 0; p < k; p++)
                {
                    sum += a[i * (long)k + p] * b[j * (long)k + p];
                }

                long place = i * (long)product.LeadingC + j;
                long saved = i * (long)product.LeadingAuxiliary + j;
                sum *= product.Alpha;
                if (product.Beta != 0)
                {
                    sum += product.Beta * Read(product.Addend == 0 ? product.C : product.Addend, element, place);
                }

                if (product.Epilogue is ProductEpilogue.Bias or ProductEpilogue.BiasGelu)
                {
                    sum += Read(product.Bias, element, j);
                }

                if (product.Epilogue is ProductEpilogue.Gelu or ProductEpilogue.BiasGelu)
                {
                    Write(product.Auxiliary, element, saved, sum);
                    sum = Gelu(sum);
                }
                else if (product.Epilogue is ProductEpilogue.GeluGradient or ProductEpilogue.GeluGradientBias)
                {
                    sum *= GeluSlope(Read(product.Auxiliary, element, saved));
                }

                columnSums[j] += sum;
                Write(product.C, element, place, sum);
            }
        }

        if (product.Epilogue == ProductEpilogue.GeluGradientBias)
        {
            for (int j = 0; j < n; j++)
            {
                Write(product.Bias, element, j, columnSums[j]);
            }
        }
        else if (product.Epilogue == ProductEpilogue.RowSumsOfA)
        {
            for (int i = 0; i < m; i++)
            {
                Write(product.Bias, element, i, SumOfRow(a, i, k));
            }
        }
    }

    /// <summary>Reads an element as a float.</summary>
    public static float Read(nint address, CudaElement element, long index) => element == CudaElement.Single
        ? ((float*)address)[index]
        : BitConverter.UInt32BitsToSingle((uint)((ushort*)address)[index] << 16);

    /// <summary>Stores a float, rounded to nearest even.</summary>
    public static void Write(nint address, CudaElement element, long index, float value)
    {
        if (element == CudaElement.Single)
        {
            ((float*)address)[index] = value;
            return;
        }

        uint bits = BitConverter.SingleToUInt32Bits(value);
        ((ushort*)address)[index] = float.IsNaN(value) ? (ushort)0x7fff : (ushort)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
    }

    private static float SumOfRow(float[] a, int row, int k)
    {
        float sum = 0;
        for (int p = 0; p < k; p++)
        {
            sum += a[row * (long)k + p];
        }

        return sum;
    }

    private static float[] ReadMatrix(nint address, CudaElement element, int rows, int columns, int leading, bool transposed)
    {
        var values = new float[(long)rows * columns];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                values[i * (long)columns + j] = Read(address, element, transposed ? j * (long)leading + i : i * (long)leading + j);
            }
        }

        return values;
    }

    private static float Gelu(float x) => 0.5f * x * (1 + MathF.Tanh(Inner(x)));

    private static float GeluSlope(float x)
    {
        const float Root = 0.7978845608f;
        float tanh = MathF.Tanh(Inner(x));
        return 0.5f * (1 + tanh) + 0.5f * x * (1 - tanh * tanh) * Root * (1 + 3 * 0.044715f * x * x);
    }

    private static float Inner(float x) => 0.7978845608f * (x + 0.044715f * x * x * x);
}
