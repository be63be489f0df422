namespace Embeddings.Cuda;

/// <content>Passes over the flat arenas of parameters, gradients and moments.</content>
public sealed unsafe partial class KernelLibrary
{
    /// <summary>Floats of a block of settings; see <see cref="AdamWSettings"/> and <see cref="MuonSettings"/>.</summary>
    public const int SettingCount = 8;

    /// <summary>Floats of working memory of <see cref="GradientNorm"/>.</summary>
    public const int NormPartials = 512;

    private readonly nint _narrowParameters;
    private readonly nint _squareSums;
    private readonly nint _gradientNorm;
    private readonly nint _adamW;

    /// <summary>parameters[i] = master[i] rounded to an element. Not to be called where the two are the same memory.</summary>
    public void NarrowParameters(long count, nint master, nint parameters)
    {
        void** arguments = stackalloc void*[] { &master, &parameters, &count };
        _device.Launch(_narrowParameters, Flat(count), arguments, 3);
    }

    /// <summary>result[0] = √Σx², result[1] = the factor that shortens it to clipNorm: 1 where it is no longer, or clipNorm is 0.</summary>
    /// <param name="count">Elements of x.</param>
    /// <param name="clipNorm">Largest norm, or 0.</param>
    /// <param name="x">Floats.</param>
    /// <param name="partials">Working memory, <see cref="NormPartials"/> floats.</param>
    /// <param name="result">Two floats.</param>
    public void GradientNorm(long count, double clipNorm, nint x, nint partials, nint result)
    {
        int blocks = NormPartials;
        float clip = (float)clipNorm;
        void** squareArguments = stackalloc void*[] { &x, &partials, &count };
        _device.Launch(_squareSums, new LaunchShape(blocks, ThreadsPerBlock), squareArguments, 3);
        void** arguments = stackalloc void*[] { &partials, &result, &blocks, &clip };
        _device.Launch(_gradientNorm, new LaunchShape(1, 32), arguments, 4);
    }

    /// <summary>One AdamW step over a stretch of the arenas that shares settings.</summary>
    /// <param name="count">Elements.</param>
    /// <param name="master">Weights, floats.</param>
    /// <param name="parameters">The elements that products read; the masters themselves in fp32.</param>
    /// <param name="gradients">Floats; read only.</param>
    /// <param name="firstMoment">Floats.</param>
    /// <param name="secondMoment">Floats.</param>
    /// <param name="settings">From <see cref="AdamWSettings"/>.</param>
    /// <param name="gradientFactor">One float: factor on the gradient, for clipping.</param>
    public void AdamW(
        long count, nint master, nint parameters, nint gradients, nint firstMoment, nint secondMoment, nint settings, nint gradientFactor)
    {
        void** arguments = stackalloc void*[]
        {
            &master, &parameters, &gradients, &firstMoment, &secondMoment, &settings, &gradientFactor, &count,
        };
        _device.Launch(_adamW, Flat(count), arguments, 8);
    }

    /// <summary>
    /// What a step of AdamW needs to know, as its kernel reads it: β₁, 1 − β₁, β₂, 1 − β₂, 1 − rate·decay, rate / (1 − β₁ᵗ),
    /// 1 / √(1 − β₂ᵗ), ε.
    /// </summary>
    /// <param name="settings">Receives <see cref="SettingCount"/> values.</param>
    /// <param name="learningRate">Already scheduled.</param>
    /// <param name="beta1">β₁.</param>
    /// <param name="beta2">β₂.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="weightDecay">A share of the rate.</param>
    /// <param name="step">t, from 1.</param>
    public static void AdamWSettings(
        Span<float> settings, double learningRate, double beta1, double beta2, double epsilon, double weightDecay, long step)
    {
        settings[0] = (float)beta1;
        settings[1] = (float)(1 - beta1);
        settings[2] = (float)beta2;
        settings[3] = (float)(1 - beta2);
        settings[4] = (float)(1 - learningRate * weightDecay);
        settings[5] = (float)(learningRate / (1 - Math.Pow(beta1, step)));
        settings[6] = (float)(1 / Math.Sqrt(1 - Math.Pow(beta2, step)));
        settings[7] = (float)epsilon;
    }

    private static LaunchShape Flat(long count) => new((int)Math.Min(MostBlocks, (count + ThreadsPerBlock - 1) / ThreadsPerBlock), ThreadsPerBlock);
}
