protected override void ForwardBackward(int* tokens, int* targets, T gradientScale)
{
    Forward(tokens);
    BackwardHead(tokens, targets, gradientScale);
    for (int layer = Layers - 1; layer >= 0; layer--)
    {
        BackwardBlockOwnPosition(tokens, targets, gradientScale, layer);
    }

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
    T* nextResidualGradient = ResidualGradient(0); // [R, 32]
    T* ownPositionNextResidualGradient = OwnPositionResidualGradient(0); // [R, 32]
    T* rowsRoutedGradient = At(846); // [R, 32]

    // Rows.RoutedGradient, over rows of 32. Fused: Subtract.
    // The group ends because the next operation, ScatterAdd, is not over rows of 32.
    Pool.RunRows(new EmbeddingRowsRoutedGradientKernel { RowsRoutedGradient = rowsRoutedGradient, ResidualGradient = nextResidualGradient, OwnPositionResidualGradient = ownPositionNextResidualGradient }, R, 256);

    // Gradient of Embedding.Table [256, 32]: each row to its token, in order of position
    EmbeddingRows.ScatterAdd(Pool, R, 32, tokens, 256, rowsRoutedGradient, Gradients.Pointer + 0L);
}

/// <summary>The residual gradient of the OwnPosition walk, which starts from the head's of the main walk.</summary>
private T* OwnPositionResidualGradient(int layer) => layer == Layers ? ResidualGradient(Layers) : At(160 + (layer & 1) * (long)Width);
