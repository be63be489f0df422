using System.Text;

namespace Embeddings.Experiments.Cli;

/// <summary>Reads what a command works on: a file, text on the command line, or the standard input.</summary>
internal static class InputBytes
{
    /// <summary>Reads it.</summary>
    /// <param name="file">A path, or null.</param>
    /// <param name="text">Text on the command line, or null.</param>
    /// <param name="option">The option that gave the text.</param>
    /// <exception cref="UserError">Both are given, or the file cannot be read.</exception>
    public static byte[] Read(string? file, string? text, string option)
    {
        if (file is not null && text is not null)
        {
            throw new UserError($"Give a file or {option}, not both.");
        }

        if (text is not null)
        {
            return Encoding.UTF8.GetBytes(text);
        }

        if (file is null)
        {
            using Stream input = Console.OpenStandardInput();
            using var copy = new MemoryStream();
            input.CopyTo(copy);
            return copy.ToArray();
        }

        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError(File.Exists(file) ? $"Cannot read '{file}': {error.Message.TrimEnd('.')}." : $"There is no file '{file}'.", error);
        }
    }
}
