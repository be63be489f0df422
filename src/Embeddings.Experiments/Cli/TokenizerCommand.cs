using System.CommandLine;

namespace Embeddings.Experiments.Cli;

/// <summary><c>tokenizer</c>: files in, files out.</summary>
internal static class TokenizerCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("tokenizer", "Train, use, convert and look into tokenizers.")
        {
            TokenizerTrainCommand.Create(),
            TokenizerEncodeCommand.Create(),
            TokenizerDecodeCommand.Create(),
            TokenizerAlignCommand.Create(),
            TokenizerExportCommand.Create(),
            TokenizerInspectCommand.Create(),
        };
        HelpWithExamples.AddExamples(
            command,
            "embeddings tokenizer train --size 4096 --data books/ --out tokenizer.json",
            "embeddings tokenizer encode tokenizer.json --text \"a few words\"",
            "embeddings tokenizer inspect tokenizer.json --token \" the\"");
        return command;
    }
}
