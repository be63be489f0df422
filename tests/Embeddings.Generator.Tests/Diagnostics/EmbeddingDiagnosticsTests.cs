namespace Embeddings.Generator.Tests.Diagnostics;

public sealed class EmbeddingDiagnosticsTests
{
    [Theory]
    [InlineData("«Rank = 0»", "Rank is 0; give a number from 1 to Width 64")]
    [InlineData("«Rank = 65»", "Rank is 65")]
    public void The_rank_must_be_at_most_the_width(string argument, string message) =>
        Expect.Diagnostic("EMB0116", message, $"[Transformer(Width = 64), InputEmbedding(EmbeddingKind.LowRank, {argument})] partial class Model;");

    [Theory]
    [InlineData("InputEmbedding(EmbeddingKind.Table, «Rank = 4»)", "Table rows have none; use LowRank")]
    [InlineData("InputEmbedding(EmbeddingKind.Composed, «HiddenWidth = 4»)", "Composed rows have none; use Recurrent or Convolutional")]
    [InlineData("InputEmbedding(EmbeddingKind.Table, «BytesRead = 4»)", "Table rows have none; use Recurrent or Convolutional")]
    [InlineData("OutputHead(HeadKind.Untied, «UntiesAfter = 4»)", "a Untied head stays so; use TiedThenUntied")]
    public void Settings_without_effect_are_warned_of(string attribute, string message) =>
        Expect.Diagnostic("EMB0117", message, $"[Transformer, {attribute}] partial class Model;");

    [Theory]
    [InlineData("Recurrent", "«HiddenWidth = 1»", "HiddenWidth = 1")]
    [InlineData("Convolutional", "«HiddenWidth = 65537»", "HiddenWidth")]
    [InlineData("Recurrent", "«BytesRead = 0»", "BytesRead")]
    [InlineData("Convolutional", "«BytesRead = 33»", "BytesRead")]
    public void Rows_of_bytes_must_have_a_size(string kind, string argument, string named) =>
        Expect.Diagnostic("EMB0101", named.Split(' ')[0], $"[Transformer, InputEmbedding(EmbeddingKind.{kind}, {argument})] partial class Model;");

    [Theory]
    [InlineData("«VocabularySize = 1»")]
    [InlineData("«VocabularySize = 262145»")]
    public void The_input_vocabulary_must_be_in_range(string argument) =>
        Expect.Diagnostic(
            "EMB0118", "give a number from 2 to 262144", $"[Transformer, InputEmbedding(EmbeddingKind.Table, {argument})] partial class Model;");

    [Fact]
    public void A_tied_head_needs_one_vocabulary() =>
        Expect.Diagnostic(
            "EMB0119", "use HeadKind.Untied or remove VocabularySize",
            "[Transformer, OutputHead(HeadKind.Tied), InputEmbedding(EmbeddingKind.Table, «VocabularySize = 500»)] partial class Model;");

    [Theory]
    [InlineData("«0»")]
    [InlineData("«16777217»")]
    public void N_gram_rows_must_be_in_range(string argument) =>
        Expect.Diagnostic("EMB0120", "give a number from 1 to 16777216", $"[Transformer, HashedNgrams({argument})] partial class Model;");

    [Theory]
    [InlineData("", "«1024»", "1024 n-gram rows and a vocabulary of 256 have the factor 256 in common, so that n-grams collide by their last tokens; use 1025")]
    [InlineData(", ByteLevelBpe(VocabularySize = 999)", "«15»", "have the factor 3 in common, so that n-grams collide by their last tokens; use 16")]
    [InlineData(", InputEmbedding(EmbeddingKind.Table, VocabularySize = 7)", "«14»", "a vocabulary of 7 have the factor 7")]
    public void N_gram_rows_must_have_no_factor_in_common_with_the_vocabulary(string more, string argument, string message) =>
        Expect.Diagnostic("EMB0121", message, $"[Transformer{more}, HashedNgrams({argument})] partial class Model;");

    [Fact]
    public void A_variant_whose_vocabulary_brings_the_factor_is_underlined_there() =>
        Expect.Diagnostic(
            "EMB0121", "1025 n-gram rows and a vocabulary of 1025",
            "[Transformer, HashedNgrams(1025)] partial class Baseline;",
            "[VariantOf<Baseline>, ByteLevelBpe(«VocabularySize = 1025»)] partial class Model;");

    [Theory]
    [InlineData("«Order = 1»")]
    [InlineData("«Order = 9»")]
    public void The_order_of_n_grams_must_be_in_range(string argument) =>
        Expect.Diagnostic("EMB0122", "give a number from 2 to 8", $"[Transformer, HashedNgrams(101, {argument})] partial class Model;");

    [Theory]
    [InlineData("«255»")]
    [InlineData("«262145»")]
    public void The_vocabulary_of_suffixes_must_be_in_range(string argument) =>
        Expect.Diagnostic("EMB0123", "give a number from 256", $"[Transformer, SuffixRows({argument})] partial class Model;");

    [Theory]
    [InlineData("ByteLevelBpe(VocabularySize = 300)")]
    [InlineData("InputEmbedding(EmbeddingKind.Table, VocabularySize = 300)")]
    public void Suffix_rows_need_bytes(string attribute) =>
        Expect.Diagnostic("EMB0124", "declare [Bytes]", $"[Transformer, {attribute}, SuffixRows(«512»)] partial class Model;");

    [Theory]
    [InlineData("255")]
    [InlineData("262145")]
    public void The_second_vocabulary_must_be_in_range(string size) => Expect.Diagnostic(
        "EMB0155", $"The second input vocabulary has {size} entries; give a number from 256", $"[Transformer, SecondInputTable(«{size}»)] partial class Model;");

    [Fact]
    public void A_head_is_untied_after_a_step() =>
        Expect.Diagnostic(
            "EMB0125", "UntiesAfter is 0", "[Transformer, OutputHead(HeadKind.TiedThenUntied, «UntiesAfter = 0»)] partial class Model;");

    [Theory]
    [InlineData("FrozenBinary")]
    [InlineData("LowRank")]
    [InlineData("TableAndComposed")]
    public void A_head_that_starts_tied_needs_a_learned_table(string kind) =>
        Expect.Diagnostic(
            "EMB0108", $"{kind} embeddings have no learned table",
            $"[Transformer, InputEmbedding(EmbeddingKind.{kind}), OutputHead(«HeadKind.TiedThenUntied»)] partial class Model;");

    [Fact]
    public void Frozen_codes_have_neither_an_optimizer_nor_a_route()
    {
        Expect.Diagnostic(
            "EMB0212", "FrozenBinary rows are never trained",
            "[Transformer, InputEmbedding(EmbeddingKind.FrozenBinary), AdamW(«ParameterGroup.InputEmbedding»)] partial class Model;");
        Expect.Diagnostic(
            "EMB0302", "FrozenBinary rows are never trained",
            "[Transformer, InputEmbedding(EmbeddingKind.FrozenBinary), GradientRoutes(«Table = TableGradient.OwnPosition»)] partial class Model;");
    }

    [Theory]
    [InlineData("AdamW(«WarmupSteps = -1»)", "EMB0214", "WarmupSteps is -1")]
    [InlineData("AdamW(«RateRule = (RateRule)7»)", "EMB0025", "RateRule = 7")]
    [InlineData("Muon(ParameterGroup.Body, «Iterations = 0»)", "EMB0215", "Iterations is 0; give a number from 1 to 20")]
    [InlineData("Muon(ParameterGroup.Body, «LearningRate = 0»)", "EMB0201", "LearningRate is 0")]
    [InlineData("Muon(ParameterGroup.Body, «Momentum = 1»)", "EMB0202", "Momentum is 1")]
    [InlineData("Muon(ParameterGroup.Body, «WeightDecay = -1»)", "EMB0204", "WeightDecay is -1")]
    [InlineData("Muon(ParameterGroup.Body, «Momentum = double.NaN»)", "EMB0026", "Momentum is NaN")]
    [InlineData("Muon(«(ParameterGroup)9»)", "EMB0025", "Group = 9")]
    [InlineData("Muon(ParameterGroup.Body), Muon(«ParameterGroup.Body»)", "EMB0024", "declares Muon for parameter group Body twice")]
    [InlineData("OutputHead(HeadKind.Tied), Muon(«ParameterGroup.OutputHead»)", "EMB0211", "has no effect")]
    public void Optimizer_settings_must_hold(string attribute, string id, string message) =>
        Expect.Diagnostic(id, message, $"[Transformer, {attribute}] partial class Model;");

    [Fact]
    public void Valid_options_are_accepted() => Expect.None(
        "[Transformer, HashedNgrams(1021, Order = 3), SuffixRows(4096), InputEmbedding(EmbeddingKind.LowRank, Rank = 8)] partial class A;",
        "[Transformer, OutputHead(HeadKind.TiedThenUntied, UntiesAfter = 50), Muon(ParameterGroup.All), AdamW(WarmupSteps = 10)] partial class B;",
        "[Transformer, InputEmbedding(EmbeddingKind.TableAndComposed, SpellingPositions = 4), LearningRateSchedule(ScheduleKind.Linear)] partial class C;");
}
