namespace Embeddings.Generator.Graph;

/// <summary>
/// What a node computes. Shapes: R = tokens in a pass, C = columns; a vector [C] or a row scalar [R, 1] broadcasts against [R, C].
/// </summary>
internal enum Op
{
    // Leaves
    Parameter,          // a named parameter
    Constant,           // a number
    StageInput,         // the residual stream that enters a stage, [R, C]
    OutputGradient,     // the gradient that enters a stage's backward, [R, C]
    InitialResidual,    // the residual stream that left the embedding, as every layer reads it, [R, C]
    InitialGradient,    // its gradient, collected from the layers above, [R, C]
    TokenPlace,         // [R, 1], whether the row's token has a byte at a place, or its share among the token's bytes

    // Rows addressed by token or position: loads that a row kernel can absorb
    Gather,             // (table [V, C]) → [R, C], row tokens[r], or the row of another id that the payload names
    PositionRows,       // (table [T, C]) → [R, C], row r mod T

    // Movement: views, no work of their own
    Slice,              // columns start … start + count
    Concat,             // columns side by side
    Reshape,            // the same elements, other rows per token
    StopGradient,       // the same elements, a constant to every reverse walk

    // Element-wise
    Add,
    Subtract,
    Multiply,
    Negate,
    Exp,
    Log,
    Tanh,
    Sigmoid,
    ReciprocalSqrt,
    PositivePart,       // max(x, 0)
    Step,               // 1 where x > 0, else 0
    Broadcast,          // [R, 1] → [R, C]
    Zeros,              // [R, C] of 0: the gradient of a slice that receives none
    Normalize,          // (x, mean, scale) → (x − mean)·scale, or (x, scale) → x·scale; see GradientRules

    // Reductions
    RowSum,             // [R, C] → [R, 1]
    ColumnSum,          // [R, C] → [C]

    // Kept whole, because each has its own best kernel
    MatMul,             // [M, K]·[K, N], either side transposed
    GatherSum,          // composed rows: (table) → [R, C]
    Rotary,             // rotates pairs of channels by position
    Attention,          // (q, k, v) → Pick 0: output, Pick 1: log-sum-exp [R, H]
    GeneralAttention,   // Attention with a window per layer or slopes by distance
    LinearCrossEntropy, // (x, head [V, C]) → losses [R, 1]
    ByteCrossEntropy,   // (state [R, D], prefix [256·P, D], symbols [257, D]) → losses [R, 1] of targets said as bytes
    Pick,               // one result of a node that has several

    // Gradients of the above
    ScatterAdd,         // (gradient [R, C]) → [V, C] by token
    PositionSum,        // (gradient [R, C]) → [T, C] by position
    ScatterSum,         // (gradient [R, C]) → composition table
    AttentionGradient,  // (q, k, v, output, log-sum-exp, gradient) → Pick 0…2: dq, dk, dv
    GeneralAttentionGradient, // AttentionGradient of GeneralAttention, or of a walk that is bounded in distance; parts may be unused
    LinearCrossEntropyGradient, // (x, head) → Pick 0: dx, Pick 1: d head; fills the losses too
    ByteCrossEntropyGradient, // (state, prefix, symbols) → Pick 0…2: their gradients; parts may be unused; fills the losses too

    // Sinks
    AccumulateGradient, // adds its input to the gradient of a named parameter
}
