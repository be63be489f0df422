using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Embeddings.Models;

/// <summary>All that is known about a declared model at compile time; printed by the generator into each model class.</summary>
public sealed record ModelDescription
{
    /// <summary>The class's name.</summary>
    public required string Name { get; init; }

    /// <summary>Every attribute with every default resolved, one per line, in a fixed order; two models with equal text are the same model.</summary>
    public required string Declaration { get; init; }

    /// <summary>Shape of the network.</summary>
    public required ArchitectureDescription Architecture { get; init; }

    /// <summary>Where gradients flow.</summary>
    public RoutesDescription Routes { get; init; } = RoutesDescription.Default;

    /// <summary>Tokenizer.</summary>
    public required TokenizerDescription Tokenizer { get; init; }

    /// <summary>Optimizer step.</summary>
    public required TrainingDescription Training { get; init; }

    /// <summary>Where each parameter stands in the arena; trainable ones first.</summary>
    public required ImmutableArray<ParameterBlock> Parameters { get; init; }

    /// <summary>Stretches of the arena that share optimizer settings, in order, covering all trainable elements.</summary>
    public required ImmutableArray<OptimizerSegment> Segments { get; init; }

    /// <summary>Elements that take part in matrix products for every token (each linear layer and the head; not gathered rows).</summary>
    public required long MatMulParameters { get; init; }

    /// <summary>Elements of the activation arena per token of a batch.</summary>
    public required long ActivationsPerToken { get; init; }

    /// <summary>
    /// Floating-point operations of forward and all reverse walks for one token, counted from the compiled steps, without what a
    /// backward computes again; 0 where nothing was compiled.
    /// </summary>
    public double OperationsPerToken { get; init; }

    /// <summary>Whether a step on the processor updates each layer inside its backward, so that layers share the memory of their gradients.</summary>
    public bool UpdatesInBackward { get; init; }

    /// <summary>
    /// Operations, beside <see cref="OperationsPerToken"/>, for every byte and every end of a target, which a head of bytes says one by one;
    /// 0 for other heads.
    /// </summary>
    public double OperationsPerPlace { get; init; }

    /// <summary>Tensors that every pass keeps.</summary>
    public ImmutableArray<CaptureDescription> Captures { get; init; } = [];

    /// <summary>V.</summary>
    public int VocabularySize => Tokenizer.VocabularySize;

    /// <summary>Entries of the vocabulary that the tokens of a pass are of; the tokenizer's unless another is declared.</summary>
    public int InputVocabularySize => Architecture.InputVocabulary > 0 ? Architecture.InputVocabulary : VocabularySize;

    /// <summary>Input ids of a position: 2 with a second input table, else 1.</summary>
    public int InputPlanes => Architecture.SecondVocabulary > 0 ? 2 : 1;

    /// <summary>The tokenizer of the inputs, where it is not that of the targets: bytes, or cut as the targets' and of its own size.</summary>
    public TokenizerDescription? InputTokenizer => Beside(Architecture.InputVocabulary);

    /// <summary>The tokenizer of the second input table, where there is one.</summary>
    public TokenizerDescription? SecondTokenizer => Beside(Architecture.SecondVocabulary);

    /// <summary>The tokenizer of the tokens that have suffix rows, where there are any.</summary>
    public TokenizerDescription? SuffixTokenizer => Beside(Architecture.SuffixVocabulary);

    /// <summary>Elements of the parameter arena.</summary>
    public long ParameterCount => Parameters.Sum(block => block.Count * block.Layers);

    /// <summary>Elements that are trained; frozen ones stand after them.</summary>
    public long TrainableCount => Parameters.Where(block => !block.Frozen).Sum(block => block.Count * block.Layers);

    /// <summary>Elements of gradients that a training step on the processor touches: one layer's alone where layers share their memory.</summary>
    public long GradientCount => UpdatesInBackward ? Parameters.Where(block => !block.Frozen).Sum(block => block.Count) : TrainableCount;

    /// <summary>
    /// Floating-point operations of forward and backward for one token: as counted, or for a plain transformer 6 per matrix-product
    /// parameter, and 6·L·C·T for causal attention (half of the T × T square; arXiv 2001.08361 counts the full square).
    /// </summary>
    public double FlopsPerToken => OperationsPerToken > 0
        ? OperationsPerToken
        : 6.0 * MatMulParameters + 6.0 * Architecture.Layers * Architecture.Width * Architecture.Context;

    /// <summary>Floating-point operations of forward and backward for some tokens.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="bytes">Their bytes.</param>
    public double Flops(double tokens, double bytes) => tokens * FlopsPerToken + (tokens + bytes) * OperationsPerPlace;

    /// <summary>
    /// Bytes of an instance that trains in single precision: parameters, gradients, two moments, activations and losses. Working memory
    /// of the threads, such as a chunk of logits, comes on top.
    /// </summary>
    /// <param name="batch">Sequences in a pass.</param>
    public long TrainingBytes(int batch) =>
        sizeof(float) * (ParameterCount + 2 * TrainableCount + GradientCount + (ActivationsPerToken + LossesPerToken) * batch * Architecture.Context);

    /// <summary>Losses of a position: of its target, and of those further ahead.</summary>
    public int LossesPerToken => 1 + Architecture.FutureWeights.Length;

    /// <summary>SHA-256 of the declaration, in hexadecimal, the first 16 digits.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Declaration)))[..16];

    private TokenizerDescription? Beside(int vocabulary) => vocabulary == 0 ? null : Tokenizer with
    {
        Kind = vocabulary == 256 ? TokenizerKind.Bytes : TokenizerKind.ByteLevelBpe,
        VocabularySize = vocabulary,
        PreTokenization = Tokenizer.IsTrained ? Tokenizer.PreTokenization : PreTokenization.Cl100k,
        SpecialTokens = [],
        Words = [],
        Seed = 0,
        Path = "",
    };

    /// <summary>Trainable and frozen elements in one group.</summary>
    public long GroupCount(ParameterGroup group) =>
        Parameters.Where(block => block.Group == group).Sum(block => block.Count * block.Layers);
}
