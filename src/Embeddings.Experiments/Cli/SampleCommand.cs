using System.CommandLine;
using System.Text;
using Embeddings.Evaluation;

namespace Embeddings.Experiments.Cli;

/// <summary><c>sample</c>: text from a checkpoint.</summary>
internal static class SampleCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Argument<string> checkpoint = Arguments.Checkpoint();
        var prompt = new Option<string>("--prompt")
        {
            Description = "Text to continue. Default: none.",
            HelpName = "text",
            DefaultValueFactory = _ => "",
        };
        Option<int> tokens = Arguments.Whole("--tokens", "Tokens to draw.", 256, smallest: 1, "count");
        Option<double> temperature = Arguments.Real(
            "--temperature", "Above 1 more varied, below 1 less; 0 takes the likeliest token.", 0.8, smallest: 0, "number");
        Option<int> topK = Arguments.Whole("--top-k", "Draw among so many likeliest tokens; 0 among all.", 0, smallest: 0, "count");
        Option<ulong?> seed = Arguments.Seed("Decides the draws. Default: 1.");
        Option<string?> tokenizer = Arguments.TokenizerOption("The tokenizer of the checkpoint. Default: the one that stands beside it.");
        SideTokenizers side = Arguments.SideTokenizers("the one that stands beside the checkpoint.");
        Option<string> device = DeviceChoice.Option();
        Option<string?> precision = DeviceChoice.Precision();
        Option<int> threads = Arguments.Threads();
        var command = new Command("sample", "Write text with a checkpoint, token by token.")
        {
            checkpoint, prompt, tokens, temperature, topK, seed, tokenizer, device, precision, threads,
        };
        side.AddTo(command);
        HelpWithExamples.AddExamples(
            command,
            "embeddings sample runs/Baseline-seed1 --prompt \"Returns a value\"",
            "embeddings sample runs/Baseline-seed1 --temperature 0.7 --top-k 40 --seed 3 --tokens 500");
        command.SetAction((parsed, cancellation) =>
        {
            var options = new SamplerOptions
            {
                Temperature = parsed.GetValue(temperature),
                TopK = parsed.GetValue(topK),
                Tokens = parsed.GetValue(tokens),
                Seed = parsed.GetValue(seed) ?? 1,
            };
            string path = parsed.GetValue(checkpoint)!;
            using DeviceChoice chosen = DeviceChoice.Of(parsed.GetValue(device)!, parsed.GetValue(precision), TrainedModel.VariantOf(path));
            using TrainedModel trained = TrainedModel.Open(path, side.Paths(parsed, parsed.GetValue(tokenizer)), parsed.GetValue(threads), batch: 1, chosen.Device);
            Write(trained, parsed.GetValue(prompt)!, options, parsed.InvocationConfiguration.Output, cancellation);
            return Task.FromResult(0);
        });
        return command;
    }

    /// <summary>Prints the prompt and then each token when it is drawn; a character that takes several tokens appears with its last.</summary>
    private static void Write(TrainedModel trained, string prompt, SamplerOptions options, TextWriter output, CancellationToken cancellation)
    {
        Decoder decoder = Encoding.UTF8.GetDecoder();
        var characters = new char[64];
        output.Write(prompt);
        try
        {
            foreach (int token in Sampler.Draw(trained.Model, trained.Tokenizers.Aligned, Encoding.UTF8.GetBytes(prompt), options))
            {
                cancellation.ThrowIfCancellationRequested();
                Show(trained.Tokenizer.Tokens[token], flush: false);
            }
        }
        finally
        {
            Show([], flush: true);
            output.WriteLine();
        }

        void Show(byte[] bytes, bool flush)
        {
            int needed = decoder.GetCharCount(bytes, flush);
            if (needed > characters.Length)
            {
                characters = new char[needed];
            }

            output.Write(characters, 0, decoder.GetChars(bytes, characters, flush));
            output.Flush();
        }
    }
}
