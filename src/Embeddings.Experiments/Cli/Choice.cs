namespace Embeddings.Experiments.Cli;

/// <summary>One of a few names, which is shown as it is written on the command line: in lower case.</summary>
/// <param name="Value">What is chosen.</param>
internal readonly record struct Choice<T>(T Value)
    where T : struct, Enum
{
    /// <summary>All names.</summary>
    public static string[] Names { get; } = [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())];

    /// <inheritdoc/>
    public override string ToString() => Value.ToString().ToLowerInvariant();
}
