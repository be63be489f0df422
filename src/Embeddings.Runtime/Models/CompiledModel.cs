using System.Numerics;
using Embeddings.Cpu;

namespace Embeddings.Models;

/// <summary>
/// An instance of a generated training step: parameters, gradients and activations in one arena each, and the passes over them. The
/// generator prints a subclass per declared model. Results are the same bits for any number of threads.
/// </summary>
/// <typeparam name="T">float to train, double to check gradients.</typeparam>
public abstract unsafe class CompiledModel<T> : LanguageModel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly SpellingTable? _spelling;
    private readonly SpellingTable? _targetSpelling;
    private StepOutcome? _outcome;
    private double _stepLosses;
    private TargetPermutation? _permutation;
    private readonly NgramIds _ngrams;
    private readonly SuffixIds? _suffixes;
    private readonly FutureLosses<T>? _future;
    private Arena<T>? _lossWeights;
    private Arena<T>? _zero;
    private TokenBytes<T>? _bytes;
    private int _permutedPasses;

    /// <summary>Takes the memory of an instance.</summary>
    protected CompiledModel(ModelDescription description, ModelOptions options)
        : base(description, options.Batch, options.Spelling)
    {
        _spelling = options.Spelling is null ? null : new SpellingTable(options.Spelling);
        _targetSpelling = TargetSpellingOf(description, options);
        Pool = options.Pool;
        _ngrams = new NgramIds(Tokens, description.Architecture.Context, description.InputVocabularySize);
        _suffixes = SuffixIds.Of(description, options.Batch, options.SuffixTokens);
        int further = description.Architecture.FutureWeights.Length;
        _future = further > 0 ? new FutureLosses<T>(Tokens, description.Architecture.Context, further) : null;
        Gradients = new Arena<T>(description.TrainableCount);
        Activations = new Arena<T>(description.ActivationsPerToken * Tokens);
    }

    /// <summary>
    /// The gradient of every trainable parameter, at the parameter's offset, after <c>Backpropagate</c>. A step that
    /// updates in its backward uses the places of the first layer for all, and leaves the others' memory alone.
    /// </summary>
    public Arena<T> Gradients { get; }

    /// <inheritdoc/>
    public override int StepsUnread => _outcome is null ? 0 : 1;

    /// <summary>Saved activations and temporaries.</summary>
    protected Arena<T> Activations { get; }

    /// <summary>The composition rows of each token; only where rows are composed of bytes.</summary>
    protected SpellingPointers Spelling => _spelling!.Pointers;

    /// <summary>The bytes of each token of the targets; only with a head of bytes.</summary>
    protected SpellingPointers TargetSpelling => _targetSpelling!.Pointers;

    /// <summary>Factor of each position's loss in the gradient, [B·T]; null where all are 1.</summary>
    protected T* LossWeights { get; private set; }

    /// <summary>The number 0, in place of a factor that a layer does not have.</summary>
    protected T* Zero => (_zero ??= new Arena<T>(1)).Pointer;

    /// <summary>The threads it works on.</summary>
    protected WorkerPool Pool { get; }

    /// <inheritdoc/>
    public override void BeginStep()
    {
        Gradients.Clear();
        _stepLosses = 0;
        _permutedPasses = 0;
    }

    /// <inheritdoc/>
    public override void EndStep(OptimizerState<T> state, double rateFactor)
    {
        var outcome = new StepOutcome(_stepLosses, GradientNorm.Of(Pool, Gradients.Pointer, Gradients.Length));
        _outcome = outcome;
        double largest = Description.Training.ClipNorm;
        if (double.IsFinite(outcome.LossSum) && double.IsFinite(outcome.GradientNorm))
        {
            Update(state, rateFactor, largest > 0 && outcome.GradientNorm > largest ? largest / outcome.GradientNorm : 1);
        }
    }

    /// <inheritdoc/>
    public override StepOutcome ReadStep()
    {
        StepOutcome outcome = _outcome ?? throw new InvalidOperationException("No step was made since the last was read.");
        _outcome = null;
        return outcome;
    }

    /// <inheritdoc/>
    public override void MakeStep(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, OptimizerState<T> state, double rateFactor)
    {
        if (!Description.UpdatesInBackward)
        {
            base.MakeStep(tokens, targets, state, rateFactor);
            return;
        }

        Check(tokens, targets);
        UpdatesInBackward = true;
        GradientSquares = 0;
        state.Step++;
        try
        {
            fixed (int* tokenPointer = tokens, targetPointer = targets)
            {
                ForwardBackwardUpdate(tokenPointer, targetPointer, T.CreateTruncating(1.0 / Tokens), state, rateFactor);
            }
        }
        finally
        {
            UpdatesInBackward = false;
        }

        Step = state.Step;
        _outcome = new StepOutcome(LossSum(), Math.Sqrt(GradientSquares));
    }

    /// <summary>Sum of <see cref="LanguageModel{T}.Losses"/>, in a fixed order.</summary>
    public double LossSum() => Sum(Losses.Pointer);

    /// <summary>
    /// What <see cref="LanguageModel{T}.Backpropagate(ReadOnlySpan{int}, ReadOnlySpan{int}, double)"/> gives the gradient of, without its scale: the sum of the losses, and where targets
    /// further ahead are declared that of theirs, each times its weight. Leaves the gradients as they are.
    /// </summary>
    /// <param name="tokens">Ids, [B, T].</param>
    /// <param name="targets">Next ids, [B, T]; <see cref="LanguageModel{T}.IgnoredTarget"/> carries no loss.</param>
    public double Objective(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets)
    {
        if (_future is null)
        {
            Evaluate(tokens, targets);
            return LossSum();
        }

        Backpropagate(tokens, targets, gradientScale: 0);
        double sum = LossSum();
        for (int ahead = 1; ahead <= Description.Architecture.FutureWeights.Length; ahead++)
        {
            sum += Description.Architecture.FutureWeights[ahead - 1] * Sum(FutureLosses(ahead));
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
        Step = state.Step;
    }

    /// <summary>Nothing to do: the processor computes on the host's memory.</summary>
    public override void BringToHost(OptimizerState<T>? state)
    {
    }

    /// <summary>Nothing to do: the processor computes on the host's memory.</summary>
    public override void TakeFromHost(OptimizerState<T>? state)
    {
    }

    /// <summary>The generated forward and backward.</summary>
    protected abstract void ForwardBackward(int* tokens, int* targets, T gradientScale);

    /// <summary>The generated step that updates each layer inside the backward; printed where the model declares nothing that forbids it.</summary>
    protected virtual void ForwardBackwardUpdate(int* tokens, int* targets, T gradientScale, OptimizerState<T> state, double rateFactor) =>
        throw new NotSupportedException($"{Description.Name} has no step that updates in the backward.");

    /// <summary>Whether the pass under way updates each layer as soon as its backward is done.</summary>
    protected bool UpdatesInBackward { get; private set; }

    /// <summary>Sum of squares of the gradients that the step under way has used.</summary>
    protected double GradientSquares { get; set; }

    /// <summary>The layer in whose place a layer's gradients lie: the first one's where they are used at once, else its own.</summary>
    protected int GradientSlot(int layer) => UpdatesInBackward ? 0 : layer;

    /// <summary>Sets gradients to zero.</summary>
    protected void ClearGradients(long offset, long count) =>
        System.Runtime.InteropServices.NativeMemory.Clear(Gradients.Pointer + offset, (nuint)count * (nuint)sizeof(T));

    /// <summary>The generated forward up to the losses.</summary>
    protected abstract void ForwardLosses(int* tokens, int* targets);

    /// <summary>The generated forward up to one row of logits.</summary>
    protected abstract void ForwardLogits(int* tokens, int row, T* logits);

    /// <summary>The generated optimizer step.</summary>
    protected abstract void Optimize(OptimizerState<T> state, double rateFactor, double gradientFactor);

    /// <summary>The targets of a pass, each moved to another sequence, elsewhere in every pass; see <see cref="TargetPermutation"/>.</summary>
    protected int* PermutedTargets(int* targets) =>
        (_permutation ??= new TargetPermutation(Batch, Description.Architecture.Context)).Of(targets, Step, _permutedPasses++);

    /// <summary>Finds the first bytes of every token of a pass.</summary>
    protected void FindBytes(int* tokens, int places) => (_bytes ??= new TokenBytes<T>(Tokens, places)).Find(tokens, Spelling);

    /// <summary>The byte of each token at a place from −1, [B·T]; 256 where it has none there.</summary>
    protected int* TokenBytes(int place) => _bytes!.Bytes(place);

    /// <summary>1 where the token has a byte at a place, else 0, [B·T].</summary>
    protected T* TokenPlace(int place) => _bytes!.Exists(place);

    /// <summary>1/√(bytes read of the token) where it has a byte at a place, else 0, [B·T].</summary>
    protected T* TokenShare(int place) => _bytes!.Share(place);

    /// <summary>For each position of a pass the target so much further ahead in its sequence.</summary>
    protected int* FutureTargets(int* targets, int ahead) => _future!.Targets(targets, ahead);

    /// <summary>Losses of these targets, [B·T].</summary>
    protected T* FutureLosses(int ahead) => _future!.Losses(ahead);

    /// <summary>Finds the rows of the n-grams that end at each position of a pass; <see cref="Ngrams"/> then gives them.</summary>
    protected void FindNgrams(int* tokens, int order, int rows) => _ngrams.Find(tokens, order, rows);

    /// <summary>Rows of the n-grams of one order, [B·T].</summary>
    protected int* Ngrams(int order) => _ngrams.Of(order);

    /// <summary>Finds the longest token that ends at each position of a pass.</summary>
    protected void FindSuffixes(int* tokens) => _suffixes!.Find(tokens);

    /// <summary>The ids of the second input table, which stand after those of the first, [B·T].</summary>
    protected int* SecondTokens(int* tokens) => tokens + Tokens;

    /// <summary>The longest token that ends at each position, [B·T].</summary>
    protected int* Suffixes => _suffixes!.Pointer;

    /// <summary>Copies a stretch of an arena to another place in it.</summary>
    protected static void Copy(Arena<T> arena, long from, long to, long count) =>
        Buffer.MemoryCopy(arena.Pointer + from, arena.Pointer + to, count * sizeof(T), count * sizeof(T));

    private static SpellingTable? TargetSpellingOf(ModelDescription description, ModelOptions options)
    {
        if (description.Architecture.DecoderWidth == 0)
        {
            return null;
        }

        return options.TargetSpelling?.VocabularySize == description.VocabularySize
            ? new SpellingTable(options.TargetSpelling)
            : throw new ArgumentException($"{description.Name} says targets as bytes and needs the bytes of its {description.VocabularySize} tokens.", nameof(options));
    }

    private double Sum(T* losses)
    {
        double sum = 0;
        for (int i = 0; i < Tokens; i++)
        {
            sum += double.CreateTruncating(losses[i]);
        }

        return sum;
    }

    /// <summary>Sets an activation to zero.</summary>
    /// <param name="values">[B·T, perToken].</param>
    /// <param name="perToken">Elements per token.</param>
    protected void Clear(T* values, int perToken) =>
        System.Runtime.InteropServices.NativeMemory.Clear(values, (nuint)Tokens * (nuint)perToken * (nuint)sizeof(T));

    /// <inheritdoc/>
    protected override void PassForwardBackward(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, double gradientScale)
    {
        fixed (int* tokenPointer = tokens, targetPointer = targets)
        {
            ForwardBackward(tokenPointer, targetPointer, T.CreateTruncating(gradientScale));
        }

        _stepLosses += LossSum();
    }

    /// <inheritdoc/>
    protected override void PassForwardBackward(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, ReadOnlySpan<double> weights)
    {
        _lossWeights ??= new Arena<T>(Tokens);
        for (int row = 0; row < Tokens; row++)
        {
            _lossWeights.Pointer[row] = T.CreateTruncating(weights[row]);
        }

        LossWeights = _lossWeights.Pointer;
        try
        {
            PassForwardBackward(tokens, targets, 1);
        }
        finally
        {
            LossWeights = null;
        }
    }

    /// <inheritdoc/>
    protected override ReadOnlySpan<T> ReadCaptured(CapturePoints point, int layer)
    {
        CaptureDescription capture = Description.Captures.First(capture => capture.Point == point);
        long length = (long)capture.Columns * Tokens;
        return Activations.Slice(capture.Offset * Tokens + layer * length, checked((int)length));
    }

    /// <inheritdoc/>
    protected override void PassLosses(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets)
    {
        fixed (int* tokenPointer = tokens, targetPointer = targets)
        {
            ForwardLosses(tokenPointer, targetPointer);
        }
    }

    /// <inheritdoc/>
    protected override void PassLogits(ReadOnlySpan<int> tokens, int row, Span<T> logits)
    {
        fixed (int* tokenPointer = tokens)
        fixed (T* logitPointer = logits)
        {
            ForwardLogits(tokenPointer, row, logitPointer);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Gradients.Dispose();
        Activations.Dispose();
        _lossWeights?.Dispose();
        _zero?.Dispose();
        _bytes?.Dispose();
        _future?.Dispose();
        _spelling?.Dispose();
        _targetSpelling?.Dispose();
    }
}
