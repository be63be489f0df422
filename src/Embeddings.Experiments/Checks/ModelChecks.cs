using System.Diagnostics;
using Embeddings.Models;

namespace Embeddings.Experiments.Checks;

/// <summary>The checks of a compiled model, each on this machine.</summary>
internal static class ModelChecks
{
    private static readonly (string Name, Func<Variant, ModelDevice, CancellationToken, Finding> Run)[] s_checks =
    [
        ("gradients", GradientCheck.Run),
        ("threads", ThreadCheck.Run),
        ("resume", ResumeCheck.Run),
        ("device", DeviceCheck.Run),
    ];

    /// <summary>How many there are.</summary>
    public static int Count => s_checks.Length;

    /// <summary>Runs all of them on a variant.</summary>
    /// <param name="variant">The variant.</param>
    /// <param name="device">Where to resume, and what to compare with the processor.</param>
    /// <param name="starting">Told the name of each before it runs.</param>
    /// <param name="cancellation">Stops within a check.</param>
    public static IEnumerable<CheckResult> Run(
        Variant variant, ModelDevice device, Action<string> starting, CancellationToken cancellation)
    {
        foreach ((string name, Func<Variant, ModelDevice, CancellationToken, Finding> run) in s_checks)
        {
            cancellation.ThrowIfCancellationRequested();
            starting(name);
            var clock = Stopwatch.StartNew();
            Finding finding = Guarded(run, variant, device, cancellation);
            yield return new CheckResult(variant.Name, name, finding.Passed, finding.Detail, clock.Elapsed.TotalSeconds);
        }
    }

    /// <summary>A run that ends with a sentence, such as one about a loss that is no number, has failed.</summary>
    private static Finding Guarded(
        Func<Variant, ModelDevice, CancellationToken, Finding> run, Variant variant, ModelDevice device, CancellationToken cancellation)
    {
        try
        {
            return run(variant, device, cancellation);
        }
        catch (UserError error)
        {
            return new Finding(false, error.Message);
        }
    }
}
