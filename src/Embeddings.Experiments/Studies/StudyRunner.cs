using System.Collections.Immutable;

namespace Embeddings.Experiments.Studies;

/// <summary>Carries out runs that have not finished before.</summary>
public static class StudyRunner
{
    /// <summary>Runs what is missing and returns the results of all, in order.</summary>
    /// <exception cref="OperationCanceledException">The study was stopped; finished runs are kept.</exception>
    public static ImmutableArray<RunResult> Run(
        ImmutableArray<RunRequest> runs, IRunExecutor executor, RunStore store, IStudyProgress progress, CancellationToken cancellation)
    {
        var keys = new string[runs.Length];
        var results = new RunResult?[runs.Length];
        var work = new double[runs.Length];
        for (int i = 0; i < runs.Length; i++)
        {
            TokenizerSummary tokenizer = executor.Tokenizer(runs[i].Variant.Description, runs[i].Bytes);
            keys[i] = runs[i].Key(executor.Corpus.Hash, tokenizer.Identity);
            results[i] = store.Find(runs[i], keys[i]);
            work[i] = results[i] is null ? runs[i].Bytes / tokenizer.TrainingBytesPerToken * runs[i].Variant.Description.FlopsPerToken : 0;
        }

        double allWork = Math.Max(work.Sum(), 1);
        double doneWork = 0;
        progress.Planned(runs.Length, results.Count(result => result is not null));
        for (int i = 0; i < runs.Length; i++)
        {
            if (results[i] is not null)
            {
                continue;
            }

            cancellation.ThrowIfCancellationRequested();
            RunRequest run = runs[i];
            double before = doneWork;
            double share = work[i];
            progress.Started(run, i + 1);
            RunResult result = executor.Execute(
                run,
                store.Prepare(run, keys[i]),
                state => progress.Progressed(run, state, (before + share * state.Fraction) / allWork),
                cancellation);
            store.Save(run, keys[i], result);
            results[i] = result;
            doneWork += share;
            progress.Finished(result, doneWork / allWork);
        }

        return [.. results.Select(result => result!)];
    }
}
