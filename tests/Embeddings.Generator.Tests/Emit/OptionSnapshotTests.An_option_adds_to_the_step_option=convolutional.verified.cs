FindBytes(tokens, places: #);
T* share1 = TokenShare(#); // [R, 1]
T* share2 = TokenShare(#); // [R, 1]
T* hiddenScale = At(#); // [R, 1]
T* hiddenNormalized = At(#); // [R, 8]
T* rows = At(#); // [R, 16]
// Hidden.Scale, Hidden.Normalized, over rows of 8. Fused: Gather, Gather, Add, Gather, Add, Tanh, Multiply, Gather, Gather, Add, Gather, Add, Tanh, Multiply, Add, Multiply, RowSum, Multiply, Add, ReciprocalSqrt, Normalize.
// The group ends because the next operation, MatMul (Rows), is not over rows of 8.
Pool.RunRows(new EmbeddingHiddenNormalizedKernel { Bytes0 = TokenBytes(0 - #), Bytes1 = TokenBytes(1 - #), Bytes2 = TokenBytes(2 - #), Bytes3 = TokenBytes(3 - #), EmbeddingConvolutionBefore = Parameters.Pointer + #L, EmbeddingConvolutionAt = Parameters.Pointer + #L, EmbeddingConvolutionBehind = Parameters.Pointer + #L, Share1 = share1, EmbeddingConvolutionBeforeValue = Parameters.Pointer + #L, EmbeddingConvolutionAtValue = Parameters.Pointer + #L, EmbeddingConvolutionBehindValue = Parameters.Pointer + #L, Share2 = share2, HiddenScale = hiddenScale, HiddenNormalized = hiddenNormalized }, R, #);
// Rows [R, 16] = Hidden.Normalized · Embedding.Projectionᵀ
MatMul.Run(Pool, R, 16, 8, MatrixView<T>.Rows(hiddenNormalized, #), MatrixView<T>.Transposed(Parameters.Pointer + #L, #), rows, 16, accumulate: false);
// Residual, over rows of 16. Fused: PositionRows, Add.
Pool.RunRows(new EmbeddingResidualKernel { Residual = nextResidual, Rows = rows, EmbeddingPositions = Parameters.Pointer + #L }, R, #);
T* hiddenNormalizedGradient = At(#); // [R, 8]
T* hiddenNormalized = At(#); // [R, 8]
T* hiddenScale = At(#); // [R, 1]
T* share2 = TokenShare(#); // [R, 1]
T* share1 = TokenShare(#); // [R, 1]
T* convolutionGradientMultiplyMultiply = At(#); // [R, 8]
T* convolutionGradientMultiplyMultiply2 = At(#); // [R, 8]
T* hiddenNormalizedAgain = At(#); // [R, 8]
// Hidden.Normalized.Gradient [R, 8] = Residual.Gradient · Embedding.Projection
MatMul.Run(Pool, R, 8, 16, MatrixView<T>.Rows(nextResidualGradient, #), MatrixView<T>.Rows(Parameters.Pointer + #L, #), hiddenNormalizedGradient, 8, accumulate: false);
// Convolution.Gradient.Multiply.Multiply, Convolution.Gradient.Multiply.Multiply2, Hidden.Normalized.Again, over rows of 8. Fused: Multiply, RowSum, Multiply, Multiply, Subtract, Multiply, Multiply, Multiply, Multiply, Multiply, Normalize.
// The group ends because the next operation, MatMul, is not over rows of 8.
Pool.RunRows(new EmbeddingConvolutionGradientKernel { Bytes0 = TokenBytes(0 - #), Bytes1 = TokenBytes(1 - #), Bytes2 = TokenBytes(2 - #), Bytes3 = TokenBytes(3 - #), HiddenNormalizedGradient = hiddenNormalizedGradient, HiddenNormalized = hiddenNormalized, HiddenNormalizedAgain = hiddenNormalizedAgain, EmbeddingConvolutionBefore = Parameters.Pointer + #L, EmbeddingConvolutionAt = Parameters.Pointer + #L, EmbeddingConvolutionBehind = Parameters.Pointer + #L, Share1 = share1, EmbeddingConvolutionBeforeValue = Parameters.Pointer + #L, EmbeddingConvolutionAtValue = Parameters.Pointer + #L, EmbeddingConvolutionBehindValue = Parameters.Pointer + #L, Share2 = share2, HiddenScale = hiddenScale, ProductValue = convolutionGradientMultiplyMultiply, Product3 = convolutionGradientMultiplyMultiply2 }, R, #);
// Gradient of Embedding.Projection [16, 8] += Residual.Gradientᵀ · Hidden.Normalized.Again
MatMul.WeightGradient(Pool, R, 16, 8, MatrixView<T>.Rows(nextResidualGradient, #), MatrixView<T>.Rows(hiddenNormalizedAgain, #),
Gradients.Pointer + #L, null);
// Gradient of Embedding.Convolution.Behind [257, 8]: each row to its id, in order of position
EmbeddingRows.ScatterAdd(Pool, R, 8, TokenBytes(3 - #), 257, convolutionGradientMultiplyMultiply, Gradients.Pointer + #L);
// Gradient of Embedding.Convolution.At [257, 8]: each row to its id, in order of position
EmbeddingRows.ScatterAdd(Pool, R, 8, TokenBytes(2 - #), 257, convolutionGradientMultiplyMultiply, Gradients.Pointer + #L);
// Gradient of Embedding.Convolution.Before [257, 8]: each row to its id, in order of position
EmbeddingRows.ScatterAdd(Pool, R, 8, TokenBytes(1 - #), 257, convolutionGradientMultiplyMultiply, Gradients.Pointer + #L);
// Gradient of Embedding.Convolution.Behind [257, 8]: each row to its id, in order of position
EmbeddingRows.ScatterAdd(Pool, R, 8, TokenBytes(2 - #), 257, convolutionGradientMultiplyMultiply2, Gradients.Pointer + #L);
// Gradient of Embedding.Convolution.At [257, 8]: each row to its id, in order of position
EmbeddingRows.ScatterAdd(Pool, R, 8, TokenBytes(1 - #), 257, convolutionGradientMultiplyMultiply2, Gradients.Pointer + #L);
// Gradient of Embedding.Convolution.Before [257, 8]: each row to its id, in order of position
EmbeddingRows.ScatterAdd(Pool, R, 8, TokenBytes(0 - #), 257, convolutionGradientMultiplyMultiply2, Gradients.Pointer + #L);
