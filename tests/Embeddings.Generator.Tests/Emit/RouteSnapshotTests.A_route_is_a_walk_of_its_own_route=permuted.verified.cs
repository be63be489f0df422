protected override void ForwardBackward(int* tokens, int* targets, T gradientScale)
{
    Forward(tokens);
    BackwardHeadPermuted(tokens, PermutedTargets(targets), gradientScale);
    for (int layer = Layers - 1; layer >= 0; layer--)
    {
        BackwardBlockOwnPosition(tokens, targets, gradientScale, layer);
    }

    for (int layer = Layers - 1; layer >= 0; layer--)
    {
        BackwardBlockPermuted(tokens, targets, gradientScale, layer);
    }

    BackwardHead(tokens, targets, gradientScale);
    for (int layer = Layers - 1; layer >= 0; layer--)
    {
        BackwardBlock(tokens, targets, gradientScale, layer);
    }

    BackwardEmbedding(tokens, targets, gradientScale);
    BackwardEmbeddingTable(tokens, targets, gradientScale);
}

/// <summary>The routed gradient of the input rows.</summary>
private void BackwardEmbeddingTable(int* tokens, int* targets, T gradientScale)
{
    T* permutedNextResidualGradient = PermutedResidualGradient(0); // [R, 32]
    T* ownPositionNextResidualGradient = OwnPositionResidualGradient(0); // [R, 32]
    T* rowsRoutedGradient = At(910); // [R, 32]

    // Rows.RoutedGradient, over rows of 32. Fused: Subtract.
    // The group ends because the next operation, ScatterAdd, is not over rows of 32.
    Pool.RunRows(new EmbeddingRowsRoutedGradientKernel { RowsRoutedGradient = rowsRoutedGradient, PermutedResidualGradient = permutedNextResidualGradient, OwnPositionResidualGradient = ownPositionNextResidualGradient }, R, 256);

    // Gradient of Embedding.Table [256, 32]: each row to its token, in order of position
    EmbeddingRows.ScatterAdd(Pool, R, 32, tokens, 256, rowsRoutedGradient, Gradients.Pointer + 0L);
}

/// <summary>The residual gradient of the OwnPosition walk, which starts from the head's of the Permuted walk.</summary>
private T* OwnPositionResidualGradient(int layer) => layer == Layers ? PermutedResidualGradient(Layers) : At(160 + (layer & 1) * (long)Width);

/// <summary>The residual gradient of the Permuted walk.</summary>
private T* PermutedResidualGradient(int layer) => At(224 + (layer & 1) * (long)Width);
