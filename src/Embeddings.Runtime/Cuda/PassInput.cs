using Embeddings.Models;

namespace Embeddings.Cuda;

/// <summary>
/// What the host prepares and sends before each pass: the planes of ids (<see cref="IdPlanes"/>), the scale of the gradient, the order in which
/// rows are added to tables of input rows, and the bytes of targets where the head is of bytes. It goes through two blocks of pinned memory in
/// turn, so that a pass can be prepared while one is under way; nothing is allocated for it.
/// </summary>
internal sealed unsafe class PassInput : IDisposable
{
    private const int BlocksInTurn = 2;

    private readonly ICudaDevice _device;
    private readonly ArchitectureDescription _shape;
    private readonly int _tokens;
    private readonly IdPlanes _planes;
    private readonly nint _gradientScale;
    private readonly PinnedRing _pinned;
    private readonly NgramIds _ngrams;
    private readonly SuffixIds? _suffixes;
    private readonly Lazy<TargetPermutation> _permutation;
    private readonly FutureTargetIds _future;
    private readonly Spelling? _spelling;
    private readonly int[] _bytes;
    private readonly ScatterTable[] _tables;
    private readonly ScatterPlan[] _scatters;
    private readonly DecoderPlaces? _targetPlaces;
    private readonly DecoderPlaces? _permutedPlaces;
    private readonly DecoderPlaces[] _futurePlaces = [];
    private int _permutedPasses;

    /// <summary>Takes the memory, on the host and on the device.</summary>
    /// <param name="memory">Of the device; frees the planes of ids.</param>
    /// <param name="description">The model.</param>
    /// <param name="plan">What its generated step asks for.</param>
    /// <param name="options">Device, batch and bytes of tokens.</param>
    /// <param name="decoder">Of a head of bytes; otherwise null.</param>
    /// <param name="gradientScale">On the device: one fp32.</param>
    public PassInput(
        DeviceMemory memory, ModelDescription description, CudaPlan plan, CudaModelOptions options, DeviceByteDecoder? decoder, nint gradientScale)
    {
        _device = options.Device;
        _shape = description.Architecture;
        _tokens = options.Batch * _shape.Context;
        _planes = new IdPlanes(description);
        _gradientScale = gradientScale;
        _ngrams = new NgramIds(_tokens, _shape.Context, description.InputVocabularySize);
        _suffixes = SuffixIds.Of(description, options.Batch, options.SuffixTokens);
        _permutation = new Lazy<TargetPermutation>(() => new TargetPermutation(options.Batch, _shape.Context));
        _future = new FutureTargetIds(_shape.FutureWeights.Length > 0 ? _tokens : 0, _shape.Context);
        _spelling = options.Spelling;
        _bytes = new int[plan.Scatters.Any(table => table.By == RowsBy.Byte) ? _tokens : 0];
        Tokens = memory.Take(IdBytes, "tokens");
        _tables = [.. plan.Scatters];
        _scatters = [.. _tables.Select(table => new ScatterPlan(
            _device, checked(_tokens * (table.By == RowsBy.Spelling ? options.Spelling!.LongestToken : 1)), table.Rows, table.Columns))];
        if (decoder is not null)
        {
            _targetPlaces = decoder.Places(_tokens);
            _permutedPlaces = _planes.PermutesTargets ? decoder.Places(_tokens) : null;
            _futurePlaces = [.. _shape.FutureWeights.Select(_ => decoder.Places(_tokens))];
        }

        _pinned = new PinnedRing(_device, BlocksInTurn, IdBytes + sizeof(float), "tokens");
    }

    /// <summary>On the device: ids of the pass, int [B, T].</summary>
    public nint Tokens { get; }

    /// <summary>On the device: next ids, int [B, T].</summary>
    public nint Targets => Plane(IdPlanes.Targets);

    /// <summary>On the device: rows that the n-grams of one order are hashed to, int [B, T].</summary>
    public nint Ngrams(int order) => Plane(IdPlanes.Ngrams(order));

    /// <summary>On the device: the longest token that ends at each position, int [B, T].</summary>
    public nint Suffixes => Plane(_planes.Suffixes);

    /// <summary>On the device: ids of the second input table, int [B, T].</summary>
    public nint SecondTokens => Plane(_planes.Second);

    /// <summary>On the device: targets moved to other sequences, int [B, T].</summary>
    public nint PermutedTargets => Plane(_planes.PermutedTargets);

    /// <summary>Where the bytes of the targets lie; where the head is of bytes.</summary>
    public DecoderPlaces TargetPlaces => _targetPlaces!;

    /// <summary>Where those of <see cref="PermutedTargets"/> lie.</summary>
    public DecoderPlaces PermutedPlaces => _permutedPlaces!;

    /// <summary>Where those of the targets so much further ahead lie, from 1.</summary>
    public DecoderPlaces FuturePlaces(int ahead) => _futurePlaces[ahead - 1];

    /// <summary>Chunks of places of all kinds of targets; never become fewer, so that their sum tells all of them.</summary>
    public int Chunks => (_targetPlaces?.Chunks ?? 0) + (_permutedPlaces?.Chunks ?? 0) + _futurePlaces.Sum(places => places.Chunks);

    /// <summary>Order in which rows are added to one of the plan's tables.</summary>
    public ScatterPlan Scatter(int table) => _scatters[table];

    /// <summary>Kinds of targets whose bytes are laid out, where the head is of bytes.</summary>
    public static int TargetKinds(ModelDescription description) =>
        1 + (new IdPlanes(description).PermutesTargets ? 1 : 0) + description.Architecture.FutureWeights.Length;

    /// <summary>The next pass is the first of a step, for the draw of permuted targets.</summary>
    public void BeginStep() => _permutedPasses = 0;

    /// <summary>Sends what a pass with gradients reads.</summary>
    /// <param name="tokens">Ids of one table or two, [B, T] or [2, B, T].</param>
    /// <param name="targets">Next ids, [B, T].</param>
    /// <param name="gradientScale">Factor of the losses' gradient.</param>
    /// <param name="step">Updates made so far.</param>
    public void SendForGradients(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, float gradientScale, long step)
    {
        nint block = Fill(tokens, targets);
        if (_planes.PermutesTargets)
        {
            var permuted = new ReadOnlySpan<int>(
                _permutation.Value.Of((int*)block + IdPlanes.Targets * (long)_tokens, step, _permutedPasses++), _tokens);
            permuted.CopyTo(PinnedPlane(block, _planes.PermutedTargets));
            _permutedPlaces?.Send(permuted, withGradients: true);
        }

        Upload(block, gradientScale);
        _targetPlaces?.Send(targets, withGradients: true);
        for (int ahead = 1; ahead <= _futurePlaces.Length; ahead++)
        {
            FuturePlaces(ahead).Send(_future.Find(targets, ahead), withGradients: true);
        }

        for (int i = 0; i < _scatters.Length; i++)
        {
            _scatters[i].Send(Addresses(_tables[i], tokens), _tables[i].By == RowsBy.Spelling ? _spelling : null);
        }
    }

    /// <summary>Sends what a forward up to the losses reads.</summary>
    public void SendForLosses(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets)
    {
        Upload(Fill(tokens, targets), 0);
        _targetPlaces?.Send(targets, withGradients: false);
    }

    /// <summary>Sends what a forward up to logits reads.</summary>
    public void SendForLogits(ReadOnlySpan<int> tokens) => Upload(Fill(tokens, tokens[.._tokens]), 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        _pinned.Dispose();
        Array.ForEach(_scatters, plan => plan.Dispose());
        _targetPlaces?.Dispose();
        _permutedPlaces?.Dispose();
        Array.ForEach(_futurePlaces, places => places.Dispose());
    }

    /// <summary>Writes the ids of a pass, and what follows from its tokens, into the next block of pinned memory.</summary>
    private nint Fill(ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets)
    {
        nint block = _pinned.Take();
        tokens[.._tokens].CopyTo(PinnedPlane(block, 0));
        targets.CopyTo(PinnedPlane(block, IdPlanes.Targets));
        for (int order = 2; order <= _shape.NgramOrder; order++)
        {
            _ngrams.Find((int*)block, order, _shape.NgramRows);
            new ReadOnlySpan<int>(_ngrams.Of(order), _tokens).CopyTo(PinnedPlane(block, IdPlanes.Ngrams(order)));
        }

        if (_suffixes is not null)
        {
            _suffixes.Find((int*)block);
            new ReadOnlySpan<int>(_suffixes.Pointer, _tokens).CopyTo(PinnedPlane(block, _planes.Suffixes));
        }

        if (_shape.SecondVocabulary > 0)
        {
            tokens[_tokens..].CopyTo(PinnedPlane(block, _planes.Second));
        }

        return block;
    }

    private void Upload(nint block, float gradientScale)
    {
        float* scale = (float*)(block + (nint)IdBytes);
        *scale = gradientScale;
        _device.UploadPinned(Tokens, block, IdBytes);
        _device.UploadPinned(_gradientScale, (nint)scale, sizeof(float));
        _pinned.Sent();
    }

    /// <summary>For each position what finds its row, or its rows, in a table.</summary>
    private ReadOnlySpan<int> Addresses(ScatterTable table, ReadOnlySpan<int> tokens)
    {
        switch (table.By)
        {
            case RowsBy.Ngram:
                return new ReadOnlySpan<int>(_ngrams.Of(table.Order), _tokens);
            case RowsBy.Suffix:
                return new ReadOnlySpan<int>(_suffixes!.Pointer, _tokens);
            case RowsBy.Byte:
                _spelling!.BytesAt(table.Place, _shape.BytesRead, tokens[.._tokens], _bytes);
                return _bytes;
            case RowsBy.Second:
                return tokens[_tokens..];
            default:
                return tokens[.._tokens];
        }
    }

    /// <summary>Bytes of the ids of a pass.</summary>
    private long IdBytes => _planes.Count * sizeof(int) * (long)_tokens;

    private nint Plane(int plane) => Tokens + sizeof(int) * (nint)_tokens * plane;

    private Span<int> PinnedPlane(nint block, int plane) => new((int*)block + plane * (long)_tokens, _tokens);
}
