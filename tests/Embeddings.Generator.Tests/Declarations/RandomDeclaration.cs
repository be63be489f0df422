using System.Globalization;

namespace Embeddings.Generator.Tests.Declarations;

/// <summary>
/// Random declarations, valid and not, as the attributes of a small model.
/// <para>
/// To add a property of an attribute, add one line to <see cref="s_properties"/>: the attribute, the property, how a valid value is drawn
/// (null leaves it unsaid) given what was drawn on the lines above, and values that no declaration may have. A property that the
/// attribute's constructor takes is written with a colon, as <c>"SlidingWindow:Positions"</c>, and stands above the attribute's others. To
/// add an attribute, add its properties. A new value of an enumeration needs nothing, unless it excludes something: then the line of what
/// it excludes looks at <see cref="Choices"/>.
/// </para>
/// </summary>
internal static class RandomDeclaration
{
    private static readonly int[] s_notASize = [0, -1, int.MinValue, int.MaxValue];
    private static readonly double[] s_notFinite = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    private static readonly Property[] s_properties =
    [
        new("Transformer.Positions", c => c.Enum<PositionKind>(), [(PositionKind)99, (PositionKind)(-1)]),
        new("Transformer.Heads", c => c.Integer(1, 4), [.. s_notASize]),
        new("Transformer.Width", c => Width(c.Get("Heads", 4), c), [.. s_notASize, 1]),
        new("Transformer.KeyValueHeads", c => c.Maybe(() => c.One(Divisors(c.Get("Heads", 4)))), [-1, int.MinValue, 7, int.MaxValue]),
        new("Transformer.Layers", c => c.Integer(1, 3), [.. s_notASize]),
        new("Transformer.Context", c => c.Integer(1, 12), [.. s_notASize]),
        new("Transformer.FeedForwardWidth", c => c.Maybe(() => c.Integer(2, 20)), [1, -1, int.MinValue, int.MaxValue]),
        new("Transformer.FeedForwardRatio", c => c.Maybe(() => c.Says("FeedForwardWidth") ? 0.0 : c.Real(1, 4)), [.. s_notFinite, -0.5, 1e9, 1e-9]),
        new("Transformer.Norm", c => c.Maybe(() => c.Enum<NormKind>()), [(NormKind)99]),
        new("Transformer.FeedForward", c => c.Maybe(() => c.Enum<FeedForwardKind>()), [(FeedForwardKind)(-7)]),
        new("Transformer.Biases", c => c.Maybe(() => c.Boolean())),
        new("Transformer.QueryKeyNorm", c => c.Maybe(() => c.Boolean() && c.Get("Width", 0) > c.Get("Heads", 0))),
        new("Transformer.LogitSoftCap", c => c.Maybe(() => c.One(0.0, 2.0, 30.0)), [.. s_notFinite, -0.5, double.MinValue]),
        new("Transformer.EmbeddingNorm", c => c.Maybe(() => c.Boolean())),
        new("Transformer.InputSkip", c => c.Maybe(() => c.Boolean())),
        new("Transformer.ResidualScale", c => c.Maybe(() => c.Real(0.3, 1.5)), [.. s_notFinite, 0.0, -1.0]),
        new("Transformer.Initialization", c => c.Maybe(() => c.Enum<InitializationScheme>()), [(InitializationScheme)77]),

        new("ByteLevelBpe.VocabularySize", c => c.Maybe(() => c.Integer(256, 300)), [0, 255, 262145, int.MaxValue, int.MinValue]),
        new("ByteLevelBpe.PreTokenization", c => c.Says("VocabularySize") ? c.Maybe(() => c.Enum<PreTokenization>()) : null, [(PreTokenization)99]),

        new("OutputHead:Kind", c => c.Maybe(() => c.Enum<HeadKind>()), [(HeadKind)5]),
        new("OutputHead.DecoderWidth", c => c.Is(HeadKind.Bytes) ? c.Maybe(() => c.Integer(2, 20)) : null),
        new("OutputHead.DecoderPositions", c => c.Is(HeadKind.Bytes) ? c.Maybe(() => c.Integer(1, 4)) : null),
        new("InputEmbedding:Kind", c => c.HasTiedHead ? null : c.Maybe(() => c.Enum<EmbeddingKind>()), [(EmbeddingKind)99]),
        new("InputEmbedding.SpellingPositions",
            c => c.Is(EmbeddingKind.Composed) || c.Is(EmbeddingKind.ComposedPermuted) ? c.Maybe(() => c.Integer(1, 5)) : null, [0, 65, int.MinValue]),

        new("InputEmbedding.Rank", c => c.Is(EmbeddingKind.LowRank) ? c.Integer(1, c.Get("Width", 2)) : null),
        new("InputEmbedding.HiddenWidth", c => c.ReadsBytes ? c.Integer(6, 12) : null),
        new("InputEmbedding.BytesRead", c => c.ReadsBytes ? c.Maybe(() => c.Integer(1, 4)) : null),

        new("InputEmbedding.VocabularySize", c => c.HasTiedHead || !c.Says("Kind:InputEmbedding") ? null : c.Maybe(() => c.Integer(2, 300)), [1, -1, 262145],
            Key: "InputVocabulary"),

        new("SecondInputTable:VocabularySize", c => c.Maybe(() => c.Integer(256, 300)), [0, 255, 262145, int.MinValue]),
        new("SuffixRows:VocabularySize",
            c => c.Says("VocabularySize") || c.Says("InputVocabulary") ? null : c.Maybe(() => c.Integer(256, 300)), [0, 255, 262145, int.MinValue]),

        // A prime above every vocabulary here has no factor in common with any.
        new("HashedNgrams:Rows", c => c.Maybe(() => c.One(307, 401)), [.. s_notASize]),
        new("HashedNgrams.Order", c => c.Says("Rows:HashedNgrams") ? c.Maybe(() => c.Integer(2, 4)) : null, [1, 9, int.MinValue]),

        new("SlidingWindow:Positions", c => c.Maybe(() => c.Integer(1, c.Get("Context", 1))), [.. s_notASize]),
        new("SlidingWindow.Pattern", c => c.Says("Positions:SlidingWindow") ? c.Maybe(() => c.One("L", "LG", "GLL")) : null, ["", "X", "G", "L G"]),

        new("ValueEmbeddings:Pattern", c => c.Maybe(() => c.One("V", "VN", "VVN")), ["", "N", "v", "VX", "V N"]),

        new("FutureTargets:Count", c => c.Get("Context", 1) > 1 ? c.Maybe(() => c.Integer(1, Math.Min(3, c.Get("Context", 1) - 1))) : null, [.. s_notASize, 17]),
        new("FutureTargets.Kind", c => c.Says("Count:FutureTargets") ? c.Maybe(() => c.Enum<FutureHeadKind>()) : null, [(FutureHeadKind)9]),
        new("FutureTargets.Weight", c => c.Says("Count:FutureTargets") ? c.Maybe(() => c.Real(0.1, 1)) : null, [.. s_notFinite, 0.0, -1.0]),
        new("FutureTargets.Falloff", c => c.Says("Count:FutureTargets") ? c.Maybe(() => c.One(0.5, 1.0)) : null, [.. s_notFinite, 0.0, 1.5]),

        new("Training.BatchSize", c => c.Integer(2, 3), [.. s_notASize]),
        new("Training.AccumulationSteps", c => c.Maybe(() => c.Integer(1, 3)), [.. s_notASize]),
        new("Training.ClipNorm", c => c.Maybe(() => c.One(0.0, 0.5, 1.0)), [.. s_notFinite, -1.0]),

        new("LearningRateSchedule:Kind", c => c.Maybe(() => c.Enum<ScheduleKind>()), [(ScheduleKind)99]),
        new("LearningRateSchedule.WarmupFraction", c => c.Says("Kind:LearningRateSchedule") ? c.Maybe(() => c.Real(0, 0.3)) : null, [.. s_notFinite, -0.1, 1.0]),
        new("LearningRateSchedule.DecayFraction", c => c.Is(ScheduleKind.WarmupStableDecay) ? c.Maybe(() => c.Real(0.1, 0.6)) : null, [.. s_notFinite, 0.0, 1.1]),
        new("LearningRateSchedule.FinalFraction",
            c => c.Is(ScheduleKind.WarmupStableDecay) || c.Is(ScheduleKind.Cosine) ? c.Maybe(() => c.Real(0, 1)) : null, [.. s_notFinite, -0.1, 1.1]),

        new("AdamW.LearningRate", c => c.Real(3e-4, 2e-3), [.. s_notFinite, 0.0, -1.0]),
        new("AdamW.Beta1", c => c.Maybe(() => c.Real(0.5, 0.95)), [.. s_notFinite, -0.1, 1.0]),
        new("AdamW.Beta2", c => c.Maybe(() => c.Real(0.9, 0.999)), [.. s_notFinite, -0.1, 1.0]),
        new("AdamW.Epsilon", c => c.Maybe(() => c.One(1e-8, 1e-6)), [.. s_notFinite, 0.0, -1.0]),
        new("AdamW.WeightDecay", c => c.Maybe(() => c.Real(0, 0.2)), [.. s_notFinite, -0.1]),

        new("GradientRoutes.ForwardMixing", c => c.Says("Positions:SlidingWindow") ? null : c.Maybe(() => c.Boolean())),
        new("GradientRoutes.BackwardMixing", c => c.Maybe(() => c.Rarely(false))),
        new("GradientRoutes.Table",
            c => c.HasTiedHead || c.HasFrozenRows || !c.Get("ForwardMixing", true) || !c.Get("BackwardMixing", true)
                ? null : c.Maybe(() => c.EnumBut<TableGradient>(c.Says("Count:FutureTargets") ? TableGradient.CrossPositionPermuted : null)),
            [(TableGradient)99]),
        new("GradientRoutes.Distance", c => c.Is(TableGradient.Nearby) ? c.Integer(0, c.Get("Context", 1) - 1) : null),
        new("GradientRoutes.TableStopsAfter",
            c => c.HasTiedHead || c.HasFrozenRows || c.Is(TableGradient.None) ? null : c.Maybe(() => c.Integer(0, 3)), [-1, int.MinValue]),
        new("GradientRoutes.StopQueries", c => c.Maybe(() => c.Rarely(true))),
        new("GradientRoutes.StopKeys", c => c.Maybe(() => c.Rarely(true))),
        new("GradientRoutes.StopValues", c => c.Maybe(() => c.Rarely(true))),

        new("Capture:Points", c => c.Maybe(() => (CapturePoints)c.Integer(0, c.Is(HeadKind.Bytes) ? 3 : 7)), [(CapturePoints)8]),

        new("Training.Recompute", c => c.Is(TableGradient.Nearby) ? null : c.Maybe(() => c.Boolean())),
    ];

    /// <summary>A declaration that has no diagnostic, as attributes.</summary>
    public static string Valid(int seed) => Print(Draw(seed));

    /// <summary>A valid declaration in which one value is replaced by one that no declaration may have.</summary>
    public static string Invalid(int seed)
    {
        Choices choices = Draw(seed);
        Property[] breakable = [.. s_properties.Where(each => each.Wrong.Length > 0)];
        Property broken = choices.One(breakable);
        choices.Set(broken, choices.One(broken.Wrong));
        if (!broken.IsArgument)
        {
            // An attribute that was unsaid needs the argument of its constructor.
            foreach (Property argument in s_properties.Where(each => each.IsArgument && each.Attribute == broken.Attribute && !choices.Says(each.Key)))
            {
                choices.Set(argument, argument.Wrong.Length > 0 ? choices.One(argument.Wrong) : 0);
            }
        }

        return Print(choices);
    }

    private static Choices Draw(int seed)
    {
        var choices = new Choices(new Random(seed));
        foreach (Property property in s_properties)
        {
            if (property.Draw(choices) is { } value)
            {
                choices.Set(property, value);
            }
        }

        return choices;
    }

    private static string Print(Choices choices) => string.Concat(s_properties
        .Where(property => choices.Says(property.Key))
        .GroupBy(property => property.Attribute)
        .Select(attribute => $"[{attribute.Key}({string.Join(", ", attribute.OrderByDescending(property => property.IsArgument).Select(property =>
            (property.IsArgument ? "" : property.Name + " = ") + Text(choices.Value(property.Key))))})]\n"));

    private static string Text(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        int number => number == int.MinValue ? "int.MinValue" : number.ToString(CultureInfo.InvariantCulture),
        double.NaN => "double.NaN",
        double.PositiveInfinity => "double.PositiveInfinity",
        double.NegativeInfinity => "double.NegativeInfinity",
        double number => number.ToString("R", CultureInfo.InvariantCulture) + "d",
        string text => $"\"{text}\"",
        Enum kind => $"({kind.GetType().Name})({Convert.ToInt32(kind, CultureInfo.InvariantCulture)})",
        _ => throw new ArgumentException($"{value} has no text."),
    };

    /// <summary>A norm over two channels is a sign, which jumps as a model trains; six are a norm.</summary>
    private static int Width(int heads, Choices c)
    {
        int headWidth = c.Integer(heads == 1 ? 6 : heads == 2 ? 3 : 2, 8);
        return heads * (c.Is(PositionKind.Rotary) ? headWidth + headWidth % 2 : headWidth);
    }

    private static int[] Divisors(int number) => [.. Enumerable.Range(0, number + 1).Where(divisor => divisor == 0 || number % divisor == 0)];

    /// <summary>One line of the table.</summary>
    /// <param name="Place">Attribute and property, with a colon between them where the constructor takes it.</param>
    /// <param name="Draw">A valid value, or null to leave it unsaid.</param>
    /// <param name="Values">Values that are wrong whatever else is said.</param>
    /// <param name="Key">What the value is found by, where the name is another property's too.</param>
    private sealed record Property(string Place, Func<Choices, object?> Draw, object[]? Values = null, string? Key = null)
    {
        public string Attribute => Place.Split('.', ':')[0];

        public string Name => Place.Split('.', ':')[1];

        public bool IsArgument => Place.Contains(':');

        /// <summary>Its name, and that of its attribute where the name alone is not unique.</summary>
        public string Key { get; } = Key ?? (Place.Contains(':') ? $"{Place.Split(':')[1]}:{Place.Split(':')[0]}" : Place.Split('.')[1]);

        public object[] Wrong => Values ?? [];
    }

    /// <summary>What was drawn so far, and how to draw more.</summary>
    internal sealed class Choices(Random random)
    {
        private readonly Dictionary<string, object> _values = [];

        /// <summary>Whether the head is the input table, for some of the steps at least.</summary>
        public bool HasTiedHead => Is(HeadKind.Tied) || Is(HeadKind.TiedThenUntied);

        /// <summary>Whether input rows are never trained.</summary>
        public bool HasFrozenRows => Is(EmbeddingKind.FrozenRandom) || Is(EmbeddingKind.FrozenBinary);

        /// <summary>Whether input rows are computed from bytes one by one.</summary>
        public bool ReadsBytes => Is(EmbeddingKind.Recurrent) || Is(EmbeddingKind.Convolutional);

        public bool Says(string key) => _values.ContainsKey(key);

        public object Value(string key) => _values[key];

        public T Get<T>(string key, T whenUnsaid) => _values.TryGetValue(key, out object? value) ? (T)value : whenUnsaid;

        /// <summary>Whether a value of an enumeration was drawn somewhere.</summary>
        public bool Is<T>(T kind)
            where T : struct, Enum => _values.ContainsValue(kind);

        public object? Maybe(Func<object?> draw) => random.Next(2) == 0 ? null : draw();

        public int Integer(int smallest, int largest) => random.Next(smallest, largest + 1);

        public double Real(double smallest, double largest) => Math.Round(smallest + (largest - smallest) * random.NextDouble(), 6);

        public bool Boolean() => random.Next(2) == 0;

        /// <summary>A value in one case of four, so that most declarations keep the gradient of their loss.</summary>
        public bool Rarely(bool value) => random.Next(4) == 0 ? value : !value;

        public T One<T>(params T[] values) => values[random.Next(values.Length)];

        public T Enum<T>()
            where T : struct, Enum => One(System.Enum.GetValues<T>());

        /// <summary>A value of an enumeration, but not this one.</summary>
        public T EnumBut<T>(T? excluded)
            where T : struct, Enum => One([.. System.Enum.GetValues<T>().Where(value => !value.Equals(excluded))]);

        internal void Set(object property, object value) => _values[((Property)property).Key] = value;
    }
}
