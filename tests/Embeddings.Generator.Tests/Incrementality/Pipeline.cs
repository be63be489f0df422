using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Tests.Incrementality;

/// <summary>Looks at the tracked steps of a run.</summary>
internal static class Pipeline
{
    /// <summary>The steps that source comes from: they hold values only, and stay as they are when nothing is said anew.</summary>
    public static readonly string[] ValueSteps =
    [
        EmbeddingsGenerator.Steps.Specs, EmbeddingsGenerator.Steps.CompiledModels, EmbeddingsGenerator.Steps.PublicFiles,
        EmbeddingsGenerator.Steps.ImplementationFiles, EmbeddingsGenerator.Steps.DeclaredVariants,
    ];

    public static bool IsUnchanged(IncrementalStepRunReason reason) =>
        reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged;

    /// <summary>Why each value of a step is as it is.</summary>
    public static IEnumerable<IncrementalStepRunReason> ReasonsOf(this GeneratorRun run, string step) =>
        run.OutputsOf(step).Select(output => output.Reason);

    /// <summary>The values of a step.</summary>
    public static IEnumerable<object> ValuesOf(this GeneratorRun run, string step) => run.OutputsOf(step).Select(output => output.Value);

    /// <summary>Why each registered output ran.</summary>
    public static IEnumerable<IncrementalStepRunReason> OutputReasons(this GeneratorRun run) =>
        run.Result.TrackedOutputSteps.SelectMany(steps => steps.Value).SelectMany(step => step.Outputs).Select(output => output.Reason);

    private static IEnumerable<(object Value, IncrementalStepRunReason Reason)> OutputsOf(this GeneratorRun run, string step)
    {
        Assert.True(run.Result.TrackedSteps.ContainsKey(step), $"The pipeline has no step {step}.");
        return run.Result.TrackedSteps[step].SelectMany(each => each.Outputs);
    }
}
