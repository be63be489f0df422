using System.Collections;
using System.Reflection;
using Embeddings.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Tests.Incrementality;

public sealed class ModelTests
{
    private const string Source = """
        [Transformer] partial class Baseline;
        [VariantOf<Baseline>, InputEmbedding(EmbeddingKind.Table, SpellingPositions = 4)] partial class Warned;
        """;

    [Fact]
    public void The_pipeline_holds_neither_symbols_nor_syntax_nor_locations()
    {
        GeneratorRun run = GeneratorHarness.Run(Source);

        foreach (string step in Pipeline.ValueSteps)
        {
            object[] values = run.ValuesOf(step).ToArray();
            Assert.NotEmpty(values);
            Assert.Empty(values.SelectMany(value => Forbidden(value, step, [])));
        }
    }

    [Fact]
    public void The_branch_of_diagnostics_holds_locations_and_this_test_sees_them()
    {
        GeneratorRun run = GeneratorHarness.Run(Source);

        IEnumerable<string> found = run.ValuesOf(EmbeddingsGenerator.Steps.Diagnostics).SelectMany(value => Forbidden(value, "Diagnostics", []));

        Assert.Contains(found, path => path.Contains("Location"));
    }

    [Fact]
    public void Equal_declarations_have_equal_specs()
    {
        ModelSpec one = GeneratorHarness.Parse("[Transformer(Layers = 2), AdamW(LearningRate = 0.5)] partial class Model;")["Model"];
        ModelSpec two = GeneratorHarness.Parse("[AdamW(LearningRate = 0.5)]\n\n[Transformer(Layers = 2)] partial class Model { }")["Model"];

        Assert.NotSame(one, two);
        Assert.Equal(one, two);
        Assert.Equal(one.GetHashCode(), two.GetHashCode());
    }

    [Theory]
    [InlineData("[Transformer(Layers = 5)]")]
    [InlineData("[Transformer(Width = 64)]")]
    [InlineData("[Transformer(Heads = 2)]")]
    [InlineData("[Transformer(KeyValueHeads = 2)]")]
    [InlineData("[Transformer(Context = 64)]")]
    [InlineData("[Transformer(FeedForwardWidth = 64)]")]
    [InlineData("[Transformer(Norm = NormKind.RmsNorm)]")]
    [InlineData("[Transformer(Positions = PositionKind.None)]")]
    [InlineData("[Transformer(FeedForward = FeedForwardKind.SquaredRelu)]")]
    [InlineData("[Transformer(Biases = false)]")]
    [InlineData("[Transformer(QueryKeyNorm = true)]")]
    [InlineData("[Transformer(LogitSoftCap = 30)]")]
    [InlineData("[Transformer(EmbeddingNorm = true)]")]
    [InlineData("[Transformer, InputEmbedding(EmbeddingKind.ByteSum)]")]
    [InlineData("[Transformer, OutputHead(HeadKind.Tied)]")]
    [InlineData("[Transformer, ByteLevelBpe(VocabularySize = 256)]")]
    [InlineData("[Transformer, Training(BatchSize = 1)]")]
    [InlineData("[Transformer, Training(AccumulationSteps = 2)]")]
    [InlineData("[Transformer, Training(ClipNorm = 0.5)]")]
    [InlineData("[Transformer, LearningRateSchedule(ScheduleKind.Constant)]")]
    [InlineData("[Transformer, LearningRateSchedule(ScheduleKind.Cosine, WarmupFraction = 0)]")]
    [InlineData("[Transformer, LearningRateSchedule(ScheduleKind.Cosine, FinalFraction = 0)]")]
    [InlineData("[Transformer, AdamW(LearningRate = 1)]")]
    [InlineData("[Transformer, AdamW(ParameterGroup.OutputHead, LearningRate = 1)]")]
    [InlineData("[Transformer, AdamW(ParameterGroup.Body, WeightDecay = 0)]")]
    [InlineData("[Transformer(InputSkip = true)]")]
    [InlineData("[Transformer, HashedNgrams(101)]")]
    [InlineData("[Transformer, SuffixRows(300)]")]
    [InlineData("[Transformer, InputEmbedding(EmbeddingKind.Table, VocabularySize = 300)]")]
    [InlineData("[Transformer, OutputHead(HeadKind.TiedThenUntied)]")]
    [InlineData("[Transformer, Muon(ParameterGroup.Body)]")]
    [InlineData("[Transformer, AdamW(WarmupSteps = 3)]")]
    [InlineData("[Transformer, AdamW(RateRule = RateRule.TimesWidth)]")]
    [InlineData("[Transformer(ResidualScale = 2)]")]
    [InlineData("[Transformer(FeedForwardRatio = 2)]")]
    [InlineData("[Transformer(Initialization = InitializationScheme.He)]")]
    [InlineData("[Transformer, SlidingWindow(4)]")]
    [InlineData("[Transformer, Capture(CapturePoints.States)]")]
    [InlineData("[Transformer, GradientRoutes(Table = TableGradient.OwnPosition)]")]
    [InlineData("[Transformer, GradientRoutes(TableStopsAfter = 3)]")]
    [InlineData("[Transformer, GradientRoutes(StopKeys = true)]")]
    public void Another_declaration_has_another_spec(string attributes)
    {
        ModelSpec plain = GeneratorHarness.Parse("[Transformer] partial class Model;")["Model"];
        ModelSpec other = GeneratorHarness.Parse(attributes + " partial class Model;")["Model"];

        Assert.NotEqual(plain, other);
    }

    [Fact]
    public void Arrays_compare_by_their_items()
    {
        Assert.Equal(EquatableArray.Of("a", "b"), EquatableArray.Of("a", "b"));
        Assert.Equal(EquatableArray.Of("a", "b").GetHashCode(), EquatableArray.Of("a", "b").GetHashCode());
        Assert.NotEqual(EquatableArray.Of("a", "b"), EquatableArray.Of("b", "a"));
        Assert.NotEqual(EquatableArray.Of("a"), EquatableArray.Of("a", "b"));
        Assert.Equal(default, EquatableArray.Of<string>());
    }

    /// <summary>Walks every field of a value and everything it holds; returns the paths to what must not be kept.</summary>
    private static IEnumerable<string> Forbidden(object? value, string path, HashSet<object> seen)
    {
        switch (value)
        {
            case null or string or Enum:
                return [];
            case ISymbol or SyntaxNode or SyntaxTree or SyntaxReference or Compilation or SemanticModel or Location or AttributeData:
                return [$"{path}: {value.GetType().Name}"];
        }

        Type type = value.GetType();
        if (type.IsPrimitive || (!type.IsValueType && !seen.Add(value)))
        {
            return [];
        }

        if (value is IEnumerable items)
        {
            return items.Cast<object?>().SelectMany((item, index) => Forbidden(item, $"{path}[{index}]", seen));
        }

        var fields = new List<FieldInfo>();
        for (Type? each = type; each is not null; each = each.BaseType)
        {
            fields.AddRange(each.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly));
        }

        return fields.SelectMany(field => Forbidden(field.GetValue(value), $"{path}.{field.Name}", seen));
    }
}
