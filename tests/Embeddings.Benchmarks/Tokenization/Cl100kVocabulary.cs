using Embeddings.Tokenization;

namespace Embeddings.Benchmarks.Tokenization;

/// <summary>cl100k's vocabulary, which Microsoft's package brings.</summary>
internal static class Cl100kVocabulary
{
    /// <summary>Writes it as a file of ranks.</summary>
    public static void Save(string file) => File.WriteAllLines(file, Ranks());

    /// <summary>This project's tokenizer of it.</summary>
    public static BytePairTokenizer Open()
    {
        string file = Path.GetTempFileName();
        Save(file);
        BytePairTokenizer tokenizer = TokenizerFile.LoadRanks(file, Splitter.Of(PreTokenization.Cl100k));
        File.Delete(file);
        return tokenizer;
    }

    private static IEnumerable<string> Ranks()
    {
        var assembly = System.Reflection.Assembly.Load("Microsoft.ML.Tokenizers.Data.Cl100kBase");
        using Stream resource = assembly.GetManifestResourceStream(assembly.GetManifestResourceNames().Single())!;
        using var inflated = new System.IO.Compression.DeflateStream(resource, System.IO.Compression.CompressionMode.Decompress);
        using var reader = new StreamReader(inflated);
        reader.ReadLine();
        int rank = 0;
        while (reader.ReadLine() is { } line)
        {
            yield return $"{line.Split(' ')[0]} {rank++}";
        }
    }
}
