using Embeddings.Tokenization;

namespace Embeddings.Experiments.Cli;

/// <summary>Finds the tokenizer that a user names.</summary>
internal static class TokenizerPath
{
    /// <summary>Opens a tokenizer file, or the one in a folder.</summary>
    /// <param name="path">A file, or a folder such as a run's.</param>
    /// <exception cref="UserError">There is none, or it cannot be read.</exception>
    public static Tokenizer Open(string path)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, TokenizerFile.Name) : path;
        return File.Exists(file) ? TokenizerFile.Load(file)
            : throw new UserError(file == path ? $"There is no tokenizer file '{path}'." : $"The folder '{path}' holds no {TokenizerFile.Name}.");
    }
}
