FindBytes(tokens, places: #);
T* recurrence1State = At(#); // [R, 8]
T* embeddingRecurrenceResetGather = At(#); // [R, 8]
T* embeddingRecurrenceUpdateGather = At(#); // [R, 8]
T* embeddingRecurrenceCandidateGather = At(#); // [R, 8]
T* recurrence2Product = At(#); // [R, 24]
T* recurrence2Exists = TokenPlace(#); // [R, 1]
T* hiddenScale = At(#); // [R, 1]
T* hiddenNormalized = At(#); // [R, 8]
T* rows = At(#); // [R, 16]
// Recurrence1.State, Embedding.Recurrence.Reset.Gather, Embedding.Recurrence.Update.Gather, Embedding.Recurrence.Candidate.Gather, over rows of 8. Fused: Gather, Sigmoid, Subtract, Gather, Tanh, Multiply, Gather, Gather, Gather.
// The group ends because the next operation, MatMul (Recurrence2.Product), is not over rows of 8.
Pool.RunRows(new EmbeddingRecurrence1StateKernel { Bytes1 = TokenBytes(1 - #), Bytes2 = TokenBytes(2 - #), Recurrence1State = recurrence1State, EmbeddingRecurrenceUpdate = Parameters.Pointer + #L, EmbeddingRecurrenceCandidate = Parameters.Pointer + #L, EmbeddingRecurrenceResetGather = embeddingRecurrenceResetGather, EmbeddingRecurrenceReset = Parameters.Pointer + #L, EmbeddingRecurrenceUpdateGather = embeddingRecurrenceUpdateGather, EmbeddingRecurrenceUpdateValue = Parameters.Pointer + #L, EmbeddingRecurrenceCandidateGather = embeddingRecurrenceCandidateGather, EmbeddingRecurrenceCandidateValue = Parameters.Pointer + #L }, R, #);
// Recurrence2.Product [R, 24] = Recurrence1.State · Embedding.Recurrence.Weightᵀ
MatMul.Run(Pool, R, 24, 8, MatrixView<T>.Rows(recurrence1State, #), MatrixView<T>.Transposed(Parameters.Pointer + #L, #), recurrence2Product, 24, accumulate: false);
// Hidden.Scale, Hidden.Normalized, over rows of 8. Fused: Add, Sigmoid, Add, Sigmoid, Multiply, Add, Tanh, Subtract, Multiply, Add, Subtract, Multiply, Add, Multiply, RowSum, Multiply, Add, ReciprocalSqrt, Normalize.
// The group ends because the next operation, MatMul (Rows), is not over rows of 8.
Pool.RunRows(new EmbeddingHiddenNormalizedKernel { Recurrence1State = recurrence1State, Recurrence2ResetPart = recurrence2Product, EmbeddingRecurrenceResetGather = embeddingRecurrenceResetGather, Recurrence2CandidatePart = recurrence2Product + 16, EmbeddingRecurrenceCandidateGather = embeddingRecurrenceCandidateGather, Recurrence2UpdatePart = recurrence2Product + 8, EmbeddingRecurrenceUpdateGather = embeddingRecurrenceUpdateGather, Recurrence2Exists = recurrence2Exists, HiddenScale = hiddenScale, HiddenNormalized = hiddenNormalized }, R, #);
// Rows [R, 16] = Hidden.Normalized · Embedding.Projectionᵀ
MatMul.Run(Pool, R, 16, 8, MatrixView<T>.Rows(hiddenNormalized, #), MatrixView<T>.Transposed(Parameters.Pointer + #L, #), rows, 16, accumulate: false);
// Residual, over rows of 16. Fused: PositionRows, Add.
Pool.RunRows(new EmbeddingResidualKernel { Residual = nextResidual, Rows = rows, EmbeddingPositions = Parameters.Pointer + #L }, R, #);
T* hiddenNormalizedGradient = At(#); // [R, 8]
T* hiddenNormalized = At(#); // [R, 8]
T* hiddenScale = At(#); // [R, 1]
T* recurrence2Exists = TokenPlace(#); // [R, 1]
T* recurrence1State = At(#); // [R, 8]
T* recurrence2Product = At(#); // [R, 24]
T* embeddingRecurrenceResetGather = At(#); // [R, 8]
T* embeddingRecurrenceCandidateGather = At(#); // [R, 8]
T* embeddingRecurrenceUpdateGather = At(#); // [R, 8]
T* recurrence2StateGradientMultiplyAddMultiply = At(#); // [R, 8]
T* recurrence1StateGradient = At(#); // [R, 8]
T* recurrence2ProductGradient = At(#); // [R, 24]
T* recurrence1StateAgain = At(#); // [R, 8]
T* hiddenNormalizedAgain = At(#); // [R, 8]
T* recurrence1StateGradient2 = At(#); // [R, 8]
T* recurrence1StateGradientMultiplyMultiply = At(#); // [R, 8]
T* recurrence1StateGradientMultiplyNegateMultiply = At(#); // [R, 8]
// Hidden.Normalized.Gradient [R, 8] = Residual.Gradient · Embedding.Projection
MatMul.Run(Pool, R, 8, 16, MatrixView<T>.Rows(nextResidualGradient, #), MatrixView<T>.Rows(Parameters.Pointer + #L, #), hiddenNormalizedGradient, 8, accumulate: false);
// Recurrence1.State.Gradient, Recurrence2.State.Gradient.Multiply.Add.Multiply, Recurrence2.Product.Gradient, Recurrence2.Product.Gradient, Recurrence2.Product.Gradient, Recurrence1.State.Again, Hidden.Normalized.Again, over rows of 8. Fused: Multiply, RowSum, Multiply, Multiply, Subtract, Multiply, Multiply, Negate, Add, Multiply, Multiply, Negate, Add, Add, Multiply, Multiply, Multiply, Multiply, Multiply, Multiply, Normalize.
// The group ends because the next operation, MatMul, is not over rows of 8.
Pool.RunRows(new EmbeddingRecurrence1StateAgainKernel { Bytes1 = TokenBytes(1 - #), HiddenNormalizedGradient = hiddenNormalizedGradient, HiddenNormalized = hiddenNormalized, Recurrence1StateAgain = recurrence1StateAgain, EmbeddingRecurrenceUpdate = Parameters.Pointer + #L, EmbeddingRecurrenceCandidate = Parameters.Pointer + #L, HiddenNormalizedAgain = hiddenNormalizedAgain, Recurrence1State = recurrence1State, Recurrence2ResetPart = recurrence2Product, EmbeddingRecurrenceResetGather = embeddingRecurrenceResetGather, Recurrence2CandidatePart = recurrence2Product + 16, EmbeddingRecurrenceCandidateGather = embeddingRecurrenceCandidateGather, Recurrence2UpdatePart = recurrence2Product + 8, EmbeddingRecurrenceUpdateGather = embeddingRecurrenceUpdateGather, Recurrence2Exists = recurrence2Exists, HiddenScale = hiddenScale, Recurrence1StateGradient = recurrence1StateGradient, Product3 = recurrence2StateGradientMultiplyAddMultiply, Product5 = recurrence2ProductGradient + 16, Product7 = recurrence2ProductGradient + 8, Product9 = recurrence2ProductGradient }, R, #);
// Gradient of Embedding.Projection [16, 8] += Residual.Gradientᵀ · Hidden.Normalized.Again
MatMul.WeightGradient(Pool, R, 16, 8, MatrixView<T>.Rows(nextResidualGradient, #), MatrixView<T>.Rows(hiddenNormalizedAgain, #),
Gradients.Pointer + #L, null);
// Gradient of Embedding.Recurrence.Candidate [257, 8]: each row to its id, in order of position
EmbeddingRows.ScatterAdd(Pool, R, 8, TokenBytes(2 - #), 257, recurrence2StateGradientMultiplyAddMultiply, Gradients.Pointer + #L);
// Gradient of Embedding.Recurrence.Update [257, 8]: each row to its id, in order of position
EmbeddingRows.ScatterAdd(Pool, R, 8, TokenBytes(2 - #), 257, recurrence2ProductGradient + 8, Gradients.Pointer + #L, #);
// Gradient of Embedding.Recurrence.Reset [257, 8]: each row to its id, in order of position
EmbeddingRows.ScatterAdd(Pool, R, 8, TokenBytes(2 - #), 257, recurrence2ProductGradient, Gradients.Pointer + #L, #);
// Recurrence1.State.Gradient [R, 8] = Recurrence2.Product.Gradient · Embedding.Recurrence.Weight
MatMul.Run(Pool, R, 8, 24, MatrixView<T>.Rows(recurrence2ProductGradient, #), MatrixView<T>.Rows(Parameters.Pointer + #L, #), recurrence1StateGradient2, 8, accumulate: false);
// Recurrence1.State.Gradient.Multiply.Multiply, Recurrence1.State.Gradient.Multiply.Negate.Multiply, over rows of 8. Fused: Add, Multiply, Multiply, Multiply, Negate, Multiply.
// The group ends because the next operation, MatMul, is not over rows of 8.
Pool.RunRows(new EmbeddingRecurrence1StateGradientKernel { Bytes1 = TokenBytes(1 - #), Product = recurrence1StateGradientMultiplyMultiply, Recurrence1StateGradient = recurrence1StateGradient, Recurrence1StateGradientValue = recurrence1StateGradient2, EmbeddingRecurrenceUpdate = Parameters.Pointer + #L, EmbeddingRecurrenceCandidate = Parameters.Pointer + #L, Product2 = recurrence1StateGradientMultiplyNegateMultiply }, R, #);
// Gradient of Embedding.Recurrence.Weight [24, 8] += Recurrence2.Product.Gradientᵀ · Recurrence1.State.Again
MatMul.WeightGradient(Pool, R, 24, 8, MatrixView<T>.Rows(recurrence2ProductGradient, #), MatrixView<T>.Rows(recurrence1StateAgain, #),
Gradients.Pointer + #L, null);
// Gradient of Embedding.Recurrence.Candidate [257, 8]: each row to its id, in order of position
EmbeddingRows.ScatterAdd(Pool, R, 8, TokenBytes(1 - #), 257, recurrence1StateGradientMultiplyMultiply, Gradients.Pointer + #L);
// Gradient of Embedding.Recurrence.Update [257, 8]: each row to its id, in order of position
EmbeddingRows.ScatterAdd(Pool, R, 8, TokenBytes(1 - #), 257, recurrence1StateGradientMultiplyNegateMultiply, Gradients.Pointer + #L);
