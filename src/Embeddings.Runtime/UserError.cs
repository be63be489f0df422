namespace Embeddings;

/// <summary>A mistake in what the user gave: the message is one sentence that names the file, line or option and what to change.</summary>
public sealed class UserError(string message, Exception? cause = null) : Exception(message, cause);
