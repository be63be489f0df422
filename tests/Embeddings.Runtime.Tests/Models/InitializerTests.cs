using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Models;

/// <summary>A table of more elements than one stream of random numbers fills.</summary>
[Transformer(Layers = 1, Width = 16, Heads = 2, Context = 8)]
[ByteLevelBpe(VocabularySize = 20_000)]
public sealed partial class WithLongTable;

/// <summary>Starting values are those of streams that the seed, the parameter's name and the place alone decide.</summary>
public sealed class InitializerTests
{
    private const int ElementsPerStream = 1 << 18;
    private const ulong Seed = 7;

    [Fact]
    public void Every_stretch_of_a_long_parameter_has_a_stream_of_its_own()
    {
        using var pool = new WorkerPool(1);
        using CompiledModel<float> model = WithLongTable.Variant.CreateSingle(new ModelOptions(pool, 1));
        Initializer.Initialize(model, Seed);

        ParameterBlock table = model.Description.Parameters.Single(block => block.Name == "Embedding.Table");
        Assert.InRange(table.Count, ElementsPerStream + 1, 2 * ElementsPerStream - 1);
        Span<float> values = model.Parameters.Slice(table.Offset, (int)table.Count);
        ShouldBeDrawn(values[..ElementsPerStream], "Embedding.Table");
        ShouldBeDrawn(values[ElementsPerStream..], $"Embedding.Table from {ElementsPerStream}");

        void ShouldBeDrawn(Span<float> drawn, string stream)
        {
            var random = new RandomStream(Seed, stream);
            foreach (float value in drawn)
            {
                Assert.Equal((float)(random.NextNormal() * table.Initialization.StandardDeviation), value);
            }
        }
    }
}
