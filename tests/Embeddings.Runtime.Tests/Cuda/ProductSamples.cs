using Embeddings.Cuda;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>A product on a device beside the same one by its definition.</summary>
internal sealed unsafe class ProductSamples(ICudaDevice device)
{
    private const int Padding = 8;

    private readonly Random _random = new(5);

    /// <summary>Runs a product on random matrices with gaps between their rows and checks all that it writes.</summary>
    public void Check(
        int m, int n, int k, bool transposeA, bool transposeB, CudaElement input, CudaElement output, ProductEpilogue epilogue, float beta, int times = 1,
        bool hasAddend = false)
    {
        var product = new DeviceProduct
        {
            M = m,
            N = n,
            K = k,
            TransposeA = transposeA,
            TransposeB = transposeB,
            InputElement = input,
            OutputElement = output,
            LeadingA = (transposeA ? m : k) + Padding,
            LeadingB = (transposeB ? k : n) + Padding,
            LeadingC = n + Padding,
            LeadingAuxiliary = (n + 7) / 8 * 8 + Padding,
            Alpha = 0.5f,
            Beta = beta,
            Epilogue = epilogue,
        };
        byte[] a = Values(transposeA ? k : m, product.LeadingA, input), b = Values(transposeB ? n : k, product.LeadingB, input);
        byte[] c = Values(m, product.LeadingC, output), bias = Values(1, Math.Max(m, n), output), auxiliary = Values(m, product.LeadingAuxiliary, output);
        byte[] addend = Values(m, product.LeadingC, output);
        byte[][] expected = [c.ToArray(), bias.ToArray(), auxiliary.ToArray()];
        fixed (byte* pa = a, pb = b, pc = expected[0], pBias = expected[1], pAuxiliary = expected[2], pAddend = addend)
        {
            DeviceProduct onHost = product with { A = (nint)pa, B = (nint)pb, C = (nint)pc, Bias = (nint)pBias, Auxiliary = (nint)pAuxiliary, Addend = hasAddend ? (nint)pAddend : 0 };
            EmulatedProduct.Run(onHost);
        }

        product.A = Put(a);
        product.B = Put(b);
        product.C = Put(c);
        product.Bias = Put(bias);
        product.Auxiliary = Put(auxiliary);
        product.Addend = hasAddend ? Put(addend) : 0;
        for (int i = 0; i < times; i++)
        {
            Copy(c, product.C);
            device.Multiply(product);
        }

        float tolerance = output == CudaElement.BFloat16 ? 0.02f : 1e-4f;
        Compare(expected[0], product.C, output, tolerance, "C");
        Compare(expected[1], product.Bias, output, tolerance * 4, "bias");
        Compare(expected[2], product.Auxiliary, output, tolerance, "auxiliary");
    }

    private byte[] Values(int rows, int leading, CudaElement element)
    {
        var values = new byte[rows * leading * element.Bytes()];
        fixed (byte* pointer = values)
        {
            for (int i = 0; i < rows * leading; i++)
            {
                EmulatedProduct.Write((nint)pointer, element, i, (float)(_random.NextDouble() * 2 - 1));
            }
        }

        return values;
    }

    private nint Put(byte[] values)
    {
        nint memory = device.Allocate(values.Length, "sample");
        Copy(values, memory);
        return memory;
    }

    private void Copy(byte[] values, nint memory)
    {
        fixed (byte* pointer = values)
        {
            device.Upload(memory, pointer, values.Length);
        }
    }

    private void Compare(byte[] expected, nint memory, CudaElement element, float tolerance, string what)
    {
        var actual = new byte[expected.Length];
        fixed (byte* pointer = actual, wanted = expected)
        {
            device.Download(pointer, memory, actual.Length);
            for (int i = 0; i < actual.Length / element.Bytes(); i++)
            {
                float difference = EmulatedProduct.Read((nint)pointer, element, i) - EmulatedProduct.Read((nint)wanted, element, i);
                float scale = Math.Max(1, Math.Abs(EmulatedProduct.Read((nint)wanted, element, i)));
                Assert.True(Math.Abs(difference) <= tolerance * scale, $"Element {i} of {what} differs by {difference}.");
            }
        }
    }
}
