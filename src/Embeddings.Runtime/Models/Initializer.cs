using System.Numerics;

namespace Embeddings.Models;

/// <summary>Draws the starting values of a model.</summary>
public static class Initializer
{
    /// <summary>Elements that one stream of random numbers fills.</summary>
    private const long ElementsPerTile = 1 << 18;

    /// <summary>
    /// Fills every parameter, on all processors. Each tile of each copy of each parameter has its own stream, keyed by the seed, the copy's
    /// name and where the tile starts, so that the values depend on no thread, and variants which share a parameter start it from the same
    /// values whatever else they declare.
    /// </summary>
    public static void Initialize<T>(LanguageModel<T> model, ulong seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var tiles = new List<(ParameterBlock Block, int Layer, long First)>();
        foreach (ParameterBlock block in model.Description.Parameters)
        {
            for (int layer = 0; layer < block.Layers; layer++)
            {
                for (long first = 0; first < block.Count; first += ElementsPerTile)
                {
                    tiles.Add((block, layer, first));
                }
            }
        }

        Parallel.ForEach(tiles, tile => Fill(model.Parameters, tile.Block, tile.Layer, tile.First, seed));
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

    private static void Fill<T>(Arena<T> parameters, ParameterBlock block, int layer, long first, ulong seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Span<T> values = parameters.Slice(block.LayerOffset(layer) + first, (int)Math.Min(ElementsPerTile, block.Count - first));
        double deviation = block.Initialization.StandardDeviation;
        switch (block.Initialization.Kind)
        {
            case InitializationKind.Zeros or InitializationKind.Ones:
                values.Fill(block.Initialization.Kind == InitializationKind.Ones ? T.One : T.Zero);
                break;
            case InitializationKind.BinaryCode:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = T.CreateTruncating(BitOf(block, first + i) * deviation);
                }

                break;
            default:
                string name = block.LayerName(layer);
                var random = new RandomStream(seed, first == 0 ? name : FormattableString.Invariant($"{name} from {first}"));
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = T.CreateTruncating((float)(random.NextNormal() * deviation));
                }

                break;
        }
    }
}
