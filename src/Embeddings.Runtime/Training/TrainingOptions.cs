using Embeddings.Cpu;
using Embeddings.Data;
using Embeddings.Models;
using Embeddings.Tokenization;

namespace Embeddings.Training;

/// <summary>What to do with a folder that already holds a run.</summary>
public enum StartMode
{
    /// <summary>Refuse: a run is never overwritten.</summary>
    New,

    /// <summary>Go on where it stopped; refuse where there is nothing to go on with.</summary>
    Resume,

    /// <summary>Go on where there is a run, else start one.</summary>
    NewOrResume,
}

/// <summary>All that a run needs.</summary>
public sealed record TrainingOptions
{
    /// <summary>The compiled model.</summary>
    public required Variant Variant { get; init; }

    /// <summary>Turns text into its tokens; must have as many as the variant declares.</summary>
    public required Tokenizer Tokenizer { get; init; }

    /// <summary>The tokenizer of the inputs; for models that declare an input vocabulary of their own, else null.</summary>
    public Tokenizer? InputTokenizer { get; init; }

    /// <summary>The tokenizer of the second input table; for models that declare one, else null.</summary>
    public Tokenizer? SecondTokenizer { get; init; }

    /// <summary>The documents to train on and those to measure on.</summary>
    public required CorpusSplit Data { get; init; }

    /// <summary>What <see cref="Data"/> was opened by, for <c>run.json</c>; null where that is not known.</summary>
    public IReadOnlyList<string>? DataSources { get; init; }

    /// <summary>The run's folder; created where it is missing.</summary>
    public required string Folder { get; init; }

    /// <summary>How long to train. May be null for a run that is resumed, which then keeps its own.</summary>
    public TrainingBudget? Budget { get; init; }

    /// <summary>Whether to start or to go on.</summary>
    public StartMode Mode { get; init; }

    /// <summary>Seed of initial values and of the order of documents.</summary>
    public ulong Seed { get; init; }

    /// <summary>Factor on every learning rate that the variant declares, above 0.</summary>
    public double RateScale { get; init; } = 1;

    /// <summary>Threads; 0 takes one per processor. Has no influence on results. Not used where <see cref="Pool"/> is given.</summary>
    public int Threads { get; init; }

    /// <summary>Threads shared with others; stays open. Null opens one for the run.</summary>
    public WorkerPool? Pool { get; init; }

    /// <summary>Where to compute.</summary>
    public ModelDevice Device { get; init; } = ModelDevice.Processor;

    /// <summary>Measurements of bits per byte, evenly over the budget; the last is at its end. At least 1.</summary>
    public int Evaluations { get; init; } = 10;

    /// <summary>Measure on at most so many held-out bytes; null for all.</summary>
    public long? ValidationBytes { get; init; }

    /// <summary>Time between checkpoints. One is always written at the start and at the end.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Stop, as if asked to by the user, when so many steps are made; null for the end of the budget.</summary>
    public long? StopAtStep { get; init; }

    /// <summary>Saves the tokenizer into the folder it is given, when a run starts.</summary>
    public Action<string>? SaveTokenizer { get; init; }

    /// <summary>Receives the state after every step, on the thread that trains; keep it quick.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Receives sentences that the user should read.</summary>
    public Action<string>? Notice { get; init; }

    /// <summary>
    /// Folder or checkpoint of another run, with the same identity and a warm-up–stable–decay schedule that stands at its peak there, to
    /// begin from: a cooldown branch. Its rate falls linearly to the final share over what the trunk has left of this run's budget, so
    /// that one trunk serves branches of several lengths. Null starts from the initial values. A resumed branch does not read it again.
    /// </summary>
    public string? Trunk { get; init; }

    /// <summary>The bytes of each token that has a row of its own where it ends; for models that declare suffix rows.</summary>
    public IReadOnlyList<byte[]>? SuffixTokens { get; init; }

    /// <summary>The command line, for <c>run.json</c>.</summary>
    public string? Command { get; init; }

    /// <summary>Refuses what cannot be trained.</summary>
    /// <exception cref="UserError">One sentence about the first mistake found.</exception>
    internal void Check()
    {
        Budget?.Check();
        ModelDescription model = Variant.Description;
        if (Budget is null && Mode == StartMode.New)
        {
            throw new UserError("Say how long to train: a number of bytes or of steps.");
        }

        if (Tokenizer.VocabularySize != model.VocabularySize)
        {
            throw new UserError(
                $"{model.Name} declares a vocabulary of {model.VocabularySize} and the tokenizer has {Tokenizer.VocabularySize}; they must be equal.");
        }

        RefuseSize(InputTokenizer, model.Architecture.InputVocabulary, "an input vocabulary", nameof(InputTokenizer));
        RefuseSize(SecondTokenizer, model.Architecture.SecondVocabulary, "a second input vocabulary", nameof(SecondTokenizer));
        int suffixes = model.Architecture.SuffixVocabulary;
        if (suffixes != (SuffixTokens?.Count ?? 0))
        {
            throw new UserError(
                $"{model.Name} declares rows for {suffixes} suffixes and was given {SuffixTokens?.Count ?? 0} tokens; give the tokens of a vocabulary of that size.");
        }

        if (!double.IsFinite(RateScale) || RateScale <= 0)
        {
            throw new UserError(FormattableString.Invariant($"Learning rates times {RateScale} are not possible; give a factor above 0."));
        }

        if (Threads < 0)
        {
            throw new UserError($"{Threads} threads are not possible; give 1 or more, or 0 for one per processor.");
        }

        if (Evaluations < 1)
        {
            throw new UserError($"{Evaluations} evaluations are not possible; give at least 1.");
        }

        if (ValidationBytes is < 1)
        {
            throw new UserError($"Evaluation cannot use {ValidationBytes} bytes; give at least 1.");
        }

        if (StopAtStep is < 0)
        {
            throw new UserError($"Stopping at step {StopAtStep} is not possible; give 0 or more.");
        }

        if (string.IsNullOrWhiteSpace(Folder))
        {
            throw new UserError("The path of the run's folder is empty; give one.");
        }
    }

    /// <summary>A tokenizer beside the targets' must be given where it is declared, with the declared size, and nowhere else.</summary>
    private void RefuseSize(Tokenizer? given, int declared, string what, string option)
    {
        int size = given?.VocabularySize ?? 0;
        if (size != declared)
        {
            throw new UserError(
                declared == 0 ? $"{Variant.Name} does not declare {what} and was given a tokenizer of {size} entries for one; leave {option} out."
                : size == 0 ? $"{Variant.Name} declares {what} of {declared} and was given no tokenizer for it; give {option}."
                : $"{Variant.Name} declares {what} of {declared} and its tokenizer has {size}; they must be equal.");
        }
    }
}
