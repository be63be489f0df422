using Embeddings.Models;

namespace Embeddings.Cuda;

/// <summary>
/// An instance of a model on a CUDA device. The generator prints a subclass per declared model with the passes; here is all around them:
/// memory, input and outcome without waiting, graphs. What a subclass overrides and uses is the other half of this class, its contract.
///
/// A pass reads <see cref="TokenIds"/>, <see cref="Targets"/> and <see cref="GradientScale"/> on the device and is captured as a graph, so it
/// must do the same launches with the same addresses each time and must not wait.
/// </summary>
public abstract unsafe partial class CudaModel : LanguageModel<float>
{
    private const int BlocksInTurn = 2;

    private readonly CudaPlan _plan;
    private readonly nint _module;
    private readonly DeviceMemory _memory;
    private readonly DeviceParameters _parameters;
    private readonly PassInput _input;
    private readonly PinnedRing _settings;
    private readonly StepReports _reports;
    private readonly CapturedWork _training;
    private readonly CapturedWork _evaluation;
    private readonly CapturedWork _optimizer;
    private readonly StepScalars _scalars;
    private readonly nint _elements;
    private readonly nint _statistics;
    private readonly nint _tokenBytes;
    private readonly nint _tokenPlaces;
    private readonly DeviceSpelling? _spelling;
    private readonly DeviceByteDecoder? _decoder;
    private nint _lossWeights;
    private bool _weighsLosses;

    /// <summary>Takes the memory of an instance and compiles its kernels.</summary>
    /// <param name="description">What was declared.</param>
    /// <param name="options">Device, batch, type of elements.</param>
    /// <param name="plan">What the generated passes ask for.</param>
    /// <exception cref="OutOfDeviceMemoryException">The device has too little memory for the batch; told before any is taken.</exception>
    /// <exception cref="CudaException">The kernels do not compile.</exception>
    protected CudaModel(ModelDescription description, CudaModelOptions options, CudaPlan plan)
        : base(description, options.Batch, options.Spelling)
    {
        ArchitectureDescription shape = description.Architecture;
        _plan = plan;
        Device = options.Device;
        Element = options.Element;
        MemoryPlan = DeviceMemoryPlan.Of(description, plan, options);
        MemoryPlan.Require(Device.Info);
        _module = Device.LoadModule(
            plan.KernelText, $"{description.Name}.cu", Element == CudaElement.BFloat16 ? [KernelLibrary.BFloat16Macro] : []);
        Library = new KernelLibrary(Device, _module, Element, shape.Width / shape.Heads);
        LogitRows = Math.Min(Tokens, options.LogitRows);
        _memory = new DeviceMemory(Device, description.Name);
        _parameters = new DeviceParameters(Device, _memory, description, Element, Library);
        _elements = _memory.Take(plan.ElementsPerToken * ElementBytes * Tokens, "activations");
        _statistics = _memory.Take(sizeof(float) * plan.StatisticsPerToken * Tokens, "row statistics");
        if (DeviceMemoryPlan.AttentionSums(description, options) is > 0 and var sums)
        {
            Library.UseOnePass(_memory.Take(sums, "sums of attention's gradients"));
        }

        AttentionDelta = _memory.Take(sizeof(float) * (long)plan.Heads * Tokens, "row statistics");
        LossesOnDevice = _memory.Take(sizeof(float) * (long)Tokens, "losses");
        Logits = _memory.Take((long)ElementBytes * plan.LogitStride * LogitRows, "logits");
        RowOfLogits = _memory.Take(sizeof(float) * (long)description.VocabularySize, "logits of a row");
        PartialSums = _memory.Take(sizeof(float) * KernelLibrary.MostTiles * (long)plan.PartialColumns, "partial sums");
        _scalars = new StepScalars(_memory.Take(StepScalars.Bytes(SettingCount), "scalars of a step"));
        Device.Clear(Zero, sizeof(float));
        if (shape.BytesRead is > 0 and var places)
        {
            _tokenBytes = _memory.Take(sizeof(int) * (places + 2L) * Tokens, "bytes of tokens");
            _tokenPlaces = _memory.Take(2 * sizeof(float) * (long)places * Tokens, "places of bytes");
        }

        Angles = plan.RotaryWidth > 0 ? _memory.Own(RotaryAngles.Upload(Device, shape.Context, plan.RotaryWidth)) : 0;
        _spelling = options.Spelling is { } spelling ? new DeviceSpelling(Device, spelling) : null;
        MuonMemory = plan.LargestMuonMatrix > 0
            ? _memory.Take(KernelLibrary.MuonBytes(plan.LargestMuonMatrix, plan.LargestMuonSide, Element), "orthogonal steps")
            : 0;
        _decoder = shape.DecoderWidth > 0
            ? new DeviceByteDecoder(Device, Library, shape, TargetSpelling(description, options), Tokens, options.LogitRows)
            : null;
        _input = new PassInput(_memory, description, plan, options, _decoder, GradientScale);
        _settings = new PinnedRing(Device, BlocksInTurn, sizeof(float) * Math.Max(1, SettingCount), "settings");
        _reports = new StepReports(Device, Tokens, description.Training.AccumulationSteps);
        _training = new CapturedWork(Device, ForwardBackward);
        _evaluation = new CapturedWork(Device, ForwardLosses);
        _optimizer = new CapturedWork(Device, UpdateParameters);
    }

    /// <summary>What it took of the device's memory.</summary>
    public DeviceMemoryPlan MemoryPlan { get; }

    /// <inheritdoc/>
    public override int StepsAhead => StepReports.Ahead;

    /// <inheritdoc/>
    public override int StepsUnread => _reports.Unread;

    /// <summary>What the launches of a pass depend on.</summary>
    private long PassPhase => ((long)Phase << 32) + _input.Chunks;

    private int SettingCount => KernelLibrary.SettingCount * _plan.OptimizerSettings;

    /// <summary>The bytes of the targets that a head of bytes needs.</summary>
    /// <exception cref="ArgumentException">They are missing or of another vocabulary.</exception>
    internal static Spelling TargetSpelling(ModelDescription description, CudaModelOptions options) =>
        options.TargetSpelling is { } spelling && spelling.VocabularySize == description.VocabularySize
            ? spelling
            : throw new ArgumentException($"{description.Name} says targets as bytes and needs the bytes of its {description.VocabularySize} tokens.", nameof(options));

    /// <inheritdoc/>
    public override void BeginStep()
    {
        _parameters.ClearGradients();
        _reports.Begin();
        _input.BeginStep();
    }

    /// <inheritdoc/>
    public override void EndStep(OptimizerState<float> state, double rateFactor)
    {
        nint pinned = _settings.Take();
        WriteOptimizerSettings(new Span<float>((void*)pinned, SettingCount), rateFactor, ++state.Step);
        Device.UploadPinned(OptimizerSetting(0), pinned, sizeof(float) * (long)SettingCount);
        _settings.Sent();
        _optimizer.Run(Phase);
        AfterUpdate(state.Step);
        _reports.End(_scalars.NormAndFactor);
        Step = state.Step;
    }

    /// <inheritdoc/>
    public override StepOutcome ReadStep() => _reports.Read();

    /// <summary>Copies the gradients of the passes since <see cref="BeginStep"/>, at the parameters' places.</summary>
    public void DownloadGradients(Arena<float> gradients) => _parameters.DownloadGradients(gradients);

    /// <inheritdoc/>
    public override void BringToHost(OptimizerState<float>? state) => _parameters.Download(Parameters, state);

    /// <inheritdoc/>
    public override void TakeFromHost(OptimizerState<float>? state) => _parameters.Upload(Parameters, state);

    /// <inheritdoc/>
    protected override void PassForwardBackward(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, double gradientScale)
    {
        Send(tokens, targets, gradientScale);
        _training.Run(PassPhase);
        _reports.AddPass(LossesOnDevice);
    }

    /// <inheritdoc/>
    protected override void PassForwardBackward(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, ReadOnlySpan<double> weights)
    {
        var narrow = new float[Tokens];
        for (int row = 0; row < Tokens; row++)
        {
            narrow[row] = (float)weights[row];
        }

        _lossWeights = _lossWeights != 0 ? _lossWeights : _memory.Take(sizeof(float) * (long)Tokens, "loss weights");
        fixed (float* pointer = narrow)
        {
            Device.Upload(_lossWeights, pointer, sizeof(float) * (long)Tokens);
        }

        Send(tokens, targets, 1);
        _weighsLosses = true;
        try
        {
            // By its calls, because the graph is of a pass without weights.
            ForwardBackward();
        }
        finally
        {
            _weighsLosses = false;
        }

        _reports.AddPass(LossesOnDevice);
    }

    /// <inheritdoc/>
    protected override ReadOnlySpan<float> ReadCaptured(CapturePoints point, int layer)
    {
        CapturePlace place = _plan.Captures.Single(place => place.Point == point);
        int length = checked(place.Columns * Tokens);
        nint source = Elements(place.Offset + layer * (long)place.Slot);
        var values = new float[length];
        fixed (float* pointer = values)
        {
            Device.Download(pointer, source, (long)length * ElementBytes);
            if (Element == CudaElement.BFloat16)
            {
                // From the last to the first, because a value is wider than what it is made of.
                for (int i = length - 1; i >= 0; i--)
                {
                    pointer[i] = BitConverter.UInt32BitsToSingle((uint)((ushort*)pointer)[i] << 16);
                }
            }
        }

        return values;
    }

    /// <inheritdoc/>
    protected override void PassLosses(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets)
    {
        _input.SendForLosses(tokens, targets);
        _evaluation.Run(PassPhase);
        Device.Download(Losses.Pointer, LossesOnDevice, sizeof(float) * (long)Tokens);
    }

    /// <inheritdoc/>
    protected override void PassLogits(ReadOnlySpan<int> tokens, int row, Span<float> logits)
    {
        _input.SendForLogits(tokens);
        ForwardLogits(row);
        fixed (float* pointer = logits)
        {
            Device.Download(pointer, RowOfLogits, sizeof(float) * (long)logits.Length);
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
        _settings.Dispose();
        _input.Dispose();
        _spelling?.Dispose();
        _decoder?.Dispose();
        _memory.Dispose();
    }

    private void Send(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, double gradientScale)
    {
        _reports.RequireRoom();
        _input.SendForGradients(tokens, targets, (float)gradientScale, Step);
    }

    private void UpdateParameters()
    {
        Library.GradientNorm(
            Description.TrainableCount, Description.Training.ClipNorm, Gradient(0), _scalars.NormPartials, _scalars.NormAndFactor);
        Optimize();
    }
}
