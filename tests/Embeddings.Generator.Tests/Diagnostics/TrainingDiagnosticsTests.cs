namespace Embeddings.Generator.Tests.Diagnostics;

public sealed class TrainingDiagnosticsTests
{
    [Theory]
    [InlineData("«LearningRate = 0»", "LearningRate is 0; give a number above 0")]
    [InlineData("«LearningRate = -1e-3»", "LearningRate is -0.001")]
    [InlineData("ParameterGroup.Body, «LearningRate = -2»", "LearningRate is -2")]
    public void The_learning_rate_must_be_positive(string arguments, string message) =>
        Expect.Diagnostic("EMB0201", message, $"[Transformer, AdamW({arguments})] partial class Model;");

    [Fact]
    public void A_rate_that_every_group_overrides_must_be_positive_too() =>
        Expect.Diagnostic(
            "EMB0201", "LearningRate is -1", """
            [Transformer]
            [AdamW(«LearningRate = -1»)]
            [AdamW(ParameterGroup.InputEmbedding, LearningRate = 1)]
            [AdamW(ParameterGroup.OutputHead, LearningRate = 1)]
            [AdamW(ParameterGroup.Body, LearningRate = 1)]
            partial class Model;
            """);

    [Theory]
    [InlineData("«Beta1 = 1»", "Beta1 is 1; give a number from 0 to below 1")]
    [InlineData("«Beta1 = -0.1»", "Beta1 is -0.1")]
    [InlineData("«Beta2 = 1.5»", "Beta2 is 1.5")]
    [InlineData("«Beta2 = -1»", "Beta2 is -1")]
    public void Betas_must_be_in_range(string argument, string message) =>
        Expect.Diagnostic("EMB0202", message, $"[Transformer, AdamW({argument})] partial class Model;");

    [Theory]
    [InlineData("«Epsilon = 0»", "Epsilon is 0")]
    [InlineData("«Epsilon = -1e-8»", "Epsilon is -1E-08")]
    public void Epsilon_must_be_positive(string argument, string message) =>
        Expect.Diagnostic("EMB0203", message, $"[Transformer, AdamW({argument})] partial class Model;");

    [Fact]
    public void The_weight_decay_must_not_be_negative() =>
        Expect.Diagnostic("EMB0204", "WeightDecay is -0.1", "[Transformer, AdamW(«WeightDecay = -0.1»)] partial class Model;");

    [Theory]
    [InlineData("EMB0205", "«WarmupFraction = 1»", "WarmupFraction is 1; give a share of the run from 0 to below 1")]
    [InlineData("EMB0205", "«WarmupFraction = -0.1»", "WarmupFraction is -0.1")]
    [InlineData("EMB0206", "«DecayFraction = 0»", "DecayFraction is 0; give a share of the run above 0 and up to 1")]
    [InlineData("EMB0206", "«DecayFraction = 1.5»", "DecayFraction is 1.5")]
    [InlineData("EMB0207", "«FinalFraction = -0.5»", "FinalFraction is -0.5; give a share of the peak learning rate from 0 to 1")]
    [InlineData("EMB0207", "«FinalFraction = 2»", "FinalFraction is 2")]
    public void Fractions_of_the_schedule_must_be_in_range(string id, string argument, string message) =>
        Expect.Diagnostic(id, message, $"[Transformer, LearningRateSchedule(ScheduleKind.WarmupStableDecay, {argument})] partial class Model;");

    [Theory]
    [InlineData("(ScheduleKind.WarmupStableDecay, WarmupFraction = 0.5, «DecayFraction = 0.75»)", "WarmupFraction 0.5 and DecayFraction 0.75")]
    [InlineData("(ScheduleKind.WarmupStableDecay, «WarmupFraction = 0.9»)", "WarmupFraction 0.9 and DecayFraction 0.2")]
    [InlineData("(ScheduleKind.WarmupStableDecay, «DecayFraction = 1»)", "WarmupFraction 0.05 and DecayFraction 1")]
    public void Warm_up_and_decay_must_not_overlap(string arguments, string message) =>
        Expect.Diagnostic("EMB0208", message, $"[Transformer, LearningRateSchedule{arguments}] partial class Model;");

    [Fact]
    public void A_variant_that_makes_them_overlap_is_underlined_there() =>
        Expect.Diagnostic(
            "EMB0208", "WarmupFraction 0.9 and DecayFraction 0.2",
            "[Transformer, LearningRateSchedule(ScheduleKind.Cosine, WarmupFraction = 0.9)] partial class Baseline;",
            "[VariantOf<Baseline>, LearningRateSchedule(«ScheduleKind.WarmupStableDecay»)] partial class Model;");

    [Fact]
    public void Warm_up_and_decay_may_fill_the_run() =>
        Expect.None(
            "[Transformer, LearningRateSchedule(ScheduleKind.WarmupStableDecay, WarmupFraction = 0.1, DecayFraction = 0.9)] partial class A;",
            "[Transformer, LearningRateSchedule(ScheduleKind.WarmupStableDecay, WarmupFraction = 0, DecayFraction = 1)] partial class B;");

    [Theory]
    [InlineData("(ScheduleKind.Cosine, «DecayFraction = 0.5»)", "DecayFraction has no effect on schedule Cosine; remove it or use WarmupStableDecay")]
    [InlineData("(ScheduleKind.Constant, «DecayFraction = 0.5»)", "DecayFraction has no effect on schedule Constant")]
    [InlineData("(ScheduleKind.Constant, «FinalFraction = 0.5»)", "FinalFraction has no effect on schedule Constant; remove it or use Cosine, Linear or WarmupStableDecay")]
    public void Settings_of_another_schedule_are_warned_of(string arguments, string message) =>
        Expect.Diagnostic("EMB0209", message, $"[Transformer, LearningRateSchedule{arguments}] partial class Model;");

    [Fact]
    public void The_norm_to_clip_at_must_not_be_negative() =>
        Expect.Diagnostic("EMB0210", "ClipNorm is -1", "[Transformer, Training(«ClipNorm = -1»)] partial class Model;");

    [Fact]
    public void The_optimizer_of_a_tied_head_is_warned_of() =>
        Expect.Diagnostic(
            "EMB0211", "the tied head has no parameters of its own",
            "[Transformer, OutputHead(HeadKind.Tied), AdamW(«ParameterGroup.OutputHead», LearningRate = 1)] partial class Model;");

    [Fact]
    public void The_optimizer_of_a_frozen_embedding_is_warned_of() =>
        Expect.Diagnostic(
            "EMB0212", "FrozenRandom rows are never trained",
            "[Transformer, InputEmbedding(EmbeddingKind.FrozenRandom), AdamW(«ParameterGroup.InputEmbedding»)] partial class Model;");

    [Fact]
    public void Inherited_settings_without_effect_are_not_warned_of() =>
        Expect.None(
            """
            [Transformer, AdamW(ParameterGroup.OutputHead), AdamW(ParameterGroup.InputEmbedding)]
            [LearningRateSchedule(ScheduleKind.WarmupStableDecay, DecayFraction = 0.5, FinalFraction = 0)]
            partial class Baseline;
            """,
            "[VariantOf<Baseline>, OutputHead(HeadKind.Tied), LearningRateSchedule(ScheduleKind.Constant)] partial class Tied;",
            "[VariantOf<Baseline>, InputEmbedding(EmbeddingKind.FrozenRandom)] partial class Frozen;");

    [Fact]
    public void A_pass_must_not_have_too_many_tokens() =>
        Expect.Diagnostic(
            "EMB0213", "BatchSize 1024 times Context 32768 is 33554432 tokens in one pass; make it at most 16777216",
            "[Transformer(Context = 32768), Training(«BatchSize = 1024»)] partial class Model;");

    [Fact]
    public void A_variant_whose_context_makes_a_pass_too_long_is_underlined_there() =>
        Expect.Diagnostic(
            "EMB0213", "BatchSize 32 times Context 1048576",
            "[Transformer, Training(BatchSize = 32)] partial class Baseline;",
            "[VariantOf<Baseline>, Transformer(«Context = 1048576»)] partial class Model;");

    [Fact]
    public void A_pass_may_have_as_many_tokens_as_allowed() =>
        Expect.None("[Transformer(Context = 1048576), Training(BatchSize = 16)] partial class Model;");
}
