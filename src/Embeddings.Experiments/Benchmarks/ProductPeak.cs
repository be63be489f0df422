using Embeddings.Cuda;
using Embeddings.Models;

namespace Embeddings.Experiments.Benchmarks;

/// <summary>The rate of a large square matrix product on a CUDA device, on random numbers: what its steps are measured against.</summary>
internal static unsafe class ProductPeak
{
    private const int SmallestSide = 256;
    private const int LargestSide = 8192;
    private const double LongEnough = 0.5;
    private const int Runs = 5;

    /// <summary>Floating-point operations a second, of the largest side up to 8,192 whose product takes long enough to time.</summary>
    public static double Measure(ICudaDevice device, CudaElement element)
    {
        double rate = 0;
        double milliseconds = 0;
        for (int side = SmallestSide; side <= LargestSide && milliseconds < LongEnough; side *= 2)
        {
            milliseconds = Time(device, element, side);
            rate = 2.0 * side * side * side / (milliseconds * 1e-3);
        }

        return rate;
    }

    private static double Time(ICudaDevice device, CudaElement element, int side)
    {
        long bytes = (long)side * side * element.Bytes();
        nint a = device.Allocate(bytes, "peak"), b = device.Allocate(bytes, "peak"), c = device.Allocate(bytes, "peak");
        nint first = device.CreateEvent(), last = device.CreateEvent();
        try
        {
            Fill(device, element, side, a);
            device.Copy(b, a, bytes);
            var product = new DeviceProduct
            {
                M = side, N = side, K = side, InputElement = element, OutputElement = element,
                A = a, LeadingA = side, B = b, LeadingB = side, TransposeB = true, C = c, LeadingC = side, Alpha = 1,
            };
            device.Multiply(product);
            double fastest = double.PositiveInfinity;
            for (int run = 0; run < Runs; run++)
            {
                device.Record(first);
                device.Multiply(product);
                device.Record(last);
                fastest = Math.Min(fastest, device.Milliseconds(first, last));
            }

            return fastest;
        }
        finally
        {
            device.FreeEvent(first);
            device.FreeEvent(last);
            device.Free(a);
            device.Free(b);
            device.Free(c);
        }
    }

    /// <summary>Normal random numbers; zeros would be multiplied faster. One row after the other repeats the first, turned by its number.</summary>
    private static void Fill(ICudaDevice device, CudaElement element, int side, nint matrix)
    {
        var random = new RandomStream(1, "peak");
        var values = new byte[2 * side * element.Bytes()];
        fixed (byte* pointer = values)
        {
            for (int i = 0; i < side; i++)
            {
                float value = (float)random.NextNormal();
                for (int place = i; place < 2 * side; place += side)
                {
                    if (element == CudaElement.Single)
                    {
                        ((float*)pointer)[place] = value;
                    }
                    else
                    {
                        ((ushort*)pointer)[place] = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
                    }
                }
            }

            for (int row = 0; row < side; row++)
            {
                device.Upload(matrix + (nint)((long)row * side * element.Bytes()), pointer + row * element.Bytes(), (long)side * element.Bytes());
            }
        }
    }
}
