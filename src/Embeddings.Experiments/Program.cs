using System.Runtime.InteropServices;
using Embeddings.Experiments.Cli;

// The first interrupt stops work cleanly, with its state saved; the second ends the process.
using var interrupts = new CancellationTokenSource();
void Interrupt(PosixSignalContext context)
{
    context.Cancel = !interrupts.IsCancellationRequested;
    interrupts.Cancel();
}

using PosixSignalRegistration onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using PosixSignalRegistration onTermination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
return await EmbeddingsProgram.RunAsync(args, Console.Out, Console.Error, interrupts.Token).ConfigureAwait(false);
