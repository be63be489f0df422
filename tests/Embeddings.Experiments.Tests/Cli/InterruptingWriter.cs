namespace Embeddings.Experiments.Tests.Cli;

/// <summary>Output that interrupts the program when a text appears in it, as a user does who presses Ctrl+C.</summary>
internal sealed class InterruptingWriter(string text, CancellationTokenSource interrupt) : StringWriter
{
    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value?.Contains(text, StringComparison.Ordinal) == true)
        {
            interrupt.Cancel();
        }
    }
}
