using Embeddings.Experiments.Cli;
using Embeddings.Models;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Tokenizers;

/// <summary>Files of a run's tokenizers that a user gives; null where the run has or trains its own.</summary>
/// <param name="Targets">Of the targets.</param>
/// <param name="Inputs">Of the inputs.</param>
/// <param name="Second">Of the second input table.</param>
/// <param name="Suffixes">Whose tokens have suffix rows.</param>
internal sealed record TokenizerPaths(string? Targets = null, string? Inputs = null, string? Second = null, string? Suffixes = null);

/// <summary>Every tokenizer of a run; each but the targets' is null where the model does not declare it.</summary>
/// <param name="Targets">Of the targets.</param>
/// <param name="Inputs">Of the inputs.</param>
/// <param name="Second">Of the second input table.</param>
/// <param name="Suffixes">Whose tokens have suffix rows.</param>
internal sealed record RunTokenizers(Tokenizer Targets, Tokenizer? Inputs, Tokenizer? Second, Tokenizer? Suffixes)
{
    private const string InputsName = "input-tokenizer.json";
    private const string SecondName = "second-tokenizer.json";
    private const string SuffixesName = "suffix-tokenizer.json";

    /// <summary>The tokenizers that cut text and align it.</summary>
    public ModelTokenizers Aligned => new(Targets, Inputs, Second);

    /// <summary>The bytes of their tokens.</summary>
    public ModelVocabularies Vocabularies => new(Targets.Tokens, Inputs?.Tokens, Suffixes?.Tokens);

    /// <summary>Opens or trains all tokenizers of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="given">Files that the user gives.</param>
    /// <param name="folder">A run's folder, in which tokenizers may stand; null for none.</param>
    /// <param name="make">Makes a tokenizer that is neither given nor there, of the name of its file.</param>
    /// <exception cref="UserError">A tokenizer is given that the model has no place for, or one cannot be opened.</exception>
    public static RunTokenizers Open(ModelDescription model, TokenizerPaths given, string? folder, Func<TokenizerDescription, string, Tokenizer> make)
    {
        return new RunTokenizers(
            One(model.Tokenizer, given.Targets, TokenizerFile.Name),
            Beside(model.InputTokenizer, given.Inputs, InputsName, "input vocabulary of its own", "--input-tokenizer"),
            Beside(model.SecondTokenizer, given.Second, SecondName, "second input table", "--second-tokenizer"),
            Beside(model.SuffixTokenizer, given.Suffixes, SuffixesName, "suffix rows", "--suffix-tokenizer"));

        Tokenizer? Beside(TokenizerDescription? declared, string? path, string name, string what, string option) =>
            declared is not null ? One(declared, path, name)
            : path is null ? null
            : throw new UserError($"{model.Name} declares no {what}; leave {option} out.");

        Tokenizer One(TokenizerDescription declared, string? path, string name)
        {
            string kept = Path.Combine(folder ?? "", name);
            return path is not null ? TokenizerPath.Open(path)
                : declared.Kind == TokenizerKind.Bytes ? new ByteTokenizer()
                : folder is not null && File.Exists(kept) ? TokenizerFile.Load(kept)
                : make(declared, name);
        }
    }

    /// <summary>Writes them into the folder of a run.</summary>
    public void Save(string folder)
    {
        foreach ((Tokenizer? tokenizer, string name) in new[] { (Targets, TokenizerFile.Name), (Inputs, InputsName), (Second, SecondName), (Suffixes, SuffixesName) })
        {
            if (tokenizer is not null)
            {
                TokenizerFile.Save(Path.Combine(folder, name), tokenizer);
            }
        }
    }
}
