T* headLogits = At(#); // [R, 256]
// The group ends because the next operation, MatMul (Head.Logits), is not over rows of 16.
// Head.Logits [R, 256] = Head.Norm · Head.Weightᵀ
MatMul.Run(Pool, R, 256, 16, MatrixView<T>.Rows(headNorm, #), MatrixView<T>.Transposed(Parameters.Pointer + #L, #), headLogits, 256, accumulate: false);
