extern alias runtime;

using System.Reflection;
using Embeddings.Generator.Model;
using Microsoft.CodeAnalysis.CSharp;
using runtime::Embeddings.Cpu;
using runtime::Embeddings.Models;

namespace Embeddings.Generator.Tests.Ops;

/// <summary>A generated step in double, run on parameters that are keyed as those of <see cref="InterpretedModel"/>.</summary>
internal sealed unsafe class EmittedModel : IDisposable
{
    private readonly WorkerPool _pool;
    private readonly CompiledModel<double> _model;

    public EmittedModel(Variant variant, OpBatch batch, bool spells, int threads = 1)
    {
        _pool = new WorkerPool(threads);
        var spelling = new Spelling(Starts(batch.Spelling), [.. batch.Spelling.SelectMany(rows => rows)]);
        _model = variant.CreateDouble(new ModelOptions(_pool, batch.Batch, spells ? spelling : null) { TargetSpelling = spelling });
    }

    /// <summary>Compiles the generated files of some specs in one assembly, and finds each one's model by the name of its class.</summary>
    public static IReadOnlyDictionary<string, Variant> Load(IEnumerable<(ModelSpec Spec, CompilationResult Result)> models)
    {
        var sources = new List<string>();
        var names = new List<string>();
        foreach ((ModelSpec spec, CompilationResult result) in models)
        {
            Assert.True(result.Failure is null, $"{spec.Type.Name}: {result.FailedPass} failed with {result.Failure}");
            names.Add(spec.Type.Name);
            sources.Add($"namespace {spec.Type.Namespace}; partial class {spec.Type.Name};");
            sources.AddRange(result.PublicFiles.Concat(result.ImplementationFiles).Select(file => file.Text));
        }

        CSharpCompilation compilation = GeneratorHarness.Compile([.. sources]);
        Assembly assembly = GeneratorHarness.Load(compilation);
        return names.ToDictionary(
            name => name, name => (Variant)assembly.GetType($"Ops.{name}")!.GetProperty("Variant")!.GetValue(null)!);
    }

    public void Set(IReadOnlyDictionary<string, double[]> parameters) =>
        Each((key, block, layer) => parameters[key].CopyTo(_model.Parameters.Slice(block.LayerOffset(layer), (int)block.Count)));

    public double[] Losses(OpBatch batch)
    {
        _model.Evaluate(batch.Tokens, batch.Targets);
        return _model.Losses.Slice(0, batch.Rows).ToArray();
    }

    /// <summary>Losses of the backward's own forward, and the gradients.</summary>
    public (double[] Losses, Dictionary<string, double[]> Gradients) Backpropagate(OpBatch batch)
    {
        _model.Gradients.Clear();
        _model.Backpropagate(batch.Tokens, batch.Targets, batch.GradientScale);
        var gradients = new Dictionary<string, double[]>();
        Each((key, block, layer) => gradients[key] = _model.Gradients.Slice(block.LayerOffset(layer), (int)block.Count).ToArray());
        return (_model.Losses.Slice(0, batch.Rows).ToArray(), gradients);
    }

    /// <summary>Elements of every parameter.</summary>
    public Dictionary<string, long> Counts()
    {
        var counts = new Dictionary<string, long>();
        Each((key, block, _) => counts[key] = block.Count);
        return counts;
    }

    public void Dispose()
    {
        _model.Dispose();
        _pool.Dispose();
    }

    private void Each(Action<string, ParameterBlock, int> action)
    {
        foreach (ParameterBlock block in _model.Description.Parameters)
        {
            for (int layer = 0; layer < block.Layers; layer++)
            {
                action(InterpretedModel.Key(block.Name, layer), block, layer);
            }
        }
    }

    private static int[] Starts(int[][] spelling)
    {
        var starts = new int[spelling.Length + 1];
        for (int i = 0; i < spelling.Length; i++)
        {
            starts[i + 1] = starts[i] + spelling[i].Length;
        }

        return starts;
    }
}
