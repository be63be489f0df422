namespace Embeddings.Cuda;

/// <summary>
/// The single fp32 of a training step, one after another on the device: the scale of the gradient, its norm, its factor, a zero; then the
/// partial sums of the norm, and the optimizer's settings.
/// </summary>
/// <param name="first">Address of the first.</param>
internal readonly struct StepScalars(nint first)
{
    private const int Header = 4;

    /// <summary>Factor of the losses' gradient.</summary>
    public nint GradientScale => first;

    /// <summary>The gradient's norm, and behind it <see cref="GradientFactor"/>.</summary>
    public nint NormAndFactor => GradientScale + sizeof(float);

    /// <summary>Factor on every gradient, for clipping.</summary>
    public nint GradientFactor => NormAndFactor + sizeof(float);

    /// <summary>0.</summary>
    public nint Zero => GradientFactor + sizeof(float);

    /// <summary><see cref="KernelLibrary.NormPartials"/> partial sums.</summary>
    public nint NormPartials => first + sizeof(float) * Header;

    /// <summary>A block of <see cref="KernelLibrary.SettingCount"/> settings.</summary>
    public nint Setting(int block) => NormPartials + sizeof(float) * (KernelLibrary.NormPartials + KernelLibrary.SettingCount * block);

    /// <summary>Bytes that they take with so many settings.</summary>
    public static long Bytes(int settings) => sizeof(float) * (long)(Header + KernelLibrary.NormPartials + settings);
}
