namespace Embeddings.Experiments.Cli;

/// <summary>Work was stopped by the user; the message says how to go on with it.</summary>
internal sealed class StoppedException(string message) : OperationCanceledException(message);
