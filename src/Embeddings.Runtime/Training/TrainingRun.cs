using Embeddings.Checkpoints;
using Embeddings.Data;
using Embeddings.Models;

namespace Embeddings.Training;

/// <summary>
/// Trains a variant in a folder of its own. The folder holds <c>run.json</c> (what the run is), <c>metrics.jsonl</c> (a line per step)
/// and <c>checkpoint.safetensors</c> (where it stands). A run that was stopped, by the user or by the end of the machine, goes on from
/// its checkpoint and ends with the same bits as one that was not. A folder whose budget is spent is not trained again.
/// </summary>
public static class TrainingRun
{
    /// <summary>Starts or resumes a run and trains until the budget is spent or it is stopped.</summary>
    /// <param name="options">All that the run needs.</param>
    /// <param name="cancellation">Stops after the present step, with a checkpoint; does not throw.</param>
    /// <returns>Where the run stands.</returns>
    /// <exception cref="UserError">
    /// Something given is wrong; the folder holds another run; a file cannot be read or written; or the loss became NaN or infinite,
    /// in which case the last good checkpoint remains.
    /// </exception>
    public static TrainingResult Start(TrainingOptions options, CancellationToken cancellation = default)
    {
        options.Check();
        Corpus validation = options.ValidationBytes is { } limit ? options.Data.Validation.Take(limit) : options.Data.Validation;
        if (validation.Bytes == 0)
        {
            throw new UserError($"{options.Data.Validation.Name} has no documents to measure on.");
        }

        RunIdentity identity = IdentityOf(options, validation);
        RunRecord? known = RunRecord.Read(options.Folder);
        RefuseMode(options, known);
        if (known?.Identity.DifferenceFrom(identity) is { } difference)
        {
            throw new UserError($"The run in '{options.Folder}' cannot be resumed with {difference}; start a new one in another folder.");
        }

        TrainingBudget budget = options.Budget ?? known?.Budget ?? throw new UserError("Say how long to train: a number of bytes or of steps.");
        if (known?.Result is { Outcome: TrainingOutcome.Finished } finished && known.Budget == budget)
        {
            return finished;
        }

        if (known is not null && known.Budget != budget)
        {
            options.Notice?.Invoke(
                $"The run in '{options.Folder}' was planned for {known.Budget} and now goes to {budget}; its learning rate has followed the first plan so far.");
        }

        using var folder = RunFolder.Open(options.Folder);
        using var session = new TrainingSession(options, identity, validation, budget);
        session.Open(known);
        return session.Run(cancellation);
    }

    private static RunIdentity IdentityOf(TrainingOptions options, Corpus validation) => new()
    {
        Variant = options.Variant.Name,
        DeclarationHash = options.Variant.Description.Hash,
        Tokenizer = options.Tokenizer.Identity,
        InputTokenizer = options.InputTokenizer?.Identity,
        SecondTokenizer = options.SecondTokenizer?.Identity,
        SuffixTokens = options.SuffixTokens is { } tokens ? RunIdentity.HashOf(tokens) : null,
        TrainingData = options.Data.Training.Hash,
        ValidationData = validation.Hash,
        Seed = options.Seed,
        RateScale = options.RateScale,
    };

    private static void RefuseMode(TrainingOptions options, RunRecord? known)
    {
        if (options.Mode == StartMode.New && known is not null)
        {
            throw new UserError($"'{options.Folder}' already holds a run of {known.Identity.Variant}; resume it or give another folder.");
        }

        if (known is null && File.Exists(Path.Combine(options.Folder, Checkpoint.FileName)))
        {
            throw new UserError($"'{options.Folder}' holds a {Checkpoint.FileName} without a {RunRecord.FileName}; give another folder.");
        }

        if (options.Mode == StartMode.Resume && known is null)
        {
            throw new UserError($"'{options.Folder}' holds no run to resume.");
        }
    }
}
