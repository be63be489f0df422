/// <summary>Positions that a query sees in each layer, itself included; 0 is all earlier ones.</summary>
private static ReadOnlySpan<int> AttentionWindows => [4, 0];
// Causal attention, within the layer's window: softmax(scores)·v for each head, and the log-sum-exp of each row
GeneralAttention.Forward(Pool, Batch, Context, 2, 2, 8, 0.35355339059327373, window: AttentionWindows[layer], slopes: false,
// Gradients of queries and keys and values, within the layer's window, the probabilities computed again from the log-sum-exp
GeneralAttention.Backward(Pool, Batch, Context, 2, 2, 8, 0.35355339059327373, window: AttentionWindows[layer], slopes: false, distance: GeneralAttention.AnyDistance,
