protected override void ForwardBackward(int* tokens, int* targets, T gradientScale)
{
    Forward(tokens);
    BackwardHead(tokens, targets, gradientScale);
    for (int layer = Layers - 1; layer >= 0; layer--)
    {
        BackwardBlock(tokens, targets, gradientScale, layer);
    }

    BackwardEmbedding(tokens, targets, gradientScale);
    if (Step < 100)
    {
        BackwardEmbeddingTable(tokens, targets, gradientScale);
    }

}

/// <summary>The routed gradient of the input rows.</summary>
private void BackwardEmbeddingTable(int* tokens, int* targets, T gradientScale)
{
    T* nextResidualGradient = ResidualGradient(0); // [R, 32]

    // Gradient of Embedding.Table [256, 32]: each row to its token, in order of position
    EmbeddingRows.ScatterAdd(Pool, R, 32, tokens, 256, nextResidualGradient, Gradients.Pointer + 0L);
}
