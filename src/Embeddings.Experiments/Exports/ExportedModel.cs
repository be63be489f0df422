using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Embeddings.Checkpoints;
using Embeddings.Models;

namespace Embeddings.Experiments.Exports;

/// <summary>A model's parameters, read by name in the shapes that loaders want. Nothing is copied before a tensor is written.</summary>
/// <param name="model">The model.</param>
/// <param name="spelling">How its tokens are spelled, where its rows are composed; otherwise null.</param>
internal sealed class ExportedModel(LanguageModel<float> model, Spelling? spelling)
{
    private const double NormEpsilon = 1e-5;
    private const int Chunk = 1 << 20;

    /// <summary>What was declared.</summary>
    public ModelDescription Description => model.Description;

    /// <summary>Whether the rows that enter the first block are those of the head's matrix, so that one tensor is enough.</summary>
    public bool IsTied =>
        Description.Architecture.Head == HeadKind.Tied && spelling is null && !Description.Architecture.EmbeddingNorm;

    /// <summary>A parameter as it stands, [rows, columns] or [columns].</summary>
    public TensorSource Whole(string name, string parameter, int layer = 0)
    {
        ParameterBlock block = Block(parameter);
        ImmutableArray<long> shape = block.IsMatrix ? [block.Rows, block.Columns] : [block.Columns];
        return TensorSource.Of(name, shape, model.Parameters, block.LayerOffset(layer));
    }

    /// <summary>Some rows of a weight [out, in], or elements of a bias.</summary>
    public TensorSource Rows(string name, string parameter, int layer, int first, int count)
    {
        ParameterBlock block = Block(parameter);
        int width = block.IsMatrix ? block.Columns : 1;
        ImmutableArray<long> shape = block.IsMatrix ? [count, width] : [count];
        return TensorSource.Of(name, shape, model.Parameters, block.LayerOffset(layer) + (long)first * width);
    }

    /// <summary>The values of one copy of a parameter.</summary>
    public float[] Values(string parameter, int layer)
    {
        ParameterBlock block = Block(parameter);
        return model.Parameters.Slice(block.LayerOffset(layer), checked((int)block.Count)).ToArray();
    }

    /// <summary>Whether there is such a parameter.</summary>
    public bool Has(string parameter) => Description.Parameters.Any(block => block.Name == parameter);

    /// <summary>
    /// The row that enters the first block for each token, [V, C]: of the table, or composed of the token's bytes; normalised where the
    /// model does so directly after the embedding.
    /// </summary>
    public TensorSource InputRows(string name) => Computed(name, [Description.VocabularySize, Description.Architecture.Width], stream =>
    {
        var row = new float[Description.Architecture.Width];
        for (int token = 0; token < Description.VocabularySize; token++)
        {
            ReadRow(token, row);
            if (Description.Architecture.EmbeddingNorm)
            {
                Normalize(row);
            }

            stream.Write(MemoryMarshal.AsBytes<float>(row));
        }
    });

    /// <summary>The head's matrix, [V, C].</summary>
    public TensorSource Head(string name) => Whole(name, Description.Architecture.Head == HeadKind.Tied ? "Embedding.Table" : "Head.Weight");

    /// <summary>A tensor of computed values.</summary>
    public static TensorSource Computed(string name, ImmutableArray<long> shape, Func<float[]> values) => Computed(name, shape, stream =>
    {
        float[] all = values();
        for (int done = 0; done < all.Length; done += Chunk)
        {
            stream.Write(MemoryMarshal.AsBytes<float>(all.AsSpan(done, Math.Min(Chunk, all.Length - done))));
        }
    });

    private static TensorSource Computed(string name, ImmutableArray<long> shape, Action<Stream> write) =>
        new(name, TensorElement.F32, shape, write);

    private ParameterBlock Block(string name) => Description.Parameters.First(block => block.Name == name);

    private void ReadRow(int token, float[] row)
    {
        if (spelling is null)
        {
            model.Parameters.Slice(Block("Embedding.Table").Offset + (long)token * row.Length, row.Length).CopyTo(row);
            return;
        }

        Array.Clear(row);
        long table = Block("Embedding.Composition").Offset;
        int first = spelling.Starts[token], end = spelling.Starts[token + 1];
        foreach (int part in spelling.Rows.AsSpan(first, end - first))
        {
            ReadOnlySpan<float> values = model.Parameters.Slice(table + (long)part * row.Length, row.Length);
            for (int i = 0; i < row.Length; i++)
            {
                row[i] += values[i];
            }
        }

        float scale = 1 / MathF.Sqrt(end - first);
        for (int i = 0; i < row.Length; i++)
        {
            row[i] *= scale;
        }
    }

    private void Normalize(float[] row)
    {
        double mean = Description.Architecture.Norm == NormKind.LayerNorm ? row.Average(value => (double)value) : 0;
        double square = row.Average(value => (value - mean) * (value - mean));
        double scale = 1 / Math.Sqrt(square + NormEpsilon);
        for (int i = 0; i < row.Length; i++)
        {
            row[i] = (float)((row[i] - mean) * scale);
        }
    }
}
