using Embeddings.Checkpoints;
using Embeddings.Cpu;
using Embeddings.Experiments.Tokenizers;
using Embeddings.Experiments.Variants;
using Embeddings.Models;
using Embeddings.Tokenization;
using Embeddings.Training;

namespace Embeddings.Experiments.Cli;

/// <summary>A checkpoint, opened with the tokenizer that belongs to it.</summary>
internal sealed class TrainedModel : IDisposable
{
    private readonly WorkerPool _pool;

    private TrainedModel(string path, Variant variant, CheckpointInfo info, RunTokenizers tokenizers, WorkerPool pool, LanguageModel<float> model)
    {
        Path = path;
        Variant = variant;
        Info = info;
        Tokenizers = tokenizers;
        _pool = pool;
        Model = model;
    }

    /// <summary>The checkpoint's file.</summary>
    public string Path { get; }

    /// <summary>The variant it is of.</summary>
    public Variant Variant { get; }

    /// <summary>What it says about its run.</summary>
    public CheckpointInfo Info { get; }

    /// <summary>The tokenizers it was trained with.</summary>
    public RunTokenizers Tokenizers { get; }

    /// <summary>The tokenizer of its targets.</summary>
    public Tokenizer Tokenizer => Tokenizers.Targets;

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
    /// <param name="tokenizers">Tokenizer files, in place of those that stand beside the checkpoint.</param>
    /// <param name="threads">Threads; 0 takes one per processor.</param>
    /// <param name="batch">Sequences in a pass; null for what the variant declares.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="UserError">The checkpoint is missing, damaged, foreign, of another declaration, or without its tokenizer.</exception>
    public static TrainedModel Open(string path, TokenizerPaths tokenizers, int threads, int? batch, ModelDevice device)
    {
        string file = Checkpoint.Locate(path);
        CheckpointInfo info = Checkpoint.Describe(file);
        Variant variant = VariantCatalog.Find(info.Identity.Variant);
        RunTokenizers opened = RunTokenizers.Open(variant.Description, tokenizers, Folder(file), (_, name) => throw new UserError(
            $"Beside '{file}' stands no {name}; give the tokenizer it was trained with by --{(name == TokenizerFile.Name ? "tokenizer" : System.IO.Path.GetFileNameWithoutExtension(name))}."));
        RefuseOther(opened.Targets.Identity, info.Identity.Tokenizer, "--tokenizer");
        RefuseOther(opened.Inputs?.Identity, info.Identity.InputTokenizer, "--input-tokenizer");
        RefuseOther(opened.Second?.Identity, info.Identity.SecondTokenizer, "--second-tokenizer");
        RefuseOther(opened.Suffixes is { } suffixes ? RunIdentity.HashOf(suffixes.Tokens) : null, info.Identity.SuffixTokens, "--suffix-tokenizer");

        ModelDescription description = variant.Description;
        var pool = new WorkerPool(threads);
        LanguageModel<float>? model = null;
        try
        {
            model = device.Create(variant, pool, batch ?? description.Training.BatchSize, opened.Vocabularies);
            info = Checkpoint.Load(file, model);
            return new TrainedModel(file, variant, info, opened, pool, model);
        }
        catch
        {
            model?.Dispose();
            pool.Dispose();
            throw;
        }

        void RefuseOther(string? found, string? identity, string option)
        {
            if (found != identity)
            {
                throw new UserError($"'{file}' was trained with another tokenizer than the one given; give its own with {option}.");
            }
        }
    }

    public void Dispose()
    {
        Model.Dispose();
        _pool.Dispose();
    }

    private static string Folder(string file) => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(file))!;
}
