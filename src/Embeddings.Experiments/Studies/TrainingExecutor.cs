using System.Collections.Immutable;
using Embeddings.Cpu;
using Embeddings.Data;
using Embeddings.Experiments.Tokenizers;
using Embeddings.Models;
using Embeddings.Tokenization;
using Embeddings.Training;

namespace Embeddings.Experiments.Studies;

/// <summary>Carries out runs with <see cref="TrainingRun"/> on one text.</summary>
/// <param name="data">Training and held-out documents.</param>
/// <param name="shelf">Tokenizers trained on the training documents.</param>
/// <param name="pool">The threads that train.</param>
/// <param name="device">Where to train.</param>
/// <param name="command">The command line, for the runs' records.</param>
public sealed class TrainingExecutor(CorpusSplit data, TokenizerShelf shelf, WorkerPool pool, ModelDevice device, string? command) : IRunExecutor
{
    private readonly Dictionary<(TokenizerDescription Tokenizer, long Bytes), TokenizerSummary> _summaries = [];

    /// <inheritdoc/>
    public CorpusSummary Corpus { get; } = new()
    {
        Name = data.Training.Name,
        Hash = data.Training.Hash[..16] + data.Validation.Hash[..16],
        TrainingBytes = data.Training.Bytes,
        ValidationBytes = data.Validation.Bytes,
        TrainingDocuments = data.Training.Documents.Count,
        ValidationDocuments = data.Validation.Documents.Count,
    };

    /// <inheritdoc/>
    public TokenizerSummary Tokenizer(ModelDescription description, long bytesPerRun)
    {
        if (!_summaries.TryGetValue((description.Tokenizer, bytesPerRun), out TokenizerSummary? summary))
        {
            Tokenizer tokenizer = shelf.Of(description.Tokenizer);
            summary = TokenizerSummary.Of(
                tokenizer.Identity,
                tokenizer.VocabularySize,
                Encode(tokenizer, data.Training),
                data.Training.Bytes,
                Encode(tokenizer, data.Validation).Length,
                data.Validation.Bytes,
                bytesPerRun);
            _summaries.Add((description.Tokenizer, bytesPerRun), summary);
        }

        return summary;
    }

    /// <inheritdoc/>
    public ImmutableArray<ReferenceScore> References(long bytesPerRun) =>
        [.. ReferenceScore.ByteCounts(
            data.Training.Documents.Select(document => document.Bytes),
            bytesPerRun,
            [.. data.Validation.Documents.Select(document => document.Bytes)])];

    /// <inheritdoc/>
    public RunResult Execute(RunRequest request, string directory, Action<RunProgress> progress, CancellationToken cancellation)
    {
        ModelDescription model = request.Variant.Description;
        var options = new TrainingOptions
        {
            Variant = request.Variant,
            Tokenizer = shelf.Of(model.Tokenizer),
            Data = data,
            Folder = directory,
            Budget = TrainingBudget.OfBytes(request.Bytes),
            Mode = StartMode.NewOrResume,
            Seed = request.Seed,
            RateScale = request.RateScale,
            Pool = pool,
            Device = device,
            Evaluations = 1,
            Progress = new Relay(progress),
            SaveTokenizer = folder => TokenizerFile.Save(Path.Combine(folder, TokenizerFile.Name), shelf.Of(model.Tokenizer)),
            Command = command,
        };
        TrainingResult result = TrainingRun.Start(options, cancellation);
        if (result.Outcome != TrainingOutcome.Finished)
        {
            throw new OperationCanceledException(cancellation);
        }

        double headShare = 6.0 * model.VocabularySize * model.Architecture.Width / model.FlopsPerToken;
        return new RunResult
        {
            Variant = request.Variant.Name,
            Seed = request.Seed,
            RateScale = request.RateScale,
            ValidationBitsPerByte = result.ValidationBitsPerByte ?? throw new UserError($"The run in '{directory}' ended without a measurement."),
            BudgetBytes = request.Bytes,
            Bytes = result.Bytes,
            Tokens = result.Tokens,
            Steps = result.Step,
            Flops = result.Flops,
            FlopsWithoutHead = result.Flops * (1 - headShare),
            Seconds = result.Seconds,
        };
    }

    private static int[] Encode(Tokenizer tokenizer, Corpus corpus)
    {
        var tokens = new List<int>();
        foreach (Document document in corpus.Documents)
        {
            tokenizer.Encode(document.Bytes.Span, tokens);
        }

        return [.. tokens];
    }

    private sealed class Relay(Action<RunProgress> progress) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) =>
            progress(new RunProgress(value.Fraction, value.Step, value.TrainLoss, value.BytesPerSecond, value.TokensPerSecond));
    }
}
