using Embeddings.Models;

namespace Embeddings.Cuda;

/// <summary>
/// An instance of a model on a CUDA device. The generator prints a subclass per declared model with the passes; here is all around them:
/// memory, input and outcome without waiting, graphs. Master weights, gradients and moments are fp32 arenas with the places of
/// <see cref="ModelDescription.Parameters"/>, as on the processor, so that checkpoints go from one device to another.
///
/// A pass reads <see cref="TokenIds"/>, <see cref="Targets"/> and <see cref="GradientScale"/> on the device and is captured as a graph, so it
/// must do the same launches with the same addresses each time and must not wait.
/// </summary>
public abstract unsafe class CudaModel : LanguageModel<float>
{
    private const int BlocksInTurn = 2;
    private const int ScalarHeader = 4;

    private readonly CudaPlan _plan;
    private readonly IdPlanes _planes;
    private readonly nint _module;
    private readonly PinnedRing _input;
    private readonly PinnedRing _settings;
    private readonly StepReports _reports;
    private readonly CapturedWork _training;
    private readonly CapturedWork _evaluation;
    private readonly CapturedWork _optimizer;
    private readonly List<nint> _memory = [];
    private readonly nint _master;
    private readonly nint _weights;
    private readonly nint _gradients;
    private readonly nint _moments;
    private readonly nint _elements;
    private readonly nint _statistics;
    private readonly nint _scalars;
    private readonly ScatterPlan[] _scatters;
    private readonly DeviceSpelling? _spelling;
    private readonly Lazy<TargetPermutation> _permutation;
    private int _permutedPasses;
    private nint _lossWeights;
    private bool _weighsLosses;
    private readonly NgramIds _ngrams;
    private readonly SuffixIds? _suffixes;
    private readonly nint _tokenBytes;
    private readonly nint _tokenPlaces;
    private readonly DeviceByteDecoder? _decoder;
    private readonly DecoderPlaces? _targetPlaces;
    private readonly DecoderPlaces? _permutedPlaces;
    private readonly DecoderPlaces[] _futurePlaces = [];

    /// <summary>Takes the memory of an instance and compiles its kernels.</summary>
    /// <param name="description">What was declared.</param>
    /// <param name="options">Device, batch, type of elements.</param>
    /// <param name="plan">What the generated passes ask for.</param>
    /// <exception cref="OutOfDeviceMemoryException">The device has too little memory for the batch; told before any is taken.</exception>
    /// <exception cref="CudaException">The kernels do not compile.</exception>
    protected CudaModel(ModelDescription description, CudaModelOptions options, CudaPlan plan)
        : base(description, options.Batch, options.Spelling)
    {
        _plan = plan;
        _planes = new IdPlanes(description);
        Device = options.Device;
        Element = options.Element;
        MemoryPlan = DeviceMemoryPlan.Of(description, plan, options);
        MemoryPlan.Require(Device.Info);
        _module = Device.LoadModule(
            plan.KernelText, $"{description.Name}.cu", Element == CudaElement.BFloat16 ? [KernelLibrary.BFloat16Macro] : []);
        Library = new KernelLibrary(Device, _module, Element, description.Architecture.Width / description.Architecture.Heads);
        long parameters = description.ParameterCount;
        long trainable = description.TrainableCount;
        LogitRows = Math.Min(Tokens, options.LogitRows);
        _master = Allocate(sizeof(float) * parameters, "master weights");
        _weights = Element == CudaElement.Single ? _master : Allocate(ElementBytes * parameters, "weights");
        _gradients = Allocate(sizeof(float) * trainable, "gradients");
        _moments = Allocate(2 * sizeof(float) * trainable, "moments");
        _elements = Allocate(plan.ElementsPerToken * ElementBytes * Tokens, "activations");
        _statistics = Allocate(sizeof(float) * plan.StatisticsPerToken * Tokens, "row statistics");
        if (DeviceMemoryPlan.AttentionSums(description, options) is > 0 and var sums)
        {
            Library.UseOnePass(Allocate(sums, "sums of attention's gradients"));
        }

        AttentionDelta = Allocate(sizeof(float) * (long)plan.Heads * Tokens, "row statistics");
        _ngrams = new NgramIds(Tokens, description.Architecture.Context, description.InputVocabularySize);
        _suffixes = SuffixIds.Of(description, options.Batch, options.SuffixTokens);
        TokenIds = Allocate(IdBytes, "tokens");
        LossesOnDevice = Allocate(sizeof(float) * (long)Tokens, "losses");
        Logits = Allocate((long)ElementBytes * plan.LogitStride * LogitRows, "logits");
        RowOfLogits = Allocate(sizeof(float) * (long)description.VocabularySize, "logits of a row");
        PartialSums = Allocate(sizeof(float) * KernelLibrary.MostTiles * (long)plan.PartialColumns, "partial sums");
        _scalars = Allocate(sizeof(float) * (ScalarHeader + KernelLibrary.NormPartials + SettingCount), "scalars of a step");
        Device.Clear(Zero, sizeof(float));
        if (description.Architecture.BytesRead is > 0 and var places)
        {
            _tokenBytes = Allocate(sizeof(int) * (places + 2L) * Tokens, "bytes of tokens");
            _tokenPlaces = Allocate(2 * sizeof(float) * (long)places * Tokens, "places of bytes");
        }

        if (plan.RotaryWidth > 0)
        {
            Angles = RotaryAngles.Upload(Device, description.Architecture.Context, plan.RotaryWidth);
            _memory.Add(Angles);
        }

        _permutation = new Lazy<TargetPermutation>(() => new TargetPermutation(Batch, description.Architecture.Context));
        _spelling = options.Spelling is { } spelling ? new DeviceSpelling(Device, spelling) : null;
        _scatters = [.. plan.Scatters.Select(table => new ScatterPlan(
            Device, checked(Tokens * (table.By == RowsBy.Spelling ? options.Spelling!.LongestToken : 1)), table.Rows, table.Columns))];
        if (plan.LargestMuonMatrix > 0)
        {
            MuonMemory = Allocate(KernelLibrary.MuonBytes(plan.LargestMuonMatrix, plan.LargestMuonSide, Element), "orthogonal steps");
        }

        if (description.Architecture.DecoderWidth > 0)
        {
            _decoder = new DeviceByteDecoder(Device, Library, description.Architecture, TargetSpelling(description, options), Tokens, options.LogitRows);
            _targetPlaces = _decoder.Places(Tokens);
            _permutedPlaces = _planes.PermutesTargets ? _decoder.Places(Tokens) : null;
            _futurePlaces = [.. description.Architecture.FutureWeights.Select(_ => _decoder.Places(Tokens))];
        }

        _input = new PinnedRing(Device, BlocksInTurn, IdBytes + sizeof(float), "tokens");
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

    /// <summary>Where it computes.</summary>
    protected ICudaDevice Device { get; }

    /// <summary>The kernels that every model shares.</summary>
    protected KernelLibrary Library { get; }

    /// <summary>Type of activations and of the weights that products read.</summary>
    protected CudaElement Element { get; }

    /// <summary>Bytes of an element.</summary>
    protected int ElementBytes => Element.Bytes();

    /// <summary>Ids of the pass, int [B, T].</summary>
    protected nint TokenIds { get; }

    /// <summary>Next ids, int [B, T]; −1 carries no loss.</summary>
    protected nint Targets => Plane(IdPlanes.Targets);

    /// <summary>Rows that the n-grams of one order are hashed to, int [B, T]; where the model declares n-grams.</summary>
    protected nint Ngrams(int order) => Plane(IdPlanes.Ngrams(order));

    /// <summary>The byte of each token at a place from −1, int [B, T]; 256 where it has none there.</summary>
    protected nint TokenBytes(int place) => _tokenBytes + sizeof(int) * (nint)Tokens * (place + 1);

    /// <summary>1 where the token has a byte at a place, else 0, fp32 [B, T].</summary>
    protected nint TokenPlace(int place) => _tokenPlaces + sizeof(float) * (nint)Tokens * place;

    /// <summary>1/√(bytes read of the token) where it has a byte at a place, else 0, fp32 [B, T].</summary>
    protected nint TokenShare(int place) => TokenPlace(Description.Architecture.BytesRead + place);

    /// <summary>The longest token that ends at each position, int [B, T]; where the model declares suffix rows.</summary>
    protected nint Suffixes => Plane(_planes.Suffixes);

    /// <summary>Ids of the second input table, int [B, T]; where the model declares one.</summary>
    protected nint SecondTokens => Plane(_planes.Second);

    /// <summary>The targets of the pass, each moved to another sequence, int [B, T]; where the model declares such a gradient route.</summary>
    protected nint PermutedTargets => Plane(_planes.PermutedTargets);

    /// <summary>Says tokens as their bytes; where the head is of bytes.</summary>
    protected DeviceByteDecoder Decoder => _decoder!;

    /// <summary>Where the bytes of the targets lie; where the head is of bytes.</summary>
    protected DecoderPlaces TargetPlaces => _targetPlaces!;

    /// <summary>Where those of <see cref="PermutedTargets"/> lie.</summary>
    protected DecoderPlaces PermutedPlaces => _permutedPlaces!;

    /// <summary>Where the bytes of the targets so much further ahead lie, from 1; where such targets are declared.</summary>
    protected DecoderPlaces FuturePlaces(int ahead) => _futurePlaces[ahead - 1];

    /// <summary>Receives the loss of every token in nats, fp32 [B, T]; 0 where the target is −1.</summary>
    protected nint LossesOnDevice { get; }

    /// <summary>One fp32: factor of the losses' gradient.</summary>
    protected nint GradientScale => _scalars;

    /// <summary>One fp32: 0, in place of a factor that a layer does not have.</summary>
    protected nint Zero => GradientFactor + sizeof(float);

    /// <summary>One fp32: factor on every gradient in <see cref="Optimize"/>, for clipping.</summary>
    protected nint GradientFactor => NormAndFactor + sizeof(float);

    /// <summary>Partial sums of columns: <see cref="KernelLibrary.MostTiles"/> rows of <see cref="CudaPlan.PartialColumns"/> fp32.</summary>
    protected nint PartialSums { get; }

    /// <summary>Working memory of attention's backward, fp32 [R, heads].</summary>
    protected nint AttentionDelta { get; }

    /// <summary>Factors of the losses' gradients from a row on, fp32; 0 where all are 1.</summary>
    protected nint LossWeightsFrom(int row) => _weighsLosses ? _lossWeights + sizeof(float) * (nint)row : 0;

    /// <summary>A chunk of logits, elements [<see cref="LogitRows"/>, <see cref="CudaPlan.LogitStride"/>].</summary>
    protected nint Logits { get; }

    /// <summary>Rows of a chunk of logits; the last chunk of a pass may have fewer.</summary>
    protected int LogitRows { get; }

    /// <summary>Receives the logits of one row, fp32 [V].</summary>
    protected nint RowOfLogits { get; }

    /// <summary>Order in which rows are added to one of the plan's tables, of the pass under way.</summary>
    protected ScatterPlan Scatter(int table) => _scatters[table];

    /// <summary>Working memory of <see cref="KernelLibrary.Muon"/>; 0 where nothing is updated by it.</summary>
    protected nint MuonMemory { get; }

    /// <summary>What the launches of a pass or an update depend on; they are captured anew where it changes.</summary>
    protected virtual int Phase => 0;

    /// <summary>The composition rows of each token; only where rows are composed of bytes.</summary>
    protected DeviceSpelling Spelling => _spelling!;

    /// <summary>See <see cref="RotaryAngles"/>; 0 where positions are not rotary.</summary>
    protected nint Angles { get; }

    /// <summary>What the launches of a pass depend on: chunks of places never become fewer, so that their sum tells all of them.</summary>
    private long PassPhase =>
        ((long)Phase << 32) + (_targetPlaces?.Chunks ?? 0) + (_permutedPlaces?.Chunks ?? 0) + _futurePlaces.Sum(places => places.Chunks);

    private nint NormAndFactor => _scalars + sizeof(float);

    private nint NormPartials => _scalars + sizeof(float) * ScalarHeader;

    private nint FirstSetting => NormPartials + sizeof(float) * KernelLibrary.NormPartials;

    private int SettingCount => KernelLibrary.SettingCount * _plan.OptimizerSettings;

    /// <summary>Bytes of the ids of a pass.</summary>
    private long IdBytes => _planes.Count * sizeof(int) * (long)Tokens;

    /// <summary>Kinds of targets whose bytes are laid out, where the head is of bytes.</summary>
    internal static int TargetKinds(ModelDescription description) => 
        1 + (new IdPlanes(description).PermutesTargets ? 1 : 0) + description.Architecture.FutureWeights.Length;

    /// <summary>The bytes of the targets that a head of bytes needs.</summary>
    /// <exception cref="ArgumentException">They are missing or of another vocabulary.</exception>
    internal static Spelling TargetSpelling(ModelDescription description, CudaModelOptions options) =>
        options.TargetSpelling is { } spelling && spelling.VocabularySize == description.VocabularySize
            ? spelling
            : throw new ArgumentException($"{description.Name} says targets as bytes and needs the bytes of its {description.VocabularySize} tokens.", nameof(options));

    /// <inheritdoc/>
    public override void BeginStep()
    {
        Device.Clear(_gradients, sizeof(float) * Description.TrainableCount);
        _reports.Begin();
        _permutedPasses = 0;
    }

    /// <inheritdoc/>
    public override void EndStep(OptimizerState<float> state, double rateFactor)
    {
        nint pinned = _settings.Take();
        WriteOptimizerSettings(new Span<float>((void*)pinned, SettingCount), rateFactor, ++state.Step);
        Device.UploadPinned(FirstSetting, pinned, sizeof(float) * (long)SettingCount);
        _settings.Sent();
        _optimizer.Run(Phase);
        AfterUpdate(state.Step);
        _reports.End(NormAndFactor);
        Step = state.Step;
    }

    /// <inheritdoc/>
    public override StepOutcome ReadStep() => _reports.Read();

    /// <summary>Copies the gradients of the passes since <see cref="BeginStep"/>, at the parameters' places.</summary>
    public void DownloadGradients(Arena<float> gradients) => Device.Download(gradients.Pointer, _gradients, sizeof(float) * gradients.Length);

    /// <inheritdoc/>
    public override void BringToHost(OptimizerState<float>? state)
    {
        Device.Download(Parameters.Pointer, _master, sizeof(float) * Parameters.Length);
        if (state is not null)
        {
            Device.Download(state.FirstMoment.Pointer, FirstMoment(0), sizeof(float) * state.FirstMoment.Length);
            Device.Download(state.SecondMoment.Pointer, SecondMoment(0), sizeof(float) * state.SecondMoment.Length);
        }
    }

    /// <inheritdoc/>
    public override void TakeFromHost(OptimizerState<float>? state)
    {
        Device.Upload(_master, Parameters.Pointer, sizeof(float) * Parameters.Length);
        if (state is not null)
        {
            Device.Upload(FirstMoment(0), state.FirstMoment.Pointer, sizeof(float) * state.FirstMoment.Length);
            Device.Upload(SecondMoment(0), state.SecondMoment.Pointer, sizeof(float) * state.SecondMoment.Length);
        }

        if (_weights != _master)
        {
            Library.NarrowParameters(Parameters.Length, _master, _weights);
        }
    }

    /// <summary>The generated forward and backward: writes the losses, adds to the gradients.</summary>
    protected abstract void ForwardBackward();

    /// <summary>The generated forward up to the losses.</summary>
    protected abstract void ForwardLosses();

    /// <summary>The generated forward up to <see cref="RowOfLogits"/>.</summary>
    /// <param name="row">Index into the tokens.</param>
    protected abstract void ForwardLogits(int row);

    /// <summary>The generated update of masters, moments and weights, with <see cref="OptimizerSetting"/> and <see cref="GradientFactor"/>.</summary>
    protected abstract void Optimize();

    /// <summary>What is done once after some update, outside of graphs.</summary>
    /// <param name="step">The update's number, from 1.</param>
    protected virtual void AfterUpdate(long step)
    {
    }

    /// <summary>Writes what <see cref="Optimize"/> will read.</summary>
    /// <param name="settings">Receives blocks of <see cref="KernelLibrary.SettingCount"/> values.</param>
    /// <param name="rateFactor">The schedule's factor on every group's learning rate.</param>
    /// <param name="step">The update's number, from 1.</param>
    protected abstract void WriteOptimizerSettings(Span<float> settings, double rateFactor, long step);

    /// <summary>Finds the first bytes of every token of the pass, where input rows are computed from them.</summary>
    protected void FindBytes() => Library.TokenBytes(
        Tokens, Description.Architecture.BytesRead, TokenIds, Spelling, TokenBytes(-1), TokenPlace(0), TokenShare(0));

    /// <summary>A kernel of the model's own.</summary>
    protected nint Kernel(string name) => Device.Kernel(_module, name, 0);

    /// <summary>An address in the arena of activations, perToken · R elements from its start.</summary>
    protected nint Elements(long perToken) => _elements + (nint)(perToken * Tokens * ElementBytes);

    /// <summary>An address in the arena of fp32 statistics, perToken · R floats from its start.</summary>
    protected nint Statistics(long perToken) => _statistics + (nint)(perToken * Tokens * sizeof(float));

    /// <summary>A parameter as products read it: the master itself in fp32, else its bf16 rounding.</summary>
    protected nint Parameter(long offset) => _weights + (nint)(offset * ElementBytes);

    /// <summary>A parameter in fp32.</summary>
    protected nint Master(long offset) => _master + (nint)(offset * sizeof(float));

    /// <summary>A gradient, fp32.</summary>
    protected nint Gradient(long offset) => _gradients + (nint)(offset * sizeof(float));

    /// <summary>AdamW's running mean of gradients, fp32.</summary>
    protected nint FirstMoment(long offset) => _moments + (nint)(offset * sizeof(float));

    /// <summary>AdamW's running mean of squared gradients, fp32.</summary>
    protected nint SecondMoment(long offset) => _moments + (nint)((Description.TrainableCount + offset) * sizeof(float));

    /// <summary>A block of settings: <see cref="KernelLibrary.SettingCount"/> fp32.</summary>
    protected nint OptimizerSetting(int block) => FirstSetting + sizeof(float) * KernelLibrary.SettingCount * block;

    /// <summary>Copies weights and moments of some trainable parameters to the place of others.</summary>
    protected void CopyParameters(long from, long to, long count)
    {
        Device.Copy(Master(to), Master(from), sizeof(float) * count);
        Device.Copy(FirstMoment(to), FirstMoment(from), sizeof(float) * count);
        Device.Copy(SecondMoment(to), SecondMoment(from), sizeof(float) * count);
        if (_weights != _master)
        {
            Device.Copy(Parameter(to), Parameter(from), ElementBytes * count);
        }
    }

    /// <inheritdoc/>
    protected override void PassForwardBackward(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, double gradientScale)
    {
        SendPass(tokens, targets, gradientScale);
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

        _lossWeights = _lossWeights != 0 ? _lossWeights : Allocate(sizeof(float) * (long)Tokens, "loss weights");
        fixed (float* pointer = narrow)
        {
            Device.Upload(_lossWeights, pointer, sizeof(float) * (long)Tokens);
        }

        SendPass(tokens, targets, 1);
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
        Send(tokens, targets, 0);
        _targetPlaces?.Send(targets, withGradients: false);
        _evaluation.Run(PassPhase);
        Device.Download(Losses.Pointer, LossesOnDevice, sizeof(float) * (long)Tokens);
    }

    /// <inheritdoc/>
    protected override void PassLogits(ReadOnlySpan<int> tokens, int row, Span<float> logits)
    {
        Send(tokens, tokens[..Tokens], 0);
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
        _input.Dispose();
        _settings.Dispose();
        Array.ForEach(_scatters, plan => plan.Dispose());
        _spelling?.Dispose();
        _targetPlaces?.Dispose();
        _permutedPlaces?.Dispose();
        Array.ForEach(_futurePlaces, places => places.Dispose());
        _decoder?.Dispose();
        _memory.ForEach(Device.Free);
        _memory.Clear();
    }

    private void UpdateParameters()
    {
        Library.GradientNorm(Description.TrainableCount, Description.Training.ClipNorm, _gradients, NormPartials, NormAndFactor);
        Optimize();
    }

    private nint Allocate(long bytes, string name)
    {
        nint memory = Device.Allocate(Math.Max(1, bytes), $"{name} of {Description.Name}");
        _memory.Add(memory);
        return memory;
    }

    /// <summary>Sends what a pass with gradients reads.</summary>
    private void SendPass(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, double gradientScale)
    {
        _reports.RequireRoom();
        Send(tokens, targets, (float)gradientScale, permute: _planes.PermutesTargets);
        _targetPlaces?.Send(targets, withGradients: true);
        for (int ahead = 1; ahead <= _futurePlaces.Length; ahead++)
        {
            FuturePlaces(ahead).Send(FutureTargets(targets, ahead), withGradients: true);
        }

        for (int i = 0; i < _scatters.Length; i++)
        {
            SendOrder(_scatters[i], _plan.Scatters[i], tokens);
        }
    }

    /// <summary>For each position the target of the one so much later in its sequence, none where the sequence ends before.</summary>
    private int[] FutureTargets(ReadOnlySpan<int> targets, int ahead)
    {
        int context = Description.Architecture.Context;
        var future = new int[targets.Length];
        for (int row = 0; row < future.Length; row++)
        {
            future[row] = row % context + ahead < context ? targets[row + ahead] : IgnoredTarget;
        }

        return future;
    }

    private void SendOrder(ScatterPlan plan, ScatterTable table, ReadOnlySpan<int> tokens) => plan.Send(
        table.By switch
        {
            RowsBy.Ngram => new ReadOnlySpan<int>(_ngrams.Of(table.Order), Tokens),
            RowsBy.Suffix => new ReadOnlySpan<int>(_suffixes!.Pointer, Tokens),
            RowsBy.Byte => Spelling.Host.BytesAt(table.Place, Description.Architecture.BytesRead, tokens[..Tokens]),
            RowsBy.Second => tokens[Tokens..],
            _ => tokens[..Tokens],
        },
        table.By == RowsBy.Spelling ? Spelling.Host : null);

    private void Send(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, float gradientScale, bool permute = false)
    {
        nint pinned = _input.Take();
        tokens[..Tokens].CopyTo(PinnedPlane(pinned, 0));
        targets.CopyTo(PinnedPlane(pinned, IdPlanes.Targets));
        for (int order = 2; order <= Description.Architecture.NgramOrder; order++)
        {
            _ngrams.Find((int*)pinned, order, Description.Architecture.NgramRows);
            new ReadOnlySpan<int>(_ngrams.Of(order), Tokens).CopyTo(PinnedPlane(pinned, IdPlanes.Ngrams(order)));
        }

        if (_suffixes is not null)
        {
            _suffixes.Find((int*)pinned);
            new ReadOnlySpan<int>(_suffixes.Pointer, Tokens).CopyTo(PinnedPlane(pinned, _planes.Suffixes));
        }

        if (Description.Architecture.SecondVocabulary > 0)
        {
            tokens[Tokens..].CopyTo(PinnedPlane(pinned, _planes.Second));
        }

        if (permute)
        {
            var permuted = new ReadOnlySpan<int>(
                _permutation.Value.Of((int*)pinned + IdPlanes.Targets * (long)Tokens, Step, _permutedPasses++), Tokens);
            permuted.CopyTo(PinnedPlane(pinned, _planes.PermutedTargets));
            _permutedPlaces?.Send(permuted, withGradients: true);
        }

        float* scale = (float*)(pinned + (nint)IdBytes);
        *scale = gradientScale;
        Device.UploadPinned(TokenIds, pinned, IdBytes);
        Device.UploadPinned(GradientScale, (nint)scale, sizeof(float));
        _input.Sent();
    }

    private nint Plane(int plane) => TokenIds + sizeof(int) * (nint)Tokens * plane;

    private Span<int> PinnedPlane(nint pinned, int plane) => new((int*)pinned + plane * (long)Tokens, Tokens);
}
