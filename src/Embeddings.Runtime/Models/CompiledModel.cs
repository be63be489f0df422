using System.Numerics;
using Embeddings.Cpu;

namespace Embeddings.Models;

/// <summary>
/// An instance of a generated training step: parameters, gradients and activations in one arena each, and the passes over them. The
/// generator prints a subclass per declared model. Results are the same bits for any number of threads.
/// </summary>
/// <typeparam name="T">float to train, double to check gradients.</typeparam>
public abstract unsafe class CompiledModel<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Target of a position that carries no loss.</summary>
    public const int IgnoredTarget = -1;

    private readonly SpellingTable? _spelling;

    /// <summary>Takes the memory of an instance.</summary>
    protected CompiledModel(ModelDescription description, ModelOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Batch);
        if (options.Spelling is { } spelling && spelling.VocabularySize != description.VocabularySize)
        {
            throw new ArgumentException(
                $"{description.Name} has {description.VocabularySize} tokens, the spelling has {spelling.VocabularySize}.", nameof(options));
        }

        if (options.Spelling is null && description.Architecture.InputEmbedding is not (EmbeddingKind.Table or EmbeddingKind.FrozenRandom))
        {
            throw new ArgumentException($"{description.Name} composes its rows from bytes and needs a spelling.", nameof(options));
        }

        _spelling = options.Spelling is null ? null : new SpellingTable(options.Spelling);
        Description = description;
        Pool = options.Pool;
        Batch = options.Batch;
        Tokens = options.Batch * description.Architecture.Context;
        Parameters = new Arena<T>(description.ParameterCount);
        Gradients = new Arena<T>(description.TrainableCount);
        Activations = new Arena<T>(description.ActivationsPerToken * Tokens);
        Losses = new Arena<T>(Tokens);
    }

    /// <summary>What was declared.</summary>
    public ModelDescription Description { get; }

    /// <summary>Sequences in a pass, B.</summary>
    public int Batch { get; }

    /// <summary>Tokens in a pass, B·T.</summary>
    public int Tokens { get; }

    /// <summary>Every parameter; see <see cref="ModelDescription.Parameters"/> for the places.</summary>
    public Arena<T> Parameters { get; }

    /// <summary>The gradient of every trainable parameter, at the parameter's offset.</summary>
    public Arena<T> Gradients { get; }

    /// <summary>The loss in nats of every token of the last pass, [B·T]; 0 where the target was ignored.</summary>
    public Arena<T> Losses { get; }

    /// <summary>Saved activations and temporaries.</summary>
    protected Arena<T> Activations { get; }

    /// <summary>The composition rows of each token; only where rows are composed of bytes.</summary>
    protected SpellingPointers Spelling => _spelling!.Pointers;

    /// <summary>The threads it works on.</summary>
    protected WorkerPool Pool { get; }

    /// <summary>
    /// Forward and backward: fills <see cref="Losses"/> and adds the gradient of gradientScale · Σ losses to <see cref="Gradients"/>.
    /// </summary>
    /// <param name="tokens">Ids, [B, T].</param>
    /// <param name="targets">Next ids, [B, T]; <see cref="IgnoredTarget"/> carries no loss.</param>
    /// <param name="gradientScale">Factor of the gradient, 1 / (B·T·accumulation) for a mean.</param>
    public void Backpropagate(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, double gradientScale)
    {
        Check(tokens, nameof(tokens), 0);
        Check(targets, nameof(targets), IgnoredTarget);
        fixed (int* tokenPointer = tokens, targetPointer = targets)
        {
            ForwardBackward(tokenPointer, targetPointer, T.CreateTruncating(gradientScale));
        }
    }

    /// <summary>Forward alone: fills <see cref="Losses"/>.</summary>
    /// <param name="tokens">Ids, [B, T].</param>
    /// <param name="targets">Next ids, [B, T].</param>
    public void Evaluate(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets)
    {
        Check(tokens, nameof(tokens), 0);
        Check(targets, nameof(targets), IgnoredTarget);
        fixed (int* tokenPointer = tokens, targetPointer = targets)
        {
            ForwardLosses(tokenPointer, targetPointer);
        }
    }

    /// <summary>Forward alone: the logits [V] after one position.</summary>
    /// <param name="tokens">Ids, [B, T]; those after the position do not matter.</param>
    /// <param name="position">Index into <paramref name="tokens"/>.</param>
    /// <param name="logits">Receives V values.</param>
    public void Predict(ReadOnlySpan<int> tokens, int position, Span<T> logits)
    {
        Check(tokens, nameof(tokens), 0);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, Tokens);
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, Description.VocabularySize);
        fixed (int* tokenPointer = tokens)
        fixed (T* logitPointer = logits)
        {
            ForwardLogits(tokenPointer, position, logitPointer);
        }
    }

    /// <summary>Sum of <see cref="Losses"/>, in a fixed order.</summary>
    public double LossSum()
    {
        double sum = 0;
        for (int i = 0; i < Tokens; i++)
        {
            sum += double.CreateTruncating(Losses.Pointer[i]);
        }

        return sum;
    }

    /// <summary>One AdamW step over every trainable parameter.</summary>
    /// <param name="state">Moments; its step count is advanced.</param>
    /// <param name="rateFactor">The schedule's factor on every group's learning rate.</param>
    /// <param name="gradientFactor">Factor on every gradient, for clipping.</param>
    public void Update(OptimizerState<T> state, double rateFactor, double gradientFactor)
    {
        state.Step++;
        Optimize(state, rateFactor, gradientFactor);
    }

    /// <summary>The generated forward and backward.</summary>
    protected abstract void ForwardBackward(int* tokens, int* targets, T gradientScale);

    /// <summary>The generated forward up to the losses.</summary>
    protected abstract void ForwardLosses(int* tokens, int* targets);

    /// <summary>The generated forward up to one row of logits.</summary>
    protected abstract void ForwardLogits(int* tokens, int row, T* logits);

    /// <summary>The generated optimizer step.</summary>
    protected abstract void Optimize(OptimizerState<T> state, double rateFactor, double gradientFactor);

    /// <inheritdoc/>
    public void Dispose()
    {
        Parameters.Dispose();
        Gradients.Dispose();
        Losses.Dispose();
        Activations.Dispose();
        _spelling?.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Check(ReadOnlySpan<int> ids, string name, int smallest)
    {
        if (ids.Length != Tokens)
        {
            throw new ArgumentException($"{Description.Name} takes {Batch} x {Tokens / Batch} ids in a pass, got {ids.Length}.", name);
        }

        foreach (int id in ids)
        {
            if (id < smallest || id >= Description.VocabularySize)
            {
                throw new ArgumentException($"Id {id} is outside the vocabulary of {Description.VocabularySize} of {Description.Name}.", name);
            }
        }
    }
}
