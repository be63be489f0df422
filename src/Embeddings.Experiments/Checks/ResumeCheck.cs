using Embeddings.Checkpoints;
using Embeddings.Cpu;
using Embeddings.Data;
using Embeddings.Models;
using Embeddings.Training;

namespace Embeddings.Experiments.Checks;

/// <summary>A run that is stopped and resumed ends with the same bits in every parameter and moment as one that is not.</summary>
internal static class ResumeCheck
{
    private const int Steps = 4;
    private const int StopAt = 2;
    private const int Documents = 8;

    /// <summary>Checks a variant, in a temporary folder.</summary>
    public static Finding Run(Variant variant, ModelDevice device, CancellationToken cancellation)
    {
        using var pool = new WorkerPool();
        string folder = Directory.CreateTempSubdirectory("embeddings-check-").FullName;
        try
        {
            TrainingOptions options = Options(variant, device, pool) with { Folder = Path.Combine(folder, "whole") };
            Train(options, cancellation);
            string whole = Hash(options.Folder);
            options = options with { Folder = Path.Combine(folder, "parts") };
            Train(options with { StopAtStep = StopAt }, cancellation);
            Train(options with { Mode = StartMode.Resume }, cancellation);
            return Hash(options.Folder) == whole
                ? new Finding(true, $"same bits with a stop at step {StopAt} of {Steps}")
                : new Finding(false, $"other bits with a stop at step {StopAt} of {Steps}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static TrainingOptions Options(Variant variant, ModelDevice device, WorkerPool pool) => new()
    {
        Variant = variant,
        Device = device,
        Tokenizer = new PairTokenizer(variant.Description.VocabularySize),
        InputTokenizer = Beside(variant.Description.Architecture.InputVocabulary),
        SecondTokenizer = Beside(variant.Description.Architecture.SecondVocabulary),
        SuffixTokens = Beside(variant.Description.Architecture.SuffixVocabulary)?.Tokens,
        Data = new CorpusSplit(Text(variant, "training"), Text(variant, "validation")),
        Folder = "",
        Budget = TrainingBudget.OfSteps(Steps),
        Seed = 1,
        Pool = pool,
        Evaluations = 1,
        ValidationBytes = variant.Description.Architecture.Context,
    };

    private static PairTokenizer? Beside(int vocabulary) => vocabulary == 0 ? null : new PairTokenizer(vocabulary);

    private static Corpus Text(Variant variant, string name)
    {
        var random = new RandomStream(1, name);
        return new Corpus(name, Enumerable.Range(0, Documents).Select(number =>
        {
            var bytes = new byte[variant.Description.Architecture.Context + number];
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)random.NextInteger(256);
            }

            return new Document(FormattableString.Invariant($"{name} {number}"), bytes);
        }));
    }

    private static void Train(TrainingOptions options, CancellationToken cancellation)
    {
        TrainingRun.Start(options, cancellation);
        cancellation.ThrowIfCancellationRequested();
    }

    private static string Hash(string folder)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(Path.Combine(folder, Checkpoint.FileName));
        return file.Metadata[SafeTensorsWriter.HashName];
    }
}
