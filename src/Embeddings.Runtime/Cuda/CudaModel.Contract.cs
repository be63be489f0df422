namespace Embeddings.Cuda;

/// <summary>The contract with the generated half: what it overrides, and the memory, addresses and kernels that it uses.</summary>
public abstract unsafe partial class CudaModel
{
    /// <summary>Where it computes.</summary>
    protected ICudaDevice Device { get; }

    /// <summary>The kernels that every model shares.</summary>
    protected KernelLibrary Library { get; }

    /// <summary>Type of activations and of the weights that products read.</summary>
    protected CudaElement Element { get; }

    /// <summary>Bytes of an element.</summary>
    protected int ElementBytes => Element.Bytes();

    /// <summary>Ids of the pass, int [B, T].</summary>
    protected nint TokenIds => _input.Tokens;

    /// <summary>Next ids, int [B, T]; −1 carries no loss.</summary>
    protected nint Targets => _input.Targets;

    /// <summary>The targets of the pass, each moved to another sequence, int [B, T]; where the model declares such a gradient route.</summary>
    protected nint PermutedTargets => _input.PermutedTargets;

    /// <summary>Rows that the n-grams of one order are hashed to, int [B, T]; where the model declares n-grams.</summary>
    protected nint Ngrams(int order) => _input.Ngrams(order);

    /// <summary>The longest token that ends at each position, int [B, T]; where the model declares suffix rows.</summary>
    protected nint Suffixes => _input.Suffixes;

    /// <summary>Ids of the second input table, int [B, T]; where the model declares one.</summary>
    protected nint SecondTokens => _input.SecondTokens;

    /// <summary>The byte of each token at a place from −1, int [B, T]; 256 where it has none there.</summary>
    protected nint TokenBytes(int place) => _tokenBytes + sizeof(int) * (nint)Tokens * (place + 1);

    /// <summary>1 where the token has a byte at a place, else 0, fp32 [B, T].</summary>
    protected nint TokenPlace(int place) => _tokenPlaces + sizeof(float) * (nint)Tokens * place;

    /// <summary>1/√(bytes read of the token) where it has a byte at a place, else 0, fp32 [B, T].</summary>
    protected nint TokenShare(int place) => TokenPlace(Description.Architecture.BytesRead + place);

    /// <summary>Finds the first bytes of every token of the pass, where input rows are computed from them.</summary>
    protected void FindBytes() => Library.TokenBytes(
        Tokens, Description.Architecture.BytesRead, TokenIds, Spelling, TokenBytes(-1), TokenPlace(0), TokenShare(0));

    /// <summary>The composition rows of each token; only where rows are composed of bytes.</summary>
    protected DeviceSpelling Spelling => _spelling!;

    /// <summary>Order in which rows are added to one of the plan's tables, of the pass under way.</summary>
    protected ScatterPlan Scatter(int table) => _input.Scatter(table);

    /// <summary>Says tokens as their bytes; where the head is of bytes.</summary>
    protected DeviceByteDecoder Decoder => _decoder!;

    /// <summary>Where the bytes of the targets lie; where the head is of bytes.</summary>
    protected DecoderPlaces TargetPlaces => _input.TargetPlaces;

    /// <summary>Where those of <see cref="PermutedTargets"/> lie.</summary>
    protected DecoderPlaces PermutedPlaces => _input.PermutedPlaces;

    /// <summary>Where the bytes of the targets so much further ahead lie, from 1; where such targets are declared.</summary>
    protected DecoderPlaces FuturePlaces(int ahead) => _input.FuturePlaces(ahead);

    /// <summary>Receives the loss of every token in nats, fp32 [B, T]; 0 where the target is −1.</summary>
    protected nint LossesOnDevice { get; }

    /// <summary>Factors of the losses' gradients from a row on, fp32; 0 where all are 1.</summary>
    protected nint LossWeightsFrom(int row) => _weighsLosses ? _lossWeights + sizeof(float) * (nint)row : 0;

    /// <summary>A chunk of logits, elements [<see cref="LogitRows"/>, <see cref="CudaPlan.LogitStride"/>].</summary>
    protected nint Logits { get; }

    /// <summary>Rows of a chunk of logits; the last chunk of a pass may have fewer.</summary>
    protected int LogitRows { get; }

    /// <summary>Receives the logits of one row, fp32 [V].</summary>
    protected nint RowOfLogits { get; }

    /// <summary>Partial sums of columns: <see cref="KernelLibrary.MostTiles"/> rows of <see cref="CudaPlan.PartialColumns"/> fp32.</summary>
    protected nint PartialSums { get; }

    /// <summary>Working memory of attention's backward, fp32 [R, heads].</summary>
    protected nint AttentionDelta { get; }

    /// <summary>See <see cref="RotaryAngles"/>; 0 where positions are not rotary.</summary>
    protected nint Angles { get; }

    /// <summary>Working memory of <see cref="KernelLibrary.Muon"/>; 0 where nothing is updated by it.</summary>
    protected nint MuonMemory { get; }

    /// <summary>One fp32: factor of the losses' gradient.</summary>
    protected nint GradientScale => _scalars.GradientScale;

    /// <summary>One fp32: 0, in place of a factor that a layer does not have.</summary>
    protected nint Zero => _scalars.Zero;

    /// <summary>One fp32: factor on every gradient in <see cref="Optimize"/>, for clipping.</summary>
    protected nint GradientFactor => _scalars.GradientFactor;

    /// <summary>A block of settings: <see cref="KernelLibrary.SettingCount"/> fp32.</summary>
    protected nint OptimizerSetting(int block) => _scalars.Setting(block);

    /// <summary>A kernel of the model's own.</summary>
    protected nint Kernel(string name) => Device.Kernel(_module, name, 0);

    /// <summary>An address in the arena of activations, perToken · R elements from its start.</summary>
    protected nint Elements(long perToken) => _elements + (nint)(perToken * Tokens * ElementBytes);

    /// <summary>An address in the arena of fp32 statistics, perToken · R floats from its start.</summary>
    protected nint Statistics(long perToken) => _statistics + (nint)(perToken * Tokens * sizeof(float));

    /// <summary>A parameter as products read it: the master itself in fp32, else its bf16 rounding.</summary>
    protected nint Parameter(long offset) => _parameters.Weight(offset);

    /// <summary>A parameter in fp32.</summary>
    protected nint Master(long offset) => _parameters.Master(offset);

    /// <summary>A gradient, fp32.</summary>
    protected nint Gradient(long offset) => _parameters.Gradient(offset);

    /// <summary>AdamW's running mean of gradients, fp32.</summary>
    protected nint FirstMoment(long offset) => _parameters.FirstMoment(offset);

    /// <summary>AdamW's running mean of squared gradients, fp32.</summary>
    protected nint SecondMoment(long offset) => _parameters.SecondMoment(offset);

    /// <summary>Copies weights and moments of some trainable parameters to the place of others.</summary>
    protected void CopyParameters(long from, long to, long count) => _parameters.Copy(from, to, count);

    /// <summary>What the launches of a pass or an update depend on; they are captured anew where it changes.</summary>
    protected virtual int Phase => 0;

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
}
