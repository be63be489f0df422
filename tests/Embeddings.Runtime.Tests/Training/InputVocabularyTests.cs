using System.Text;
using Embeddings.Checkpoints;
using Embeddings.Cpu;
using Embeddings.Data;
using Embeddings.Evaluation;
using Embeddings.Models;
using Embeddings.Runtime.Tests.Models;
using Embeddings.Tokenization;
using Embeddings.Training;

namespace Embeddings.Runtime.Tests.Training;

/// <summary>Models whose inputs are of other vocabularies than their targets: trained, resumed, measured and sampled from.</summary>
public sealed class InputVocabularyTests : IDisposable
{
    private static readonly PairTokenizer s_inputs = new("th", "e ", "to");
    private static readonly PairTokenizer s_second = new("he", "en", " n", "be", "r ");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_resumes_with_the_same_bits_and_records_its_vocabularies()
    {
        TrainingOptions whole = Options("whole");
        TrainingResult expected = TrainingRun.Start(whole, Token);
        TrainingOptions parts = whole with { Folder = _folder["parts"], StopAtStep = 5 };
        TrainingRun.Start(parts, Token);
        TrainingResult actual = TrainingRun.Start(parts with { StopAtStep = null, Mode = StartMode.Resume }, Token);
        Assert.Equal(expected, actual with { Seconds = expected.Seconds });

        RunRecord record = RunRecord.Read(whole.Folder)!;
        Assert.Equal((256, 259, 261), (record.VocabularySize, record.InputVocabularySize, record.SecondVocabularySize));
        Assert.Equal((s_inputs.Identity, s_second.Identity), (record.Identity.InputTokenizer, record.Identity.SecondTokenizer));
        Assert.Equal(record.Identity, Checkpoint.Describe(Path.Combine(whole.Folder, Checkpoint.FileName)).Identity);
        UserError refused = Assert.Throws<UserError>(() => TrainingRun.Start(
            parts with { Mode = StartMode.Resume, SecondTokenizer = new PairTokenizer("he", "en", " n", "be", "xx") }, Token));
        Assert.Contains("another tokenizer of the second input table", refused.Message);
    }

    /// <summary>What training measured is what a measurement of the checkpoint finds, over the bytes of the targets.</summary>
    [Fact]
    public void A_checkpoint_is_measured_and_sampled_with_its_tokenizers()
    {
        TrainingOptions options = Options("run");
        TrainingResult result = TrainingRun.Start(options, Token);
        using var pool = new WorkerPool(1);
        using LanguageModel<float> model = ModelDevice.Processor.Create(WithTwoTables.Variant, pool, 2, new ModelVocabularies(new ByteTokenizer().Tokens));
        Checkpoint.Load(Path.Combine(options.Folder, Checkpoint.FileName), model);
        var tokenizers = new ModelTokenizers(new ByteTokenizer(), s_inputs, s_second);
        EvaluationResult measured = BitsPerByte.Measure(model, tokenizers, options.Data.Validation, cancellation: Token);
        Assert.Equal(result.ValidationBitsPerByte!.Value, measured.BitsPerByte, 1e-6);
        Assert.Equal(options.Data.Validation.Bytes, measured.Bytes);

        // Drawing the likeliest byte again and again is what a model says of the whole text so far, aligned anew each time.
        byte[] text = Encoding.UTF8.GetBytes("the number ");
        int[] drawn = [.. Sampler.Draw(model, tokenizers, text, new SamplerOptions { Temperature = 0, Tokens = 20 })];
        foreach (int expected in drawn)
        {
            AlignedText aligned = tokenizers.Encode(text);
            int length = Math.Min(12, aligned.Targets.Length);
            var tokens = new int[2 * model.Tokens];
            aligned.Inputs[0].AsSpan(^length..).CopyTo(tokens);
            aligned.Inputs[1].AsSpan(^length..).CopyTo(tokens.AsSpan(model.Tokens));
            var logits = new float[256];
            model.Predict(tokens, length - 1, logits);
            Assert.Equal(Array.IndexOf(logits, logits.Max()), expected);
            text = [.. text, (byte)expected];
        }
    }

    [Fact]
    public void Tokenizers_must_be_those_that_are_declared()
    {
        TrainingOptions options = Options("run");
        Refused(options with { InputTokenizer = null }, "declares an input vocabulary of 259 and was given no tokenizer for it; give InputTokenizer");
        Refused(options with { InputTokenizer = s_second }, "declares an input vocabulary of 259 and its tokenizer has 261");
        Refused(options with { SecondTokenizer = null }, "declares a second input vocabulary of 261 and was given no tokenizer");
        Refused(options with { Variant = Plain.Variant }, "Plain does not declare an input vocabulary and was given a tokenizer of 259");
        Refused(options with { Variant = WithInputVocabulary.Variant }, "declares an input vocabulary of 700");
        Assert.False(Directory.Exists(options.Folder));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static void Refused(TrainingOptions options, string message) =>
        Assert.Contains(message, Assert.Throws<UserError>(() => TrainingRun.Start(options, Token)).Message);

    private TrainingOptions Options(string folder) => new()
    {
        Variant = WithTwoTables.Variant,
        Tokenizer = new ByteTokenizer(),
        InputTokenizer = s_inputs,
        SecondTokenizer = s_second,
        Data = SmallCorpus.Split(),
        Folder = _folder[folder],
        Budget = TrainingBudget.OfSteps(10),
        Seed = 5,
        Threads = 1,
        Evaluations = 2,
    };
}
