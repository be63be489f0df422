using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Experiments.Benchmarks;

/// <summary>A model with random tokens, ready to make training steps.</summary>
internal sealed class SyntheticStep : IDisposable
{
    private readonly WorkerPool _pool;
    private readonly CompiledModel<float> _model;
    private readonly OptimizerState<float> _optimizer;
    private readonly int[] _tokens;
    private readonly int[] _targets;

    public SyntheticStep(Variant variant, WorkerPool pool, int batch)
    {
        ModelDescription description = variant.Description;
        ArchitectureDescription architecture = description.Architecture;
        var spelling = Spelling.Of(
            architecture.InputEmbedding, architecture.SpellingPositions, SyntheticTokens.Vocabulary(description.VocabularySize));
        _pool = pool;
        _model = variant.CreateSingle(new ModelOptions(pool, batch, spelling));
        _optimizer = new OptimizerState<float>(description);
        _tokens = new int[_model.Tokens];
        _targets = new int[_model.Tokens];
        Initializer.Initialize(_model, seed: 1);
        SyntheticTokens.Fill(description.VocabularySize, _tokens, _targets);
    }

    /// <summary>Sequences in a pass.</summary>
    public int Batch => _model.Batch;

    /// <summary>Tokens of a step.</summary>
    public int Tokens => _model.Tokens * Training.AccumulationSteps;

    /// <summary>Floating-point operations of a step.</summary>
    public double Flops => Tokens * _model.Description.FlopsPerToken;

    private TrainingDescription Training => _model.Description.Training;

    /// <summary>Makes a step.</summary>
    public unsafe void Run()
    {
        _model.Gradients.Clear();
        for (int pass = 0; pass < Training.AccumulationSteps; pass++)
        {
            _model.Backpropagate(_tokens, _targets, 1.0 / Tokens);
        }

        double norm = GradientNorm.Of(_pool, _model.Gradients.Pointer, _model.Gradients.Length);
        bool clips = Training.ClipNorm > 0 && norm > Training.ClipNorm;
        _model.Update(_optimizer, 1, clips ? Training.ClipNorm / norm : 1);
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _model.Dispose();
    }
}
