using Embeddings.Models;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Tokenizers;

/// <summary>Opens the tokenizer file that a model declares and sees to it that the file is what the declaration says.</summary>
internal static class DeclaredFile
{
    /// <summary>Opens it.</summary>
    /// <param name="description">What is declared.</param>
    /// <exception cref="UserError">The file is missing, has another number of entries, or cuts text another way.</exception>
    public static Tokenizer Open(TokenizerDescription description)
    {
        string path = description.Path;
        if (!File.Exists(path))
        {
            throw new UserError($"The declared tokenizer file '{path}' is missing; put it there, seen from the folder that the program is run in.");
        }

        Tokenizer loaded = TokenizerFile.Load(path, description.Splitter);
        if (loaded is BytePairTokenizer pairs)
        {
            if (pairs.Splitter.Name != description.Splitter.Name)
            {
                throw new UserError(
                    $"'{path}' cuts text by {pairs.Splitter.Name} and its declaration says {description.Splitter.Name}; declare what the file says.");
            }

            loaded = pairs.WithSpecialTokens(description.SpecialTokens);
        }

        return loaded.VocabularySize == description.VocabularySize
            ? loaded
            : throw new UserError($"'{path}' has {loaded.VocabularySize} entries and its declaration says {description.VocabularySize}; declare as many.");
    }
}
