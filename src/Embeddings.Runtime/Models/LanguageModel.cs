using System.Numerics;

namespace Embeddings.Models;

/// <summary>
/// An instance of a model, on whichever device it computes: what training, evaluation, sampling and checkpoints use. The parameters stand in
/// the host's memory; where a device has copies of its own, <see cref="BringToHost"/> and <see cref="TakeFromHost"/> say when the
/// two must agree.
/// </summary>
/// <typeparam name="T">float to train, double to check gradients.</typeparam>
public abstract unsafe class LanguageModel<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Target of a position that carries no loss.</summary>
    public const int IgnoredTarget = -1;

    /// <summary>Takes the memory of an instance on the host.</summary>
    /// <param name="description">What was declared.</param>
    /// <param name="batch">Sequences in a pass, B.</param>
    /// <param name="spelling">The composition rows of each token; needed when the input embedding is composed of bytes.</param>
    protected LanguageModel(ModelDescription description, int batch, Spelling? spelling)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        if (spelling is not null && spelling.VocabularySize != description.InputVocabularySize)
        {
            throw new ArgumentException(
                $"{description.Name} has {description.InputVocabularySize} tokens, the spelling has {spelling.VocabularySize}.", nameof(spelling));
        }

        if (spelling is null && Models.Spelling.IsNeeded(description.Architecture.InputEmbedding))
        {
            throw new ArgumentException($"{description.Name} composes its rows from bytes and needs a spelling.", nameof(spelling));
        }

        Description = description;
        Batch = batch;
        Tokens = batch * description.Architecture.Context;
        Parameters = new Arena<T>(description.ParameterCount);
        Losses = new Arena<T>(Tokens);
    }

    /// <summary>What was declared.</summary>
    public ModelDescription Description { get; }

    /// <summary>Sequences in a pass, B.</summary>
    public int Batch { get; }

    /// <summary>Tokens in a pass, B·T.</summary>
    public int Tokens { get; }

    /// <summary>Every parameter, on the host; see <see cref="ModelDescription.Parameters"/> for the places.</summary>
    public Arena<T> Parameters { get; }

    /// <summary>The loss in nats of every token of the last pass that was read, [B·T]; 0 where the target was ignored.</summary>
    public Arena<T> Losses { get; }

    /// <summary>Updates made so far; what is declared to change after some steps goes by it. Every update advances it.</summary>
    public long Step { get; set; }

    /// <summary>Steps whose outcome may stay unread while further ones are made, without making the device wait.</summary>
    public virtual int StepsAhead => 0;

    /// <summary>Steps made whose outcome is not read.</summary>
    public abstract int StepsUnread { get; }

    /// <summary>Starts a training step: every gradient becomes zero.</summary>
    public abstract void BeginStep();

    /// <summary>Forward and backward: adds the gradient of gradientScale · Σ losses to the gradients.</summary>
    /// <param name="tokens">Ids, [B, T]; with a second input table its ids after them, [2, B, T].</param>
    /// <param name="targets">Next ids, [B, T]; <see cref="IgnoredTarget"/> carries no loss.</param>
    /// <param name="gradientScale">Factor of the gradient, 1 / (B·T·accumulation) for a mean.</param>
    public void Backpropagate(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, double gradientScale)
    {
        Check(tokens, targets);
        PassForwardBackward(tokens, targets, gradientScale);
    }

    /// <summary>
    /// Forward and backward with a weight for each target: adds the gradient of Σ_j weight_j · loss_j to the gradients. With one weight of
    /// 1 and all others 0, a captured embedding gradient is that of one target on every earlier embedding.
    /// </summary>
    /// <param name="tokens">Ids, [B, T].</param>
    /// <param name="targets">Next ids, [B, T]; <see cref="IgnoredTarget"/> carries no loss.</param>
    /// <param name="weights">Factor of the loss at each position, [B, T].</param>
    public void Backpropagate(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, ReadOnlySpan<double> weights)
    {
        CheckTokens(tokens);
        Check(targets, nameof(targets), IgnoredTarget, Description.VocabularySize);
        if (weights.Length != Tokens)
        {
            throw new ArgumentException($"{Description.Name} takes {Tokens} loss weights in a pass, got {weights.Length}.", nameof(weights));
        }

        PassForwardBackward(tokens, targets, weights);
    }

    /// <summary>A tensor that the last pass kept, row by row; see <see cref="CaptureAttribute"/>. Not to be read after the next pass.</summary>
    /// <param name="point">One capture point.</param>
    /// <param name="layer">Of <see cref="CapturePoints.States"/>: the layer that the state enters; L is the head.</param>
    /// <exception cref="ArgumentException">The model does not declare the capture.</exception>
    public ReadOnlySpan<T> Captured(CapturePoints point, int layer = 0)
    {
        CaptureDescription capture = Description.Captures.FirstOrDefault(capture => capture.Point == point)
            ?? throw new ArgumentException($"{Description.Name} does not keep {point}; add [Capture(CapturePoints.{point})].", nameof(point));
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, capture.Copies);
        return ReadCaptured(point, layer);
    }

    /// <summary>
    /// Ends a training step: shortens the gradient to the declared norm and updates every trainable parameter. Where the loss or the
    /// gradient is not finite, the parameters afterwards are not worth anything; the outcome tells.
    /// </summary>
    /// <param name="state">Its step count is advanced; its moments are those in use on the processor alone.</param>
    /// <param name="rateFactor">The schedule's factor on every group's learning rate.</param>
    public abstract void EndStep(OptimizerState<T> state, double rateFactor);

    /// <summary>
    /// A whole training step of one pass: what <see cref="BeginStep"/>, <c>Backpropagate</c> of the mean loss and
    /// <see cref="EndStep"/> do. A model whose description says so updates its parameters inside the backward, and then the gradients
    /// of all layers never exist at once.
    /// </summary>
    /// <param name="tokens">Ids, [B, T].</param>
    /// <param name="targets">Next ids, [B, T]; <see cref="IgnoredTarget"/> carries no loss.</param>
    /// <param name="state">Its step count is advanced; its moments are those in use on the processor alone.</param>
    /// <param name="rateFactor">The schedule's factor on every group's learning rate.</param>
    public virtual void MakeStep(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, OptimizerState<T> state, double rateFactor)
    {
        BeginStep();
        Backpropagate(tokens, targets, 1.0 / Tokens);
        EndStep(state, rateFactor);
    }

    /// <summary>Waits for the oldest step whose outcome is not read, and reads it.</summary>
    public abstract StepOutcome ReadStep();

    /// <summary>Forward alone: fills <see cref="Losses"/>.</summary>
    /// <param name="tokens">Ids, [B, T]; with a second input table its ids after them, [2, B, T].</param>
    /// <param name="targets">Next ids, [B, T].</param>
    public void Evaluate(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets)
    {
        Check(tokens, targets);
        PassLosses(tokens, targets);
    }

    /// <summary>Forward alone: the logits [V] after one position.</summary>
    /// <param name="tokens">Ids, [B, T], of both tables where there are two; those after the position do not matter.</param>
    /// <param name="position">Index into <paramref name="tokens"/>.</param>
    /// <param name="logits">Receives V values.</param>
    public void Predict(ReadOnlySpan<int> tokens, int position, Span<T> logits)
    {
        CheckTokens(tokens);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, Tokens);
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, Description.VocabularySize);
        PassLogits(tokens, position, logits);
    }

    /// <summary>Makes <see cref="Parameters"/>, and the moments of a state unless it is null, what the device has.</summary>
    public abstract void BringToHost(OptimizerState<T>? state);

    /// <summary>Makes the device have what <see cref="Parameters"/>, and the moments of a state unless it is null, are.</summary>
    public abstract void TakeFromHost(OptimizerState<T>? state);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        Parameters.Dispose();
        Losses.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary><see cref="Backpropagate(ReadOnlySpan{int}, ReadOnlySpan{int}, double)"/> on ids that were checked.</summary>
    protected abstract void PassForwardBackward(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, double gradientScale);

    /// <summary>A pass with a weight for each loss, on ids and weights that were checked.</summary>
    protected abstract void PassForwardBackward(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, ReadOnlySpan<double> weights);

    /// <summary><see cref="Captured"/> of a point and layer that were checked.</summary>
    protected abstract ReadOnlySpan<T> ReadCaptured(CapturePoints point, int layer);

    /// <summary><see cref="Evaluate"/> on ids that were checked.</summary>
    protected abstract void PassLosses(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets);

    /// <summary><see cref="Predict"/> on ids that were checked.</summary>
    protected abstract void PassLogits(ReadOnlySpan<int> tokens, int row, Span<T> logits);

    /// <summary>Frees what the subclass holds.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Refuses ids that are not of a pass.</summary>
    protected void Check(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets)
    {
        CheckTokens(tokens);
        Check(targets, nameof(targets), IgnoredTarget, Description.VocabularySize);
    }

    private void CheckTokens(ReadOnlySpan<int> tokens)
    {
        if (Description.InputPlanes == 1 || tokens.Length < Tokens)
        {
            Check(tokens, nameof(tokens), 0, Description.InputVocabularySize);
            return;
        }

        Check(tokens[..Tokens], nameof(tokens), 0, Description.InputVocabularySize);
        Check(tokens[Tokens..], nameof(tokens), 0, Description.Architecture.SecondVocabulary);
    }

    private void Check(ReadOnlySpan<int> ids, string name, int smallest, int vocabulary)
    {
        if (ids.Length != Tokens)
        {
            throw new ArgumentException($"{Description.Name} takes {Batch} x {Tokens / Batch} ids in a pass, got {ids.Length}.", name);
        }

        foreach (int id in ids)
        {
            if (id < smallest || id >= vocabulary)
            {
                throw new ArgumentException($"Id {id} is outside the vocabulary of {vocabulary} of {Description.Name}.", name);
            }
        }
    }
}

/// <summary>What came of a training step.</summary>
/// <param name="LossSum">Losses of all tokens of all its passes, in nats, before the update.</param>
/// <param name="GradientNorm">Global norm of the gradient before clipping.</param>
public readonly record struct StepOutcome(double LossSum, double GradientNorm);
