using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Embeddings.Checkpoints;
using Embeddings.Experiments.Exports;
using Embeddings.Experiments.Tokenizers;
using Embeddings.Models;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Cli;

/// <summary><c>export</c>: a checkpoint as other programs load it.</summary>
internal static class ExportCommand
{
    private static readonly JsonSerializerOptions s_format = new() { WriteIndented = true };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Argument<string> checkpoint = Arguments.Checkpoint();
        var folder = new Option<string>("--out") { Description = "The folder to write to.", HelpName = "folder", Required = true };
        Option<string?> tokenizer = Arguments.TokenizerOption("The tokenizer of the checkpoint. Default: the one that stands beside it.");
        var command = new Command("export", "Write a checkpoint as model.safetensors, config.json and tokenizer.json, for other programs to load.")
        {
            checkpoint, folder, tokenizer,
        };
        HelpWithExamples.AddExamples(command, "embeddings export runs/Baseline-seed1 --out baseline");
        command.SetAction(parsed =>
        {
            using TrainedModel trained = TrainedModel.Open(parsed.GetValue(checkpoint)!, new TokenizerPaths(parsed.GetValue(tokenizer)), threads: 1, batch: 1, ModelDevice.Processor);
            Write(trained, parsed.GetValue(folder)!, parsed.InvocationConfiguration.Output);
        });
        return command;
    }

    private static void Write(TrainedModel trained, string folder, TextWriter output)
    {
        ModelDescription description = trained.Variant.Description;
        ArchitectureDescription shape = description.Architecture;
        ExportPlan plan = ExportPlan.Of(new ExportedModel(trained.Model, trained.Tokenizers.Vocabularies.InputSpelling(description)));
        AtomicFile.CreateFolder(folder);
        SafeTensorsWriter.Write(Path.Combine(folder, "model.safetensors"), plan.Tensors, [new("format", "pt")]);
        OutputFile.Write(Path.Combine(folder, "config.json"), plan.Config.ToJsonString(s_format) + "\n");
        trained.Tokenizers.Save(folder);
        var tokenizer = new JsonObject { ["tokenizer_class"] = "PreTrainedTokenizerFast", ["model_max_length"] = shape.Context };
        OutputFile.Write(Path.Combine(folder, "tokenizer_config.json"), tokenizer.ToJsonString(s_format) + "\n");
        output.WriteLine(plan.Loader is { } loader
            ? $"Written to {Path.GetFullPath(folder)} for {loader}."
            : $"Written to {Path.GetFullPath(folder)} under the names of this program, for no common loader computes what {description.Name} declares; "
                + "its declaration stands in config.json.");
    }
}
