using System.CommandLine;

namespace Embeddings.Experiments.Cli;

/// <summary>Where a command computes, and why there: the one place that knows which devices this build has.</summary>
/// <param name="Name"><c>cpu</c>.</param>
/// <param name="Sentence">Tells the user what was picked and why.</param>
internal sealed record DeviceChoice(string Name, string Sentence)
{
    /// <summary><c>--device</c>.</summary>
    public static Option<string> Option()
    {
        var option = new Option<string>("--device")
        {
            Description = "Where to compute: auto, cpu or cuda.",
            HelpName = "device",
            DefaultValueFactory = _ => "auto",
        };
        option.CompletionSources.Add("auto", "cpu", "cuda");
        return option;
    }

    /// <summary>The device for what was asked for.</summary>
    /// <param name="wanted">The option's value.</param>
    /// <exception cref="UserError">There is no such device.</exception>
    public static DeviceChoice Of(string wanted) => wanted switch
    {
        "auto" => new DeviceChoice("cpu", "Computing on the processor, for this build has no CUDA path."),
        "cpu" => new DeviceChoice("cpu", "Computing on the processor."),
        "cuda" => throw new UserError("--device cuda is not possible, for this build has no CUDA path; give cpu or auto."),
        _ => throw new UserError($"--device takes auto, cpu or cuda, not '{wanted}'."),
    };
}
