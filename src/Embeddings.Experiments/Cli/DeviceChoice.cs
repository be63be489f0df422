using System.CommandLine;
using Embeddings.Cuda;
using Embeddings.Models;

namespace Embeddings.Experiments.Cli;

/// <summary>Where a command computes, and why there: the one place that knows which devices this build has.</summary>
internal sealed class DeviceChoice : IDisposable
{
    private const string BFloat16 = "bf16";
    private const string Single = "fp32";

    private DeviceChoice(ModelDevice device, string sentence)
    {
        Device = device;
        Sentence = sentence;
    }

    /// <summary>The device.</summary>
    public ModelDevice Device { get; }

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public string Name => Device.Cuda is null ? "cpu" : "cuda";

    /// <summary>Tells the user what was picked and why.</summary>
    public string Sentence { get; }

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

    /// <summary><c>--precision</c>.</summary>
    public static Option<string?> Precision()
    {
        var option = new Option<string?>("--precision")
        {
            Description = "Activations on a CUDA device: bf16 (default) or fp32; weights are kept in fp32 with either. The processor computes in fp32.",
            HelpName = "type",
        };
        option.CompletionSources.Add(BFloat16, Single);
        return option;
    }

    /// <summary>
    /// The device for what was asked for. <c>auto</c> takes the first CUDA device where there is one that works and all variants have a CUDA
    /// step, else the processor.
    /// </summary>
    /// <param name="wanted">The value of <c>--device</c>.</param>
    /// <param name="precision">The value of <c>--precision</c>; null where it is not given.</param>
    /// <param name="variants">What is going to be computed.</param>
    /// <exception cref="UserError">There is no such device, or it cannot compute a variant.</exception>
    public static DeviceChoice Of(string wanted, string? precision = null, params IReadOnlyList<Variant> variants)
    {
        if (precision is not (null or BFloat16 or Single))
        {
            throw new UserError($"--precision takes {BFloat16} or {Single}, not '{precision}'.");
        }

        DeviceChoice choice = wanted switch
        {
            "auto" => Automatic(precision, variants),
            "cpu" => OnProcessor("."),
            "cuda" => OnCuda(precision, variants),
            _ => throw new UserError($"--device takes auto, cpu or cuda, not '{wanted}'."),
        };
        return choice.Device.Cuda is null && precision == BFloat16
            ? throw new UserError($"The processor computes in {Single}; leave out --precision {BFloat16}. {choice.Sentence}")
            : choice;
    }

    /// <inheritdoc/>
    public void Dispose() => Device.Cuda?.Dispose();

    private static DeviceChoice OnProcessor(string why) => new(ModelDevice.Processor, $"Computing on the processor{why}");

    private static DeviceChoice Automatic(string? precision, IReadOnlyList<Variant> variants)
    {
        if (variants.FirstOrDefault(variant => variant.CreateCuda is null) is { } refused)
        {
            return OnProcessor($", for {WhyNot(refused)}.");
        }

        try
        {
            return OnCuda(precision, variants);
        }
        catch (UserError error) when (error.InnerException is CudaException cause)
        {
            return OnProcessor($": {(cause as CudaUnavailableException)?.Reason ?? cause.Message}");
        }
    }

    private static DeviceChoice OnCuda(string? precision, IReadOnlyList<Variant> variants)
    {
        if (variants.FirstOrDefault(variant => variant.CreateCuda is null) is { } refused)
        {
            throw new UserError($"--device cuda is not possible, for {WhyNot(refused)}; give cpu or auto.");
        }

        try
        {
            CudaDevice device = CudaDevice.Open();
            CudaElement element = precision == Single ? CudaElement.Single : CudaElement.BFloat16;
            return new DeviceChoice(
                new ModelDevice(device, element),
                $"Computing on {device.Info.Name} in {precision ?? BFloat16}, the first CUDA device here; --device cpu takes the processor.");
        }
        catch (CudaException error)
        {
            throw new UserError($"--device cuda is not possible: {error.Message}", error);
        }
    }

    private static string WhyNot(Variant variant) =>
        $"{variant.Name} has no CUDA step yet{(variant.CudaRefusal is { } need ? $": it needs {need}" : "")}";
}
