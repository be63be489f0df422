namespace Embeddings.Data;

/// <summary>Reads files and folders as documents.</summary>
internal static class DataFiles
{
    /// <summary>Loads a file, or every file below a folder.</summary>
    /// <exception cref="UserError">A path is missing or cannot be read.</exception>
    public static Corpus Load(string path, CorpusOptions options, CancellationToken cancellation)
    {
        var documents = new List<Document>();
        foreach (string file in Files(path))
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                ReadFile(file, options, documents, cancellation);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new UserError($"Cannot read '{file}': {error.Message.TrimEnd('.')}.", error);
            }
        }

        return new Corpus(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))), documents);
    }

    private static void ReadFile(string file, CorpusOptions options, List<Document> documents, CancellationToken cancellation)
    {
        switch (Path.GetExtension(file).ToLowerInvariant())
        {
            case ".jsonl":
                documents.AddRange(JsonLines.Read(file, options.TextField, cancellation));
                break;
            case ".parquet":
                documents.AddRange(ParquetText.Read(file, options.TextField, cancellation));
                break;
            default:
                if (TokenShardText.Is(file))
                {
                    documents.AddRange(TokenShardText.Read(file));
                }
                else
                {
                    documents.Add(new Document(file, ReadWhole(file)));
                }

                break;
        }
    }

    internal static byte[] ReadWhole(string file)
    {
        if (new FileInfo(file).Length > Array.MaxLength)
        {
            throw new UserError($"'{file}' is larger than 2 GB; split it into smaller files and give their folder.");
        }

        return File.ReadAllBytes(file);
    }

    /// <summary>
    /// A file, or the files below a folder in ordinal order; those whose name begins with a dot are left out, and the tokenizers of token
    /// shards.
    /// </summary>
    /// <exception cref="UserError">There is no such path, or no file below it.</exception>
    internal static IEnumerable<string> Files(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new UserError("The path of the data is empty; give a file or a folder.");
        }

        if (File.Exists(path))
        {
            return [path];
        }

        if (!Directory.Exists(path))
        {
            throw new UserError($"There is no file or folder '{path}'.");
        }

        var files = new List<string>();
        try
        {
            Collect(new DirectoryInfo(path), files);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"Cannot list the folder '{path}': {error.Message.TrimEnd('.')}.", error);
        }

        files = [.. files.Where(file => !TokenShardText.IsTokenizerOfShards(file, files))];
        return files.Count > 0 ? files : throw new UserError($"The folder '{path}' holds no files.");
    }

    private static void Collect(DirectoryInfo folder, List<string> files)
    {
        foreach (FileSystemInfo entry in folder.GetFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            if (entry.Name.StartsWith('.'))
            {
                continue;
            }

            if (entry is FileInfo)
            {
                files.Add(entry.FullName);
            }
            else if (entry is DirectoryInfo inner && inner.LinkTarget is null)
            {
                Collect(inner, files);
            }
        }
    }
}
