namespace Embeddings.Generator.Tests.Diagnostics;

public sealed class DeclarationDiagnosticsTests
{
    [Theory]
    [InlineData("InputEmbedding(EmbeddingKind.Table)")]
    [InlineData("OutputHead(HeadKind.Tied)")]
    [InlineData("Training")]
    [InlineData("LearningRateSchedule(ScheduleKind.Cosine)")]
    [InlineData("AdamW(LearningRate = -1)")]
    [InlineData("Bytes")]
    [InlineData("ByteLevelBpe")]
    [InlineData("RandomMerges")]
    [InlineData("WordList(\"un\")")]
    [InlineData("TokenizerFile(\"a\")")]
    public void Settings_need_a_declaration(string attribute) =>
        Expect.Diagnostic(
            "EMB0020", $"[{attribute.Split('(')[0]}] has no effect on 'Model' because the class declares no model",
            $"[«{attribute}»] partial class Model;");

    [Fact]
    public void Settings_without_a_declaration_are_reported_once_for_a_class() =>
        Expect.Diagnostic("EMB0020", "[OutputHead]", "[AdamW, AdamW(ParameterGroup.Body), Bytes] [«OutputHead(HeadKind.Tied)»] class Model;");

    [Fact]
    public void A_model_must_not_be_a_variant_of_itself() =>
        Expect.Diagnostic("EMB0021", "variants Model -> Model has no end", "[VariantOf<«Model»>] partial class Model;");

    [Fact]
    public void Variants_must_not_form_a_cycle() =>
        Expect.Diagnostic(
            "EMB0021", "variants A -> B -> C -> A has no end",
            "[VariantOf<«B»>] partial class A;",
            "[VariantOf<«C»>] partial class B;",
            "[VariantOf<«A»>] partial class C; [VariantOf<A>] partial class OutsideOfTheCycle;");

    [Fact]
    public void The_base_of_a_variant_must_declare_a_model() =>
        Expect.Diagnostic(
            "EMB0022", "'Model' is a variant of 'Nothing', which declares no model",
            "class Nothing; [VariantOf<«Nothing»>] partial class Model; [VariantOf<Model>] partial class InheritsTheMistake;");

    [Fact]
    public void A_base_that_does_not_exist_is_left_to_the_compiler()
    {
        GeneratorRun run = GeneratorHarness.Run("[VariantOf<Missing>] partial class Model;");

        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Files);
    }

    [Fact]
    public void A_model_must_have_one_tokenizer() =>
        Expect.Diagnostic(
            "EMB0023", "'Model' declares two tokenizers", "[Transformer, «ByteLevelBpe(VocabularySize = 300)», Bytes] partial class Model;");

    [Theory]
    [InlineData("ByteLevelBpe(«SpecialTokens = [\"\"]»)", "EMB0142", "The special token '' is empty")]
    [InlineData("RandomMerges(«SpecialTokens = [\"a\", \"b\", \"a\"]»)", "EMB0142", "The special token 'a' stands twice")]
    [InlineData("WordList(«\"un\"», \"do\", \"un\")", "EMB0143", "The word 'un' stands twice")]
    [InlineData("WordList(«\"a\"»)", "EMB0143", "The word 'a' has fewer than two bytes")]
    [InlineData("TokenizerFile(«\"\"», VocabularySize = 300)", "EMB0144", "path of the tokenizer's file is empty")]
    [InlineData("TokenizerFile(\"ranks\", «VocabularySize = 0»)", "EMB0107", "256")]
    [InlineData("ByteLevelBpe(«VocabularySize = 257», SpecialTokens = [\"a\", \"b\"])", "EMB0107", "258")]
    [InlineData("Bytes, «RandomMerges»", "EMB0023", "declares two tokenizers, [Bytes] and [RandomMerges]")]
    public void A_tokenizer_that_cannot_be_is_refused(string attributes, string id, string message) =>
        Expect.Diagnostic(id, message, $"[Transformer, {attributes}] partial class Model;");

    [Fact]
    public void A_parameter_group_must_have_one_optimizer() =>
        Expect.Diagnostic(
            "EMB0024", "AdamW for parameter group Body twice",
            "[Transformer, AdamW, AdamW(ParameterGroup.Body), AdamW(«ParameterGroup.Body», Beta1 = 0)] partial class Model;");

    [Fact]
    public void All_parameters_must_have_one_optimizer() =>
        Expect.Diagnostic("EMB0024", "group All twice", "[Transformer, AdamW(ParameterGroup.All), «AdamW»] partial class Model;");

    [Theory]
    [InlineData("[Transformer(«Norm = (NormKind)7»)]", "Norm = 7 is not a value of NormKind; use one of LayerNorm, RmsNorm")]
    [InlineData("[Transformer(«Positions = (PositionKind)9»)]", "use one of Learned, Rotary, None, Alibi")]
    [InlineData("[Transformer(«FeedForward = (FeedForwardKind)(-1)»)]", "FeedForward = -1 is not a value of FeedForwardKind")]
    [InlineData("[Transformer, InputEmbedding(«(EmbeddingKind)19»)]", "Kind = 19 is not a value of EmbeddingKind")]
    [InlineData("[Transformer, OutputHead(«kind: (HeadKind)9»)]", "Kind = 9 is not a value of HeadKind")]
    [InlineData("[Transformer, LearningRateSchedule(«(ScheduleKind)9», DecayFraction = 0.5)]", "Kind = 9 is not a value of ScheduleKind")]
    [InlineData("[Transformer, ByteLevelBpe(«PreTokenization = (PreTokenization)5»)]", "use one of None, Gpt2, Cl100k, O200k, Words")]
    [InlineData("[Transformer, AdamW(«(ParameterGroup)4»)]", "Group = 4 is not a value of ParameterGroup")]
    public void Enumerations_must_have_one_of_their_values(string attributes, string message) =>
        Expect.Diagnostic("EMB0025", message, attributes + " partial class Model;");

    [Theory]
    [InlineData("[Transformer(«LogitSoftCap = double.NaN»)]", "LogitSoftCap is NaN")]
    [InlineData("[Transformer, Training(«ClipNorm = double.PositiveInfinity»)]", "ClipNorm is Infinity")]
    [InlineData("[Transformer, LearningRateSchedule(ScheduleKind.Cosine, «WarmupFraction = 0.0 / 0»)]", "WarmupFraction is NaN")]
    [InlineData("[Transformer, LearningRateSchedule(ScheduleKind.Cosine, «DecayFraction = double.NaN»)]", "DecayFraction is NaN")]
    [InlineData("[Transformer, LearningRateSchedule(ScheduleKind.Constant, «FinalFraction = -1 / 0.0»)]", "FinalFraction is -Infinity")]
    [InlineData("[Transformer, AdamW(«LearningRate = double.PositiveInfinity»)]", "LearningRate is Infinity")]
    [InlineData("[Transformer, AdamW(«Beta1 = double.NaN»)]", "Beta1 is NaN")]
    [InlineData("[Transformer, AdamW(«Beta2 = double.NaN»)]", "Beta2 is NaN")]
    [InlineData("[Transformer, AdamW(«Epsilon = double.NaN»)]", "Epsilon is NaN")]
    [InlineData("[Transformer, AdamW(«WeightDecay = double.NaN»)]", "WeightDecay is NaN")]
    public void Numbers_must_be_finite(string attributes, string message) =>
        Expect.Diagnostic("EMB0026", message, attributes + " partial class Model;");

    [Fact]
    public void A_pattern_must_be_a_regular_expression() =>
        Expect.Diagnostic("EMB0140", "is not a regular expression", """[Transformer, ByteLevelBpe(«Pattern = "("»)] partial class Model;""");

    [Fact]
    public void A_pattern_unlike_the_standard_ones_is_told() =>
        Expect.Diagnostic("EMB0141", "a compiled regular expression cuts text", """[Transformer, ByteLevelBpe(«Pattern = "a+"»)] partial class Model;""");
}
