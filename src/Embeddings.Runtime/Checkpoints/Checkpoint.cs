using System.Collections.Immutable;
using System.Numerics;
using Embeddings.Models;

namespace Embeddings.Checkpoints;

/// <summary>
/// A model, and the state of its optimizer, in one safetensors file. Each copy of each parameter is a tensor named by
/// <see cref="ParameterBlock.LayerName"/>; the moments of the trainable ones stand behind them under <c>optimizer.first.</c> and
/// <c>optimizer.second.</c>; the metadata is a <see cref="CheckpointInfo"/>. One file, so that one rename replaces all of it.
/// </summary>
public static class Checkpoint
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "checkpoint.safetensors";

    private const string FirstPrefix = "optimizer.first.";
    private const string SecondPrefix = "optimizer.second.";
    private const string OptimizerStepName = "optimizer.step";

    /// <summary>The checkpoint that a path names: the file itself, or the one in a run's folder.</summary>
    /// <exception cref="UserError">There is none.</exception>
    public static string Locate(string path)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        return File.Exists(file) ? file
            : throw new UserError(file == path ? $"There is no checkpoint '{path}'." : $"The folder '{path}' holds no {FileName}.");
    }

    /// <summary>Reads what a checkpoint says about itself.</summary>
    /// <exception cref="UserError">The file is missing, damaged or foreign.</exception>
    public static CheckpointInfo Describe(string path)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        return CheckpointInfo.FromMetadata(file.Metadata, path);
    }

    /// <summary>Writes a checkpoint, atomically.</summary>
    /// <param name="path">File to write or replace.</param>
    /// <param name="model">Its parameters are written.</param>
    /// <param name="optimizer">Its moments and step count are written.</param>
    /// <param name="info">Where the run stands.</param>
    /// <exception cref="UserError">It cannot be written; the one that stood there is untouched.</exception>
    public static void Save<T>(string path, LanguageModel<T> model, OptimizerState<T> optimizer, CheckpointInfo info)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        model.BringToHost(optimizer);
        List<Placed> parameters = Places(model.Description);
        var tensors = parameters.Select(place => TensorSource.Of(place.Name, place.Shape, model.Parameters, place.Offset)).ToList();
        foreach ((string prefix, Arena<T> moments) in Moments(optimizer))
        {
            tensors.AddRange(parameters.Where(place => !place.Frozen)
                .Select(place => TensorSource.Of(prefix + place.Name, place.Shape, moments, place.Offset)));
        }

        Dictionary<string, string> metadata = info.ToMetadata();
        metadata[OptimizerStepName] = FormattableString.Invariant($"{optimizer.Step}");
        SafeTensorsWriter.Write(path, tensors, metadata);
    }

    /// <summary>Reads a checkpoint into a model; nothing is changed unless all of it is sound.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">Receives the parameters; must be of the same declaration.</param>
    /// <param name="optimizer">Receives moments and step count; null to leave them in the file.</param>
    /// <returns>What it says about itself.</returns>
    /// <exception cref="UserError">The file is missing, damaged, foreign, or of another declaration.</exception>
    public static CheckpointInfo Load<T>(string path, LanguageModel<T> model, OptimizerState<T>? optimizer = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        CheckpointInfo info = CheckpointInfo.FromMetadata(file.Metadata, path);
        if (info.Identity.DeclarationHash != model.Description.Hash)
        {
            string other = info.Identity.Variant == model.Description.Name ? "an earlier declaration of it" : info.Identity.Variant;
            throw new UserError($"'{path}' is not a checkpoint of {model.Description.Name} as declared now, but of {other}.");
        }

        List<Placed> parameters = Places(model.Description);
        List<Placed> trainable = [.. parameters.Where(place => !place.Frozen)];
        parameters.ForEach(place => file.Require<T>(place.Name, place.Shape));
        long step = 0;
        if (optimizer is not null)
        {
            foreach ((string prefix, _) in Moments(optimizer))
            {
                trainable.ForEach(place => file.Require<T>(prefix + place.Name, place.Shape));
            }

            if (!long.TryParse(file.Metadata.GetValueOrDefault(OptimizerStepName), out step) || step < 0)
            {
                throw new UserError($"'{path}' is a damaged checkpoint: it does not say how many optimizer steps were made.");
            }
        }

        file.VerifyHash();
        parameters.ForEach(place => file.Read(place.Name, model.Parameters, place.Offset));
        if (optimizer is not null)
        {
            foreach ((string prefix, Arena<T> moments) in Moments(optimizer))
            {
                trainable.ForEach(place => file.Read(prefix + place.Name, moments, place.Offset));
            }

            optimizer.Step = step;
        }

        model.Step = info.Step;
        model.TakeFromHost(optimizer);
        return info;
    }

    private static List<Placed> Places(ModelDescription description) =>
    [
        .. from block in description.Parameters
           from layer in Enumerable.Range(0, block.Layers)
           select new Placed(
               block.LayerName(layer),
               block.IsMatrix ? [block.Rows, block.Columns] : [block.Columns],
               block.LayerOffset(layer),
               block.Frozen),
    ];

    private static IEnumerable<(string Prefix, Arena<T> Values)> Moments<T>(OptimizerState<T> optimizer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        [(FirstPrefix, optimizer.FirstMoment), (SecondPrefix, optimizer.SecondMoment)];

    private sealed record Placed(string Name, ImmutableArray<long> Shape, long Offset, bool Frozen);
}
