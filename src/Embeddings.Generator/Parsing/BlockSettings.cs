using System;
using System.Linq;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Parsing;

/// <summary>The resolved options of the repeated block, of <c>[Transformer]</c> and <c>[SlidingWindow]</c>.</summary>
internal sealed record BlockSettings(
    Setting<int> Window,
    Setting<string> WindowPattern,
    Setting<double> FeedForwardRatio,
    Setting<bool> InputSkip,
    Setting<double> ResidualScale,
    Setting<InitializationScheme> Initialization,
    Setting<string> ValueTables)
{
    private const char Local = 'L';
    private const char Global = 'G';
    private const char Table = 'V';
    private const char NoTable = 'N';

    public static BlockSettings Read(InheritanceChain chain)
    {
        Application[] transformer = chain.Applications(typeof(TransformerAttribute)).ToArray();
        Application[] window = chain.Applications(typeof(SlidingWindowAttribute)).ToArray();
        TransformerAttribute defaults = Defaults.Transformer;
        return new BlockSettings(
            Setting<int>.Resolve(window, nameof(SlidingWindowAttribute.Positions), 0),
            Setting<string>.Resolve(window, nameof(SlidingWindowAttribute.Pattern), Defaults.SlidingWindow.Pattern),
            Setting<double>.Resolve(transformer, nameof(defaults.FeedForwardRatio), defaults.FeedForwardRatio),
            Setting<bool>.Resolve(transformer, nameof(defaults.InputSkip), defaults.InputSkip),
            Setting<double>.Resolve(transformer, nameof(defaults.ResidualScale), defaults.ResidualScale),
            Setting<InitializationScheme>.Resolve(transformer, nameof(defaults.Initialization), defaults.Initialization),
            Said(chain.Applications(typeof(ValueEmbeddingsAttribute)).FirstOrDefault(), nameof(ValueEmbeddingsAttribute.Pattern)));
    }

    /// <summary>A text that an attribute must say: where it is null, it is said to be empty.</summary>
    private static Setting<string> Said(Application? application, string name) =>
        new(name, application is not null && application.TryGet(name, out string value) ? value : "", application);

    /// <summary>Whether any layer has a window.</summary>
    public bool HasWindow => Window.Origin is not null;

    /// <summary>Whether the pattern is made of its two letters, the window among them.</summary>
    public bool PatternHolds =>
        WindowPattern.Value is { } pattern && pattern.Contains(Local) && pattern.All(letter => letter is Local or Global);

    /// <summary>Whether any layer has a table of value rows.</summary>
    public bool HasValueTables => ValueTables.Origin is not null;

    /// <summary>Whether the pattern of tables is made of its two letters and gives a table to at least one of so many layers.</summary>
    public bool ValuePatternHolds(int layers) =>
        ValueTables.Value.All(letter => letter is Table or NoTable) && ValueTables.Value.Take(layers).Contains(Table);

    /// <summary>For each layer the number of its table, or −1.</summary>
    private EquatableArray<int> TablesByLayer(int layers)
    {
        int tables = 0;
        return new EquatableArray<int>(Enumerable.Range(0, layers)
            .Select(layer => ValueTables.Value[layer % ValueTables.Value.Length] == Table ? tables++ : -1).ToArray());
    }

    /// <summary>The spec with these options, once the rules hold.</summary>
    public ArchitectureSpec AddTo(ArchitectureSpec spec) => spec with
    {
        FeedForwardWidth = FeedForwardRatio.Value > 0 ? (int)Math.Ceiling(FeedForwardRatio.Value * spec.Width) : spec.FeedForwardWidth,
        Windows = HasWindow
            ? new EquatableArray<int>(Enumerable.Range(0, spec.Layers)
                .Select(layer => WindowPattern.Value[layer % WindowPattern.Value.Length] == Local ? Window.Value : 0))
            : default,
        InputSkip = InputSkip.Value,
        ResidualScale = ResidualScale.Value,
        Initialization = Initialization.Value,
        ValueTables = HasValueTables ? TablesByLayer(spec.Layers) : default,
    };
}
