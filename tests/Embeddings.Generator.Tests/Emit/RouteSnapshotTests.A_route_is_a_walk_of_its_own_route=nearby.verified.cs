protected override void ForwardBackward(int* tokens, int* targets, T gradientScale)
{
    Forward(tokens);
    BackwardHead(tokens, targets, gradientScale);
    for (int distance = 0; distance <= 3; distance++)
    {
        if (distance > 0)
        {
            Clear(NearbyResidualGradient(Layers, distance), Width);
        }

        for (int layer = Layers - 1; layer >= 0; layer--)
        {
            BackwardBlockNearby(tokens, targets, gradientScale, layer, distance);
        }

        BackwardEmbeddingTable(tokens, targets, gradientScale);
    }

    for (int layer = Layers - 1; layer >= 0; layer--)
    {
        BackwardBlock(tokens, targets, gradientScale, layer);
    }

    BackwardEmbedding(tokens, targets, gradientScale);
}

/// <summary>The routed gradient of the input rows.</summary>
private void BackwardEmbeddingTable(int* tokens, int* targets, T gradientScale)
{
    T* nearbyNextResidualGradient = NearbyResidualGradient(0, 0); // [R, 32]

    // Gradient of Embedding.Table [256, 32]: each row to its token, in order of position
    EmbeddingRows.ScatterAdd(Pool, R, 32, tokens, 256, nearbyNextResidualGradient, Gradients.Pointer + 0L);
}

/// <summary>The residual gradient of the Nearby walk, which starts from the head's of the main walk.</summary>
private T* NearbyResidualGradient(int layer, int distance) => layer == Layers && distance == 0 ? ResidualGradient(Layers) : At(160 + (layer & 1) * (long)Width);
