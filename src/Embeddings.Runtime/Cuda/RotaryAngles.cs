namespace Embeddings.Cuda;

/// <summary>Cosines and sines of rotary positions (arXiv 2104.09864), as the kernel reads them.</summary>
public static unsafe class RotaryAngles
{
    private const double Base = 10000;

    /// <summary>Takes memory for [T, D] floats and fills it: D/2 cosines, then D/2 sines of position · 10000^(−2j/D).</summary>
    /// <param name="device">The device, which the caller asks to free the memory.</param>
    /// <param name="context">T.</param>
    /// <param name="headWidth">D, even.</param>
    public static nint Upload(ICudaDevice device, int context, int headWidth)
    {
        var angles = new float[context * headWidth];
        int half = headWidth / 2;
        for (int position = 0; position < context; position++)
        {
            for (int j = 0; j < half; j++)
            {
                double angle = position * Math.Pow(Base, -2.0 * j / headWidth);
                angles[position * headWidth + j] = (float)Math.Cos(angle);
                angles[position * headWidth + half + j] = (float)Math.Sin(angle);
            }
        }

        nint memory = device.Allocate(sizeof(float) * (long)angles.Length, "rotary angles");
        fixed (float* pointer = angles)
        {
            device.Upload(memory, pointer, sizeof(float) * (long)angles.Length);
        }

        return memory;
    }
}
