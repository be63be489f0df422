using System.Globalization;
using System.Text;
using Embeddings.Checkpoints;

namespace Embeddings.Cuda.Bindings;

/// <summary>
/// Which algorithm was fastest, kept in a file so that the next run need not time again and gets the same bits. One line per choice:
/// device, library version and shape, then the algorithm's bytes in hexadecimal, separated by a tab. Lines that are not understood, and
/// failures to write, cost no more than timing again.
/// </summary>
/// <param name="path">The file.</param>
internal sealed unsafe class AlgorithmCache(string path)
{
    /// <summary>Environment variable with the folder to keep it in.</summary>
    public const string Variable = "EMBEDDINGS_CACHE";

    private Dictionary<string, LtAlgorithm>? _choices;

    /// <summary>The file in the user's cache folder.</summary>
    public static string DefaultPath
    {
        get
        {
            string folder = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
                ? named
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "embeddings");
            return Path.Combine(folder, "cuda-products.txt");
        }
    }

    /// <summary>The choice for a key.</summary>
    public bool TryFind(string key, out LtAlgorithm algorithm) => (_choices ??= Read()).TryGetValue(key, out algorithm);

    /// <summary>Adds a choice and writes the file, with what other programs wrote in the meantime.</summary>
    public void Add(string key, LtAlgorithm algorithm)
    {
        Dictionary<string, LtAlgorithm> all = Read();
        foreach ((string known, LtAlgorithm choice) in _choices ?? [])
        {
            all.TryAdd(known, choice);
        }

        all[key] = algorithm;
        _choices = all;
        try
        {
            AtomicFile.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
            AtomicFile.Write(path, stream =>
            {
                foreach ((string line, LtAlgorithm choice) in all.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    stream.Write(Encoding.UTF8.GetBytes($"{line}\t{Text(choice)}\n"));
                }
            });
        }
        catch (UserError)
        {
        }
    }

    private static string Text(LtAlgorithm algorithm)
    {
        var text = new StringBuilder();
        for (int i = 0; i < 8; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{algorithm.Data[i]:x16}");
        }

        return text.ToString();
    }

    private static bool TryParse(string text, out LtAlgorithm algorithm)
    {
        algorithm = default;
        if (text.Length != 8 * 16)
        {
            return false;
        }

        for (int i = 0; i < 8; i++)
        {
            if (!ulong.TryParse(text.AsSpan(16 * i, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out algorithm.Data[i]))
            {
                return false;
            }
        }

        return true;
    }

    private Dictionary<string, LtAlgorithm> Read()
    {
        var choices = new Dictionary<string, LtAlgorithm>(StringComparer.Ordinal);
        try
        {
            foreach (string line in File.Exists(path) ? File.ReadAllLines(path) : [])
            {
                string[] parts = line.Split('\t');
                if (parts.Length == 2 && TryParse(parts[1], out LtAlgorithm algorithm))
                {
                    choices[parts[0]] = algorithm;
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }

        return choices;
    }
}
