using System.Text.RegularExpressions;
using CsCheck;
using Embeddings.Models;
using Embeddings.Tokenization;

namespace Embeddings.Runtime.Tests.Tokenization;

[Transformer(Layers = 1, Width = 16, Heads = 1, Context = 8)]
[ByteLevelBpe(VocabularySize = 300, PreTokenization = PreTokenization.Gpt2)]
public sealed partial class CutAsGpt2;

[VariantOf<CutAsGpt2>]
[ByteLevelBpe(PreTokenization = PreTokenization.Cl100k)]
public sealed partial class CutAsCl100k;

[VariantOf<CutAsGpt2>]
[ByteLevelBpe(PreTokenization = PreTokenization.O200k)]
public sealed partial class CutAsO200k;

[VariantOf<CutAsGpt2>]
[ByteLevelBpe(PreTokenization = PreTokenization.Words)]
public sealed partial class CutAsWords;

[VariantOf<CutAsGpt2>]
[ByteLevelBpe(Pattern = DeclaredSplitterTests.OneDigit)]
public sealed partial class CutByOneDigit;

[VariantOf<CutAsGpt2>]
[ByteLevelBpe(Pattern = DeclaredSplitterTests.Unknown)]
public sealed partial class CutByExpression;

public class DeclaredSplitterTests
{
    internal const string OneDigit =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    internal const string Unknown = @"\p{Lu}?\p{Ll}+|\p{Nd}{2}";

    [Fact]
    public void A_printed_scanner_cuts_as_its_pattern_does()
    {
        Check(CutAsGpt2.Variant, PreTokenization.Gpt2);
        Check(CutAsCl100k.Variant, PreTokenization.Cl100k);
        Check(CutAsO200k.Variant, PreTokenization.O200k);
        Check(CutAsWords.Variant, PreTokenization.Words);
        Check(CutByOneDigit.Variant, OneDigit);
        Check(CutByExpression.Variant, Unknown);
    }

    [Fact]
    public void A_pattern_like_a_standard_one_is_printed_and_another_is_not()
    {
        Assert.IsNotType<PatternSplitter>(CutByOneDigit.Variant.Description.Tokenizer.Splitter);
        Assert.IsType<PatternSplitter>(CutByExpression.Variant.Description.Tokenizer.Splitter);
        Assert.NotSame(Splitter.Of(PreTokenization.Gpt2), CutAsGpt2.Variant.Description.Tokenizer.Splitter);
    }

    [Fact]
    public void A_printed_scanner_makes_the_same_tokenizer_as_the_standard_splitter()
    {
        ReadOnlyMemory<byte>[] text = [SomeText.Sentences(50)];
        foreach (Variant variant in new[] { CutAsGpt2.Variant, CutAsCl100k.Variant, CutAsO200k.Variant, CutAsWords.Variant })
        {
            TokenizerDescription declared = variant.Description.Tokenizer;
            CancellationToken cancellation = TestContext.Current.CancellationToken;
            Assert.Equal(
                BytePairTrainer.Train(text, 280, declared.PreTokenization, cancellation: cancellation).Identity,
                BytePairTrainer.Train(TrainingText.Of(text), 280, declared.Splitter, cancellation: cancellation).Identity);
        }
    }

    private static void Check(Variant variant, PreTokenization pattern)
    {
        Splitter splitter = variant.Description.Tokenizer.Splitter;
        Assert.Equal(pattern, splitter.Standard);
        SomeText.Bytes.Sample(
            bytes => ReferenceSplitter.Ends(splitter, bytes).SequenceEqual(ReferenceSplitter.Split(pattern, bytes)), iter: 2000);
    }

    private static void Check(Variant variant, string pattern)
    {
        var regex = new Regex(pattern, RegexOptions.CultureInvariant);
        Splitter splitter = variant.Description.Tokenizer.Splitter;
        SomeText.Bytes.Sample(
            bytes => ReferenceSplitter.Ends(splitter, bytes).SequenceEqual(ReferenceSplitter.Split(regex, bytes)), iter: 2000);
    }
}
