using Embeddings.Experiments.Cli;

namespace Embeddings.Experiments.Tests.Cli;

/// <summary>What a command line ended with.</summary>
/// <param name="Code">Exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record CommandLine(int Code, string Output, string Error)
{
    /// <summary>Runs the program's commands in this process.</summary>
    public static Task<CommandLine> Run(params string[] words) => Run(new StringWriter(), TestContext.Current.CancellationToken, words);

    /// <summary>The same, interrupted when a text appears in its output.</summary>
    public static Task<CommandLine> Interrupt(string text, params string[] words)
    {
        var interrupt = new CancellationTokenSource();
        return Run(new InterruptingWriter(text, interrupt), interrupt.Token, words);
    }

    /// <summary>Runs a command line that must succeed, and gives its output.</summary>
    public static async Task<string> Succeed(params string[] words)
    {
        CommandLine ended = await Run(words);
        Assert.Equal("", ended.Error);
        Assert.Equal(0, ended.Code);
        return ended.Output;
    }

    /// <summary>Runs a command line that must be refused, in one sentence, which it gives.</summary>
    public static async Task<string> Refuse(params string[] words)
    {
        CommandLine ended = await Run(words);
        Assert.Equal(1, ended.Code);
        string sentence = ended.Error.TrimEnd();
        Assert.NotEmpty(sentence);
        Assert.DoesNotContain('\n', sentence);
        Assert.EndsWith(".", sentence, StringComparison.Ordinal);
        return sentence;
    }

    private static async Task<CommandLine> Run(StringWriter output, CancellationToken interrupt, string[] words)
    {
        var error = new StringWriter();
        int code = await EmbeddingsProgram.RunAsync(words, output, error, interrupt);
        return new CommandLine(code, output.ToString(), error.ToString());
    }
}
