// A head that says a token as its bytes. Each byte of a target and its end is a place; at each, with z the state of the row plus the prefix
// vectors of the bytes before the place and a = tanh z, the logits of the next byte or the end are a · symbolsᵀ. Two products and the loss of
// crossEntropy.cu work on chunks of places; the kernels here go from rows to places and back.
//
// The host lays the places out, those of a row one after another. header = {first row of the chunk in the pass, rows of the chunk};
// starts[rows + 1] cuts the places; keys[place] is the prefix vector that the place is the first to have, −1 at a row's first. D columns.

// activations[place] = a, and placeWeights[place] = the weight of the row's loss unless lossWeights is null. Warp: one row.
KERNEL(256) decoderActivations(const int* RESTRICT header, const int* RESTRICT starts, const int* RESTRICT keys,
    const element* RESTRICT states, const element* RESTRICT prefix, const float* RESTRICT lossWeights,
    element* RESTRICT activations, float* RESTRICT placeWeights, int columns, int stateStride)
{
    int row = blockX() * 8 + warp();
    if (row < header[1])
    {
        const element* state = states + (i64)(header[0] + row) * stateStride;
        int end = starts[row + 1];
        for (int column = lane(); column < columns; column += 32)
        {
            float z = load1(state + column);
            for (int place = starts[row]; place < end; place++)
            {
                z += keys[place] < 0 ? 0.0f : load1(prefix + (i64)keys[place] * columns + column);
                store(activations + (i64)place * columns + column, hyperbolicTangent(z));
            }
        }

        for (int place = starts[row] + lane(); lossWeights && place < end; place += 32)
        {
            placeWeights[place] = lossWeights[header[0] + row];
        }
    }
}

// losses[r] = sign · the sum of the losses of the row's places, in their order. Thread: one row.
KERNEL(256) decoderLosses(const int* RESTRICT header, const int* RESTRICT starts, const float* RESTRICT placeLosses,
    float* RESTRICT losses, float sign)
{
    int row = blockX() * 256 + threadX();
    if (row < header[1])
    {
        float sum = 0;
        for (int place = starts[row]; place < starts[row + 1]; place++)
        {
            sum += placeLosses[place];
        }

        losses[header[0] + row] = sign * sum;
    }
}

// gradients[place] holds the gradient of a and becomes that of z, summed over the places from there on: a vector that enters at a place is in
// all z behind it. stateGradient[r] = the sum at the row's first place. Warp: one row.
KERNEL(256) decoderGradient(const int* RESTRICT header, const int* RESTRICT starts, const element* RESTRICT activations,
    element* RESTRICT gradients, element* RESTRICT stateGradient, int columns)
{
    int row = blockX() * 8 + warp();
    if (row < header[1])
    {
        for (int column = lane(); column < columns; column += 32)
        {
            float sum = 0;
            for (int place = starts[row + 1] - 1; place >= starts[row]; place--)
            {
                i64 at = (i64)place * columns + column;
                float a = load1(activations + at);
                sum += load1(gradients + at) * (1.0f - a * a);
                store(gradients + at, sum);
            }

            store(stateGradient + (i64)(header[0] + row) * columns + column, sum);
        }
    }
}
