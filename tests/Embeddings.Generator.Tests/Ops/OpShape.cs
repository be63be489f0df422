using CsCheck;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Tests.Ops;

/// <summary>Random sizes of a tiny model around one operation.</summary>
/// <param name="Groups">Key-value heads.</param>
/// <param name="PerGroup">Query heads of each.</param>
/// <param name="HeadWidth">D.</param>
internal sealed record OpShape(
    int Batch, int Context, int Groups, int PerGroup, int HeadWidth, int Vocabulary, int Hidden, int Layers, int Seed)
{
    /// <summary>Sizes on both sides of a vector's width, so that tails and whole vectors occur.</summary>
    public static readonly Gen<OpShape> Gen =
        from batch in CsCheck.Gen.Int[1, 3]
        from context in CsCheck.Gen.Int[1, 6]
        from groups in CsCheck.Gen.Int[1, 2]
        from perGroup in CsCheck.Gen.Int[1, 3]
        from headWidth in CsCheck.Gen.OneOf(CsCheck.Gen.Int[1, 4], CsCheck.Gen.Int[3, 5].Select(half => 2 * half))
        from vocabulary in CsCheck.Gen.Int[2, 20]
        from hidden in CsCheck.Gen.Int[2, 19]
        from layers in CsCheck.Gen.Int[1, 2]
        from seed in CsCheck.Gen.Int[0, 1_000_000]
        select new OpShape(batch, context, groups, perGroup, headWidth, vocabulary, hidden, layers, seed);

    public int Heads => Groups * PerGroup;

    public int Width => Heads * HeadWidth;

    public const int SpellingRows = 12;

    /// <summary>Fewer than a token has at most, so that some bytes are not read.</summary>
    public const int BytesRead = 3;

    /// <summary>Random tokens, targets of which some have no loss, and a random spelling.</summary>
    public OpBatch RandomBatch(Random random) => new(
        Batch, Context,
        [.. Enumerable.Range(0, Batch * Context).Select(_ => random.Next(Vocabulary))],
        [.. Enumerable.Range(0, Batch * Context).Select(i => i > 0 && random.Next(5) == 0 ? -1 : random.Next(Vocabulary))],
        1.0 / (Batch * Context),
        [.. Enumerable.Range(0, Vocabulary).Select(_ => Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(SpellingRows)).ToArray())]);

    /// <summary>A spec with these sizes; the graphs come from elsewhere.</summary>
    public ModelSpec ToSpec(string name, OpCase test) => new(
        new TypeSpec("Ops", name, "public"),
        new ArchitectureSpec(
            Layers, Width, Heads, Groups, Context, Hidden, NormKind.LayerNorm, PositionKind.None, FeedForwardKind.Gelu, false, false, 0, false,
            test.Spells ? EmbeddingKind.ByteSum : EmbeddingKind.Table, 1, HeadKind.Untied)
        {
            InputSkip = test.Skips,
            BytesRead = test.ReadsBytes ? BytesRead : 0,
            DecoderWidth = test.SaysBytes ? Hidden : 0,
        },
        new TokenizerSpec(TokenizerKind.Bytes, Vocabulary, PreTokenization.None),
        new TrainingSpec(
            Batch, 1, 0, ScheduleKind.Constant, 0, 1, 1,
            new EquatableArray<GroupSpec>(new[] { ParameterGroup.InputEmbedding, ParameterGroup.OutputHead, ParameterGroup.Body }
                .Select(group => new GroupSpec(group, 1e-3, 0.9, 0.95, 1e-8, 0.1)))));
}
