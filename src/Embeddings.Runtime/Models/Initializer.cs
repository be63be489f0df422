using System.Numerics;

namespace Embeddings.Models;

/// <summary>Draws the starting values of a model.</summary>
public static class Initializer
{
    /// <summary>
    /// Fills every parameter. Each copy of each parameter has its own stream, keyed by the seed and its name, so that variants which
    /// share a parameter start it from the same values whatever else they declare.
    /// </summary>
    public static void Initialize<T>(LanguageModel<T> model, ulong seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (ParameterBlock block in model.Description.Parameters)
        {
            for (int layer = 0; layer < block.Layers; layer++)
            {
                Fill(model.Parameters, block, layer, seed);
            }
        }

        model.TakeFromHost(null);
    }

    /// <summary>1 or −1, by the bit of the row's number that stands for the column.</summary>
    private static int BitOf(ParameterBlock block, long element)
    {
        int bits = int.Log2(Math.Max(1, block.Rows - 1)) + 1;
        long row = element / block.Columns;
        int column = (int)(element % block.Columns);
        return (row >> (column % bits) & 1) == 1 ? 1 : -1;
    }

    private static unsafe void Fill<T>(Arena<T> parameters, ParameterBlock block, int layer, ulong seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T* values = parameters.Pointer + block.LayerOffset(layer);
        var random = new RandomStream(seed, block.LayerName(layer));
        for (long i = 0; i < block.Count; i++)
        {
            values[i] = block.Initialization.Kind switch
            {
                InitializationKind.Zeros => T.Zero,
                InitializationKind.Ones => T.One,
                InitializationKind.BinaryCode => T.CreateTruncating(BitOf(block, i) * block.Initialization.StandardDeviation),
                _ => T.CreateTruncating((float)(random.NextNormal() * block.Initialization.StandardDeviation)),
            };
        }
    }
}
