using Embeddings.Generator.Diagnostics;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Parsing;

/// <summary>Which options of the input rows can be compiled.</summary>
internal static class EmbeddingRules
{
    public static void Check(EmbeddingSettings settings, ArchitectureSettings architecture, TokenizerSettings tokenizer, Reporter reporter)
    {
        CheckRank(settings, architecture, reporter);
        CheckReading(settings, architecture, reporter);
        CheckInputVocabulary(settings, architecture, reporter);
        if (settings.HasNgrams)
        {
            CheckNgrams(settings, tokenizer, reporter);
        }

        if (settings.HasSuffixes)
        {
            CheckSuffixes(settings, tokenizer, reporter);
        }

        if (settings.HasSecondTable
            && (settings.SecondVocabulary.Value < Limits.ByteValues || settings.SecondVocabulary.Value > Limits.VocabularySize))
        {
            reporter.Report(
                Descriptors.SecondVocabularyOutOfRange, settings.SecondVocabulary, settings.SecondVocabulary.Value, Limits.ByteValues,
                Limits.VocabularySize);
        }

        CheckUntying(settings, architecture, reporter);
        CheckDecoder(settings, architecture, reporter);
    }

    private static void CheckDecoder(EmbeddingSettings settings, ArchitectureSettings architecture, Reporter reporter)
    {
        if (architecture.Head.Value == HeadKind.Bytes)
        {
            Rules.Size(settings.DecoderWidth, Limits.Width, reporter, Limits.SmallestWidth);
            Rules.Size(settings.DecoderPositions, Limits.SpellingPositions, reporter);
            return;
        }

        foreach (Setting<int> setting in new[] { settings.DecoderWidth, settings.DecoderPositions })
        {
            if (reporter.IsOwn(setting.Origin))
            {
                reporter.Report(
                    Descriptors.EmbeddingOptionUnused, setting, setting.Name, $"a {architecture.Head.Value} head has no decoder; use Bytes");
            }
        }
    }

    private static void CheckRank(EmbeddingSettings settings, ArchitectureSettings architecture, Reporter reporter)
    {
        EmbeddingKind kind = architecture.InputEmbedding.Value;
        if (kind == EmbeddingKind.LowRank)
        {
            if (settings.Rank.Value < 1 || settings.Rank.Value > architecture.Width.Value)
            {
                reporter.Report(
                    Descriptors.RankOutOfRange, [settings.Rank, architecture.Width, architecture.InputEmbedding], settings.Rank.Value,
                    architecture.Width.Value);
            }
        }
        else if (reporter.IsOwn(settings.Rank.Origin))
        {
            reporter.Report(Descriptors.EmbeddingOptionUnused, settings.Rank, settings.Rank.Name, $"{kind} rows have none; use LowRank");
        }
    }

    private static void CheckReading(EmbeddingSettings settings, ArchitectureSettings architecture, Reporter reporter)
    {
        EmbeddingKind kind = architecture.InputEmbedding.Value;
        if (EmbeddingSettings.ReadsBytes(kind))
        {
            Rules.Size(settings.HiddenWidth, Limits.Width, reporter, Limits.SmallestWidth);
            Rules.Size(settings.BytesRead, Limits.BytesRead, reporter);
            return;
        }

        foreach (Setting<int> setting in new[] { settings.HiddenWidth, settings.BytesRead })
        {
            if (reporter.IsOwn(setting.Origin))
            {
                reporter.Report(Descriptors.EmbeddingOptionUnused, setting, setting.Name, $"{kind} rows have none; use Recurrent or Convolutional");
            }
        }
    }

    private static void CheckInputVocabulary(EmbeddingSettings settings, ArchitectureSettings architecture, Reporter reporter)
    {
        Setting<int> size = settings.InputVocabulary;
        if (size.Value == 0)
        {
            return;
        }

        if (size.Value < 2 || size.Value > Limits.VocabularySize)
        {
            reporter.Report(Descriptors.InputVocabularyOutOfRange, size, size.Value, Limits.VocabularySize);
        }

        if (architecture.Head.Value is HeadKind.Tied or HeadKind.TiedThenUntied)
        {
            reporter.Report(Descriptors.TiedHeadOfOtherVocabulary, [size, architecture.Head]);
        }
    }

    private static void CheckNgrams(EmbeddingSettings settings, TokenizerSettings tokenizer, Reporter reporter)
    {
        Setting<int> rows = settings.NgramRows;
        int vocabulary = settings.InputVocabulary.Value > 0 ? settings.InputVocabulary.Value : tokenizer.Entries;
        if (rows.Value < 1 || rows.Value > Limits.NgramRows)
        {
            reporter.Report(Descriptors.NgramRowsOutOfRange, rows, rows.Value, Limits.NgramRows);
        }
        else if (vocabulary > 0 && CommonFactor(rows.Value, vocabulary) is > 1 and var factor)
        {
            int better = rows.Value + 1;
            while (CommonFactor(better, vocabulary) > 1)
            {
                better++;
            }

            reporter.Report(
                Descriptors.NgramRowsShareFactor, [rows, tokenizer.VocabularySize, settings.InputVocabulary], rows.Value, vocabulary, factor, better);
        }

        Setting<int> order = settings.NgramOrder;
        if (order.Value is < 2 or > Limits.NgramOrder)
        {
            reporter.Report(Descriptors.NgramOrderOutOfRange, order, order.Value, Limits.NgramOrder);
        }
    }

    private static void CheckSuffixes(EmbeddingSettings settings, TokenizerSettings tokenizer, Reporter reporter)
    {
        Setting<int> size = settings.SuffixVocabulary;
        if (size.Value < Limits.ByteValues || size.Value > Limits.VocabularySize)
        {
            reporter.Report(Descriptors.SuffixVocabularyOutOfRange, size, size.Value, Limits.ByteValues, Limits.VocabularySize);
        }

        if (tokenizer.Kind != TokenizerKind.Bytes || settings.InputVocabulary.Value > 0)
        {
            reporter.Report(Descriptors.SuffixesNeedBytes, [size, settings.InputVocabulary]);
        }
    }

    private static void CheckUntying(EmbeddingSettings settings, ArchitectureSettings architecture, Reporter reporter)
    {
        Setting<int> step = settings.UntiesAfter;
        if (architecture.Head.Value == HeadKind.TiedThenUntied)
        {
            if (step.Value < 1)
            {
                reporter.Report(Descriptors.UntyingStepOutOfRange, [step, architecture.Head], step.Value);
            }
        }
        else if (reporter.IsOwn(step.Origin))
        {
            reporter.Report(Descriptors.EmbeddingOptionUnused, step, step.Name, $"a {architecture.Head.Value} head stays so; use TiedThenUntied");
        }
    }

    private static int CommonFactor(int a, int b) => b == 0 ? a : CommonFactor(b, a % b);
}
