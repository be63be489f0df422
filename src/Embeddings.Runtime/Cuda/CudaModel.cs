using Embeddings.Models;

namespace Embeddings.Cuda;

/// <summary>
/// An instance of a model on a CUDA device. The generator prints a subclass per declared model with the passes; here is all around them:
/// memory, input and outcome without waiting, graphs. Master weights, gradients and moments are fp32 arenas with the places of
/// <see cref="ModelDescription.Parameters"/>, as on the processor, so that checkpoints go from one device to another.
///
/// The passes read <see cref="InputTokens"/>, <see cref="InputTargets"/> and <see cref="GradientScale"/> on the device and are captured
/// as graphs, so they must do the same launches with the same addresses each time and must not wait. What a pass needs of the host is
/// sent by <see cref="Prepare"/>, before it and outside the graph.
/// </summary>
public abstract unsafe class CudaModel : LanguageModel<float>
{
    private const int InputBlocks = 2;

    private readonly PinnedRing _input;
    private readonly PinnedRing _settings;
    private readonly StepReports _reports;
    private readonly CapturedWork _training;
    private readonly CapturedWork _evaluation;
    private readonly CapturedWork _optimizer;
    private readonly nint _moments;
    private readonly nint _tokens;
    private readonly nint _scalars;
    private readonly nint _logits;
    private long _step;

    /// <summary>Takes the memory of an instance.</summary>
    /// <param name="description">What was declared.</param>
    /// <param name="options">Device, batch, type of elements.</param>
    /// <param name="needs">What the generated passes ask for.</param>
    /// <exception cref="OutOfDeviceMemoryException">The device has too little memory for the batch; told before any is taken.</exception>
    protected CudaModel(ModelDescription description, CudaModelOptions options, CudaModelNeeds needs)
        : base(description, options.Batch, options.Spelling)
    {
        Device = options.Device;
        Element = options.Element;
        MemoryPlan = DeviceMemoryPlan.Of(description, options.Batch, options.Element, needs);
        MemoryPlan.Require(Device.Info);
        long trainable = description.TrainableCount;
        Master = Allocate(sizeof(float) * description.ParameterCount, "master weights");
        Weights = Element == CudaElement.Single ? Master : Allocate(sizeof(ushort) * description.ParameterCount, "weights");
        Gradients = Allocate(sizeof(float) * trainable, "gradients");
        _moments = Allocate(2 * sizeof(float) * trainable, "moments");
        Activations = Allocate(needs.BytesPerToken * Tokens, "activations");
        Working = Allocate(needs.WorkingBytes, "working memory");
        _tokens = Allocate(2 * sizeof(int) * (long)Tokens, "tokens");
        LossesOnDevice = Allocate(sizeof(float) * (long)Tokens, "losses");
        _logits = Allocate(sizeof(float) * (long)description.VocabularySize, "logits of a row");
        _scalars = Allocate(ScalarBytes, "scalars of a step");
        _input = new PinnedRing(Device, InputBlocks, 2 * sizeof(int) * (long)Tokens + sizeof(float), "tokens");
        _settings = new PinnedRing(Device, InputBlocks, ScalarBytes, "scalars of a step");
        _reports = new StepReports(Device, Tokens, description.Training.AccumulationSteps);
        _training = new CapturedWork(Device, ForwardBackward);
        _evaluation = new CapturedWork(Device, ForwardLosses);
        _optimizer = new CapturedWork(Device, Optimize);
    }

    /// <summary>What it took of the device's memory.</summary>
    public DeviceMemoryPlan MemoryPlan { get; }

    /// <inheritdoc/>
    public override int StepsAhead => StepReports.Ahead;

    /// <inheritdoc/>
    public override int StepsUnread => _reports.Unread;

    /// <summary>Where it computes.</summary>
    protected ICudaDevice Device { get; }

    /// <summary>Type of activations and of <see cref="Weights"/>.</summary>
    protected CudaElement Element { get; }

    /// <summary>Every parameter, fp32, frozen ones last.</summary>
    protected nint Master { get; }

    /// <summary>Every parameter as products read it: <see cref="Master"/> itself in fp32, else its bf16 roundings at the same places.</summary>
    protected nint Weights { get; }

    /// <summary>The gradient of every trainable parameter, fp32.</summary>
    protected nint Gradients { get; }

    /// <summary>AdamW's running mean of gradients, fp32.</summary>
    protected nint FirstMoment => _moments;

    /// <summary>AdamW's running mean of squared gradients, fp32.</summary>
    protected nint SecondMoment => _moments + sizeof(float) * (nint)Description.TrainableCount;

    /// <summary>Memory in proportion to the tokens of a pass.</summary>
    protected nint Activations { get; }

    /// <summary>Memory for all else.</summary>
    protected nint Working { get; }

    /// <summary>Ids of the pass, int [B, T].</summary>
    protected nint InputTokens => _tokens;

    /// <summary>Next ids, int [B, T]; −1 carries no loss.</summary>
    protected nint InputTargets => _tokens + sizeof(int) * (nint)Tokens;

    /// <summary>Receives the loss of every token in nats, fp32 [B, T]; 0 where the target is −1.</summary>
    protected nint LossesOnDevice { get; }

    /// <summary>One fp32: factor of the losses' gradient.</summary>
    protected nint GradientScale => _scalars;

    /// <summary>Two fp32, written by <see cref="Optimize"/>: the gradient's norm, and the factor that shortens it to the declared one.</summary>
    protected nint NormAndFactor => _scalars + sizeof(float);

    /// <summary>Working memory for the norm, <see cref="KernelLibrary.NormPartials"/> fp32.</summary>
    protected nint NormPartials => _scalars + sizeof(float) * ScalarHeader;

    private long ScalarBytes => sizeof(float) * (ScalarHeader + KernelLibrary.NormPartials + SettingCount);

    private int SettingCount => KernelLibrary.AdamWSettingCount * Description.Segments.Length;

    private static int ScalarHeader => 4;

    private nint FirstSettings => NormPartials + sizeof(float) * KernelLibrary.NormPartials;

    /// <inheritdoc/>
    public override void BeginStep()
    {
        Device.Clear(Gradients, sizeof(float) * Description.TrainableCount);
        _reports.Begin();
    }

    /// <inheritdoc/>
    public override void EndStep(OptimizerState<float> state, double rateFactor)
    {
        _step = ++state.Step;
        nint pinned = _settings.Take();
        for (int i = 0; i < Description.Segments.Length; i++)
        {
            OptimizerSegment segment = Description.Segments[i];
            GroupSettings group = Description.Training.Group(segment.Group);
            KernelLibrary.AdamWSettings(
                new Span<float>((float*)pinned + KernelLibrary.AdamWSettingCount * i, KernelLibrary.AdamWSettingCount),
                group.LearningRate * rateFactor, group.Beta1, group.Beta2, group.Epsilon, segment.Decays ? group.WeightDecay : 0, _step);
        }

        Device.UploadPinned(FirstSettings, pinned, sizeof(float) * SettingCount);
        _settings.Sent();
        _optimizer.Run();
        _reports.End(NormAndFactor);
    }

    /// <inheritdoc/>
    public override StepOutcome ReadStep() => _reports.Read();

    /// <summary>Copies the gradients of the passes since <see cref="BeginStep"/>, at the parameters' places.</summary>
    public void DownloadGradients(Arena<float> gradients) => Device.Download(gradients.Pointer, Gradients, sizeof(float) * gradients.Length);

    /// <inheritdoc/>
    public override void BringToHost(OptimizerState<float>? state)
    {
        Device.Download(Parameters.Pointer, Master, sizeof(float) * Parameters.Length);
        if (state is not null)
        {
            Device.Download(state.FirstMoment.Pointer, FirstMoment, sizeof(float) * state.FirstMoment.Length);
            Device.Download(state.SecondMoment.Pointer, SecondMoment, sizeof(float) * state.SecondMoment.Length);
        }
    }

    /// <inheritdoc/>
    public override void TakeFromHost(OptimizerState<float>? state)
    {
        Device.Upload(Master, Parameters.Pointer, sizeof(float) * Parameters.Length);
        if (state is not null)
        {
            Device.Upload(FirstMoment, state.FirstMoment.Pointer, sizeof(float) * state.FirstMoment.Length);
            Device.Upload(SecondMoment, state.SecondMoment.Pointer, sizeof(float) * state.SecondMoment.Length);
        }

        if (Element != CudaElement.Single)
        {
            NarrowWeights();
        }
    }

    /// <summary>Sends what a pass needs of the host beside tokens and targets, such as the order in which rows are added to a table.</summary>
    /// <param name="tokens">Ids, [B, T].</param>
    /// <param name="backward">Whether the pass goes back.</param>
    protected abstract void Prepare(ReadOnlySpan<int> tokens, bool backward);

    /// <summary>The generated forward and backward: writes the losses, adds to <see cref="Gradients"/>.</summary>
    protected abstract void ForwardBackward();

    /// <summary>The generated forward up to the losses.</summary>
    protected abstract void ForwardLosses();

    /// <summary>The generated forward up to one row of logits.</summary>
    /// <param name="row">Index into the tokens.</param>
    /// <param name="logits">Receives V fp32.</param>
    protected abstract void ForwardLogits(int row, nint logits);

    /// <summary>
    /// The generated optimizer step: writes <see cref="NormAndFactor"/>, then updates <see cref="Master"/>, the moments and
    /// <see cref="Weights"/> with <see cref="Settings"/>.
    /// </summary>
    protected abstract void Optimize();

    /// <summary>The generated pass that rounds <see cref="Master"/> to <see cref="Weights"/>; called where they differ in type.</summary>
    protected abstract void NarrowWeights();

    /// <summary>The settings of a segment of <see cref="ModelDescription.Segments"/>: see <see cref="KernelLibrary.AdamWSettings"/>.</summary>
    protected nint Settings(int segment) => FirstSettings + sizeof(float) * KernelLibrary.AdamWSettingCount * segment;

    /// <inheritdoc/>
    protected override void PassForwardBackward(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, double gradientScale)
    {
        Send(tokens, targets, (float)gradientScale);
        Prepare(tokens, backward: true);
        _training.Run();
        _reports.AddPass(LossesOnDevice);
    }

    /// <inheritdoc/>
    protected override void PassLosses(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets)
    {
        Send(tokens, targets, 0);
        Prepare(tokens, backward: false);
        _evaluation.Run();
        Device.Download(Losses.Pointer, LossesOnDevice, sizeof(float) * (long)Tokens);
    }

    /// <inheritdoc/>
    protected override void PassLogits(ReadOnlySpan<int> tokens, int row, Span<float> logits)
    {
        Send(tokens, tokens, 0);
        Prepare(tokens, backward: false);
        ForwardLogits(row, _logits);
        fixed (float* pointer = logits)
        {
            Device.Download(pointer, _logits, sizeof(float) * (long)logits.Length);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Device.Synchronize();
        _training.Dispose();
        _evaluation.Dispose();
        _optimizer.Dispose();
        _reports.Dispose();
        _input.Dispose();
        _settings.Dispose();
        if (Weights != Master)
        {
            Device.Free(Weights);
        }

        foreach (nint memory in (ReadOnlySpan<nint>)[Master, Gradients, _moments, Activations, Working, _tokens, LossesOnDevice, _logits, _scalars])
        {
            Device.Free(memory);
        }
    }

    private nint Allocate(long bytes, string name) => Device.Allocate(Math.Max(1, bytes), $"{name} of {Description.Name}");

    private void Send(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, float gradientScale)
    {
        nint pinned = _input.Take();
        tokens.CopyTo(new Span<int>((int*)pinned, Tokens));
        targets.CopyTo(new Span<int>((int*)pinned + Tokens, Tokens));
        float* scale = (float*)((int*)pinned + 2 * Tokens);
        *scale = gradientScale;
        Device.UploadPinned(_tokens, pinned, 2 * sizeof(int) * (long)Tokens);
        Device.UploadPinned(GradientScale, (nint)scale, sizeof(float));
        _input.Sent();
    }
}
