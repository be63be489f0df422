T* feedForwardUp = Saved(layer, #); // [R, 48]
T* feedForwardActivation = At(#); // [R, 48]
// FeedForward.Up [R, 48] = FeedForward.Norm · Block.FeedForward.Up.Weightᵀ, then Multiply, Multiply, Add, Multiply, Tanh, Multiply, Add, Multiply on each finished stretch.
MatMul.Run(Pool, R, 48, 16, MatrixView<T>.Rows(feedForwardNorm, #), MatrixView<T>.Transposed(Parameters.Pointer + #L + layer * #L, #), feedForwardUp, 48,
MatMul.Run(Pool, R, 16, 48, MatrixView<T>.Rows(feedForwardActivation, #), MatrixView<T>.Transposed(Parameters.Pointer + #L + layer * #L, #), nextResidual, 16,
T* feedForwardUp = Saved(layer, #); // [R, 48]
T* feedForwardUpGradient = At(#); // [R, 48]
T* feedForwardActivationAgain = At(#); // [R, 48]
// FeedForward.Up.Gradient [R, 48] = NextResidual.Gradient · Block.FeedForward.Down.Weight, then Multiply, Multiply, Multiply, Multiply, Multiply, Multiply, Add, Multiply, Multiply, Add, Add, Multiply on each finished stretch.
MatMul.Run(Pool, R, 48, 16, MatrixView<T>.Rows(nextResidualGradient, #), MatrixView<T>.Rows(Parameters.Pointer + #L + layer * #L, #), feedForwardUpGradient, 48,
// Gradient of Block.FeedForward.Down.Weight [16, 48] += NextResidual.Gradientᵀ · FeedForward.Activation.Again
MatMul.WeightGradient(Pool, R, 16, 48, MatrixView<T>.Rows(nextResidualGradient, #), MatrixView<T>.Rows(feedForwardActivationAgain, #),
MatMul.Run(Pool, R, 16, 48, MatrixView<T>.Rows(feedForwardUpGradient, #), MatrixView<T>.Rows(Parameters.Pointer + #L + layer * #L, #), feedForwardNormGradient, 16, accumulate: false);
// Gradient of Block.FeedForward.Up.Weight [48, 16] += FeedForward.Up.Gradientᵀ · FeedForward.Norm.Again
MatMul.WeightGradient(Pool, R, 48, 16, MatrixView<T>.Rows(feedForwardUpGradient, #), MatrixView<T>.Rows(feedForwardNormAgain, #),
