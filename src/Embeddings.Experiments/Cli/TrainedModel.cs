using Embeddings.Checkpoints;
using Embeddings.Cpu;
using Embeddings.Experiments.Variants;
using Embeddings.Models;
using Embeddings.Tokenization;
using Embeddings.Training;

namespace Embeddings.Experiments.Cli;

/// <summary>A checkpoint, opened with the tokenizer that belongs to it.</summary>
internal sealed class TrainedModel : IDisposable
{
    private readonly WorkerPool _pool;

    private TrainedModel(string path, Variant variant, CheckpointInfo info, Tokenizer tokenizer, WorkerPool pool, LanguageModel<float> model)
    {
        Path = path;
        Variant = variant;
        Info = info;
        Tokenizer = tokenizer;
        _pool = pool;
        Model = model;
    }

    /// <summary>The checkpoint's file.</summary>
    public string Path { get; }

    /// <summary>The variant it is of.</summary>
    public Variant Variant { get; }

    /// <summary>What it says about its run.</summary>
    public CheckpointInfo Info { get; }

    /// <summary>The tokenizer it was trained with.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The trained model.</summary>
    public LanguageModel<float> Model { get; }

    /// <summary>The record of its run, or null where the file stands alone.</summary>
    public RunRecord? Run => RunRecord.Read(Folder(Path));

    /// <summary>The variant that a checkpoint is of.</summary>
    /// <param name="path">The file, or the folder of a run.</param>
    /// <exception cref="UserError">The checkpoint is missing, damaged or foreign.</exception>
    public static Variant VariantOf(string path) => VariantCatalog.Find(Checkpoint.Describe(Checkpoint.Locate(path)).Identity.Variant);

    /// <summary>Opens a checkpoint.</summary>
    /// <param name="path">The file, or the folder of a run.</param>
    /// <param name="tokenizer">A tokenizer file, or null for the one that stands beside the checkpoint.</param>
    /// <param name="threads">Threads; 0 takes one per processor.</param>
    /// <param name="batch">Sequences in a pass; null for what the variant declares.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="UserError">The checkpoint is missing, damaged, foreign, of another declaration, or without its tokenizer.</exception>
    public static TrainedModel Open(string path, string? tokenizer, int threads, int? batch, ModelDevice device)
    {
        string file = Checkpoint.Locate(path);
        CheckpointInfo info = Checkpoint.Describe(file);
        Variant variant = VariantCatalog.Find(info.Identity.Variant);
        Tokenizer opened = OpenTokenizer(file, tokenizer, variant.Description.Tokenizer);
        if (opened.Identity != info.Identity.Tokenizer)
        {
            throw new UserError($"'{file}' was trained with another tokenizer than the one given; give its own with --tokenizer.");
        }

        ModelDescription description = variant.Description;
        var pool = new WorkerPool(threads);
        LanguageModel<float>? model = null;
        try
        {
            ArchitectureDescription architecture = description.Architecture;
            var spelling = Spelling.Of(architecture.InputEmbedding, architecture.SpellingPositions, opened.Tokens);
            model = device.Create(variant, pool, batch ?? description.Training.BatchSize, spelling);
            info = Checkpoint.Load(file, model);
            return new TrainedModel(file, variant, info, opened, pool, model);
        }
        catch
        {
            model?.Dispose();
            pool.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Model.Dispose();
        _pool.Dispose();
    }

    private static Tokenizer OpenTokenizer(string checkpoint, string? given, TokenizerDescription declared)
    {
        if (given is not null)
        {
            return TokenizerPath.Open(given);
        }

        if (declared.Kind == TokenizerKind.Bytes)
        {
            return new ByteTokenizer();
        }

        string beside = System.IO.Path.Combine(Folder(checkpoint), TokenizerFile.Name);
        return File.Exists(beside)
            ? TokenizerFile.Load(beside)
            : throw new UserError($"Beside '{checkpoint}' stands no {TokenizerFile.Name}; give the tokenizer it was trained with by --tokenizer.");
    }

    private static string Folder(string file) => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(file))!;
}
