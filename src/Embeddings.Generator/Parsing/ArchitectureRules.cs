using System.Linq;
using Embeddings.Generator.Diagnostics;

namespace Embeddings.Generator.Parsing;

/// <summary>Which networks can be compiled.</summary>
internal static class ArchitectureRules
{
    public static void Check(ArchitectureSettings settings, Reporter reporter)
    {
        Rules.Size(settings.Layers, Limits.Layers, reporter);
        Rules.Size(settings.Context, Limits.Context, reporter);
        Rules.Defined(settings.Norm, reporter);
        Rules.Defined(settings.FeedForward, reporter);
        CheckHeads(settings, reporter);
        CheckFeedForwardWidth(settings.FeedForwardWidth, reporter);
        CheckLogitSoftCap(settings.LogitSoftCap, reporter);
        CheckEmbedding(settings, reporter);
    }

    private static void CheckHeads(ArchitectureSettings settings, Reporter reporter)
    {
        // Not short-circuited: each value gets its own diagnostic.
        bool sizes = Rules.Size(settings.Width, Limits.Width, reporter, Limits.SmallestWidth) & Rules.Size(settings.Heads, Limits.Width, reporter);
        bool positions = Rules.Defined(settings.Positions, reporter);
        if (!sizes)
        {
            return;
        }

        int width = settings.Width.Value;
        int heads = settings.Heads.Value;
        int keyValueHeads = settings.KeyValueHeads.Value;
        if (width % heads != 0)
        {
            int below = width / heads * heads;
            string better = below == 0 ? $"{heads}" : $"{below} or {below + heads}";
            reporter.Report(Descriptors.WidthNotDivisibleByHeads, [settings.Width, settings.Heads], width, heads, better);
        }
        else if (positions && settings.Positions.Value == PositionKind.Rotary && width / heads % 2 != 0)
        {
            reporter.Report(
                Descriptors.RotaryHeadWidthOdd, [settings.Positions, settings.Heads, settings.Width], width, heads, width / heads);
        }

        else if (settings.QueryKeyNorm.Value && width == heads)
        {
            reporter.Report(
                Descriptors.QueryKeyNormOfOneChannel, [settings.QueryKeyNorm, settings.Heads, settings.Width], width, heads);
        }

        if (keyValueHeads < 0 || (keyValueHeads > 0 && heads % keyValueHeads != 0))
        {
            string divisors = string.Join(", ", Enumerable.Range(1, heads).Where(divisor => heads % divisor == 0));
            reporter.Report(
                Descriptors.HeadsNotDivisibleByKeyValueHeads, [settings.KeyValueHeads, settings.Heads], keyValueHeads, heads, divisors);
        }
    }

    private static void CheckFeedForwardWidth(Setting<int> width, Reporter reporter)
    {
        if (width.Value is < 0 or > 0 and < Limits.SmallestWidth or > Limits.FeedForwardWidth)
        {
            reporter.Report(Descriptors.FeedForwardWidthOutOfRange, width, width.Value, Limits.SmallestWidth, Limits.FeedForwardWidth);
        }
    }

    private static void CheckLogitSoftCap(Setting<double> softCap, Reporter reporter)
    {
        if (Rules.Finite(softCap, reporter) && softCap.Value < 0)
        {
            reporter.Report(Descriptors.LogitSoftCapNegative, softCap, softCap.Value);
        }
    }

    private static void CheckEmbedding(ArchitectureSettings settings, Reporter reporter)
    {
        Setting<EmbeddingKind> kind = settings.InputEmbedding;
        Setting<int> positions = settings.SpellingPositions;
        bool kinds = Rules.Defined(kind, reporter) & Rules.Defined(settings.Head, reporter);

        if (kinds && settings.Head.Value is HeadKind.Tied or HeadKind.TiedThenUntied && kind.Value != EmbeddingKind.Table)
        {
            reporter.Report(Descriptors.TiedHeadWithoutTable, [settings.Head, kind], kind.Value);
        }

        if (positions.Value < 1 || positions.Value > Limits.SpellingPositions)
        {
            reporter.Report(Descriptors.SpellingPositionsOutOfRange, positions, positions.Value, Limits.SpellingPositions);
        }
        else if (kinds && reporter.IsOwn(positions.Origin) && kind.Value is not (
            EmbeddingKind.Composed or EmbeddingKind.ComposedPermuted or EmbeddingKind.TableAndComposed))
        {
            reporter.Report(Descriptors.SpellingPositionsUnused, positions, kind.Value);
        }
    }
}
