using System.Runtime.InteropServices;
using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Experiments.Benchmarks;

/// <summary>A model with random tokens, ready to make training steps.</summary>
internal sealed class SyntheticStep : IDisposable
{
    private readonly LanguageModel<float> _model;
    private readonly OptimizerState<float> _optimizer;
    private readonly int[] _tokens;
    private readonly int[] _targets;

    public SyntheticStep(Variant variant, ModelDevice device, WorkerPool pool, int batch)
    {
        ModelDescription description = variant.Description;
        _model = device.Create(variant, pool, batch, SyntheticTokens.VocabulariesOf(description));
        _optimizer = new OptimizerState<float>(description);
        Initializer.Initialize(_model, seed: 1);
        (_tokens, _targets) = SyntheticTokens.Of(description, _model.Tokens);
    }

    /// <summary>Sequences in a pass.</summary>
    public int Batch => _model.Batch;

    /// <summary>Tokens of a step.</summary>
    public int Tokens => _model.Tokens * Training.AccumulationSteps;

    /// <summary>Floating-point operations of a step.</summary>
    public double Flops => Tokens * _model.Description.FlopsPerToken;

    private TrainingDescription Training => _model.Description.Training;

    /// <summary>Makes a step, and waits for its end.</summary>
    /// <returns>Its mean loss in nats per token.</returns>
    public double Run()
    {
        while (_model.StepsUnread > 0)
        {
            _model.ReadStep();
        }

        Start();
        return _model.ReadStep().LossSum / Tokens;
    }

    /// <summary>Makes a step, and waits only as training does: for one some steps before, where the device works on its own.</summary>
    public void RunAhead()
    {
        Start();
        while (_model.StepsUnread > _model.StepsAhead)
        {
            _model.ReadStep();
        }
    }

    /// <summary>The first parameter or moment whose bits are not those of another, in words; null where all are equal.</summary>
    public string? FirstDifference(SyntheticStep other) =>
        FirstDifference("", _model.Parameters, other._model.Parameters)
        ?? FirstDifference("the first moment of ", _optimizer.FirstMoment, other._optimizer.FirstMoment)
        ?? FirstDifference("the second moment of ", _optimizer.SecondMoment, other._optimizer.SecondMoment);

    public void Dispose()
    {
        _optimizer.Dispose();
        _model.Dispose();
    }

    private void Start()
    {
        if (Training.AccumulationSteps == 1)
        {
            _model.MakeStep(_tokens, _targets, _optimizer, rateFactor: 1);
            return;
        }

        _model.BeginStep();
        for (int pass = 0; pass < Training.AccumulationSteps; pass++)
        {
            _model.Backpropagate(_tokens, _targets, 1.0 / Tokens);
        }

        _model.EndStep(_optimizer, rateFactor: 1);
    }

    private string? FirstDifference(string prefix, Arena<float> mine, Arena<float> theirs)
    {
        foreach (ParameterBlock block in _model.Description.Parameters)
        {
            for (int layer = 0; layer < block.Layers && block.LayerOffset(layer) < mine.Length; layer++)
            {
                Span<int> first = Bits(mine, block, layer), second = Bits(theirs, block, layer);
                if (!first.SequenceEqual(second))
                {
                    return prefix + block.LayerName(layer);
                }
            }
        }

        return null;
    }

    private static Span<int> Bits(Arena<float> values, ParameterBlock block, int layer) =>
        MemoryMarshal.Cast<float, int>(values.Slice(block.LayerOffset(layer), checked((int)block.Count)));
}
