using System.Collections.Immutable;
using Embeddings.Models;

namespace Embeddings.Experiments.Studies;

/// <summary>What a study needs from the rest of the program: a corpus, tokenizers on it, and training runs.</summary>
public interface IRunExecutor
{
    /// <summary>The text.</summary>
    CorpusSummary Corpus { get; }

    /// <summary>The tokenizer of a model on the text.</summary>
    /// <param name="description">The model.</param>
    /// <param name="bytesPerRun">Training text that one run reads.</param>
    TokenizerSummary Tokenizer(ModelDescription description, long bytesPerRun);

    /// <summary>Simple models on the same text.</summary>
    /// <param name="bytesPerRun">Training text that they read.</param>
    ImmutableArray<ReferenceScore> References(long bytesPerRun);

    /// <summary>Trains and validates.</summary>
    /// <param name="request">What to train.</param>
    /// <param name="directory">
    /// Where the run keeps its files; it exists. A run that was interrupted there goes on where it stood.
    /// </param>
    /// <param name="progress">Told about every few steps.</param>
    /// <param name="cancellation">Stops the run after it has saved its state.</param>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    /// <exception cref="UserError">The run cannot go on, such as after a loss that is not a number.</exception>
    RunResult Execute(RunRequest request, string directory, Action<RunProgress> progress, CancellationToken cancellation);
}
