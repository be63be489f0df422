using System.CommandLine;
using System.CommandLine.Help;
using Embeddings.Cuda;

namespace Embeddings.Experiments.Cli;

/// <summary>The program's commands, and how it ends: 0 on success, 1 on a mistake told in one sentence, 130 when it was stopped.</summary>
internal static class EmbeddingsProgram
{
    private const int Failure = 1;
    private const int Stopped = 130;

    /// <summary>Builds the commands.</summary>
    public static RootCommand CreateRoot()
    {
        var root = new RootCommand("A laboratory for vocabularies and embeddings of language models. Without a command it runs the quick vocabulary study.")
        {
            VariantsCommand.Create(),
            TrainCommand.Create(),
            EvalCommand.Create(),
            SampleCommand.Create(),
            StudyCommand.Create(),
            TokenizerCommand.Create(),
            ExportCommand.Create(),
            BenchCommand.Create(),
            CheckCommand.Create(),
        };
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
        }

        return root;
    }

    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">Its words.</param>
    /// <param name="output">Receives results.</param>
    /// <param name="error">Receives a sentence about what went wrong.</param>
    /// <param name="cancellation">Stops long work cleanly.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        try
        {
            RootCommand root = CreateRoot();
            ParseResult parsed = root.Parse(arguments.Length == 0 ? [.. StudyCommand.Default] : arguments);
            if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples)
            {
                return Fail(error, Mistake(parsed));
            }

            var configuration = new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(configuration, cancellation).ConfigureAwait(false);
        }
        catch (UserError mistake)
        {
            return Fail(error, mistake.Message);
        }
        catch (OperationCanceledException stop) when (cancellation.IsCancellationRequested)
        {
            error.WriteLine(stop is StoppedException ? stop.Message : "Stopped.");
            return Stopped;
        }
        catch (CudaException failure)
        {
            return Fail(error, failure.Message);
        }
        catch (OutOfMemoryException)
        {
            return Fail(error, "There is not enough memory; declare a smaller batch, context or model.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Fail(error, failure.Message);
        }
    }

    /// <summary>The first mistake of a command line; a command that is missing or mistyped is told with those that there are.</summary>
    private static string Mistake(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string[] names = [.. command.Subcommands.Select(inner => inner.Name)];
        if (names.Length == 0)
        {
            return parsed.Errors[0].Message;
        }

        string all = $"{(command is RootCommand ? "the commands" : $"the commands of '{command.Name}'")} are {string.Join(", ", names)}.";
        return parsed.UnmatchedTokens.Count == 0
            ? char.ToUpperInvariant(all[0]) + all[1..]
            : $"There is no command '{parsed.UnmatchedTokens[0]}'; {all}";
    }

    private static int Fail(TextWriter error, string message)
    {
        error.WriteLine(message.ReplaceLineEndings(" ").Trim());
        return Failure;
    }
}
