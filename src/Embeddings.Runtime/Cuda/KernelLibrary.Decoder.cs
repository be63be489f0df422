namespace Embeddings.Cuda;

/// <content>From rows to the places of their targets' bytes, and back; see <see cref="DecoderPlaces"/>.</content>
public sealed unsafe partial class KernelLibrary
{
    private readonly nint _decoderActivations;
    private readonly nint _decoderLosses;
    private readonly nint _decoderGradient;

    /// <summary>activations[place] = tanh(state of the row + the prefix vectors of the bytes before the place).</summary>
    /// <param name="places">Where the places lie.</param>
    /// <param name="chunk">Which of its chunks.</param>
    /// <param name="columns">Width of the decoder, D.</param>
    /// <param name="states">Elements of D columns.</param>
    /// <param name="stateStride">Elements from the state of a row to the next; 0 where all rows have the same.</param>
    /// <param name="prefix">[prefix vectors, D] elements.</param>
    /// <param name="lossWeights">[R] floats, or 0.</param>
    /// <param name="activations">[places, D] elements.</param>
    /// <param name="placeWeights">[places] floats; written where there are loss weights.</param>
    public void DecoderActivations(
        DecoderPlaces places, int chunk, int columns, nint states, int stateStride, nint prefix, nint lossWeights, nint activations, nint placeWeights)
    {
        nint header = places.Header(chunk);
        nint starts = places.Starts(chunk);
        nint keys = places.Keys(chunk);
        void** arguments = stackalloc void*[]
        {
            &header, &starts, &keys, &states, &prefix, &lossWeights, &activations, &placeWeights, &columns, &stateStride,
        };
        _device.Launch(_decoderActivations, new LaunchShape(Blocks(places.Capacity, RowsPerVisit), ThreadsPerBlock), arguments, 10);
    }

    /// <summary>losses[r] = sign · Σ placeLosses over the places of row r.</summary>
    /// <param name="places">Where the places lie.</param>
    /// <param name="chunk">Which of its chunks.</param>
    /// <param name="placeLosses">[places] floats.</param>
    /// <param name="losses">[R] floats.</param>
    /// <param name="sign">1, or −1 for log-probabilities.</param>
    public void DecoderLosses(DecoderPlaces places, int chunk, nint placeLosses, nint losses, float sign)
    {
        nint header = places.Header(chunk);
        nint starts = places.Starts(chunk);
        void** arguments = stackalloc void*[] { &header, &starts, &placeLosses, &losses, &sign };
        _device.Launch(_decoderLosses, new LaunchShape(Blocks(places.Capacity), ThreadsPerBlock), arguments, 5);
    }

    /// <summary>Turns gradients of activations into those of the vectors that enter at each place, and of the states.</summary>
    /// <param name="places">Where the places lie.</param>
    /// <param name="chunk">Which of its chunks.</param>
    /// <param name="columns">Width of the decoder, D.</param>
    /// <param name="activations">[places, D] elements.</param>
    /// <param name="gradients">[places, D] elements, replaced.</param>
    /// <param name="stateGradient">[R, D] elements, written.</param>
    public void DecoderGradient(DecoderPlaces places, int chunk, int columns, nint activations, nint gradients, nint stateGradient)
    {
        nint header = places.Header(chunk);
        nint starts = places.Starts(chunk);
        void** arguments = stackalloc void*[] { &header, &starts, &activations, &gradients, &stateGradient, &columns };
        _device.Launch(_decoderGradient, new LaunchShape(Blocks(places.Capacity, RowsPerVisit), ThreadsPerBlock), arguments, 6);
    }
}
