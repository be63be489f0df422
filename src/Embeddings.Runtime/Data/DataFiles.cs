namespace Embeddings.Data;

/// <summary>Reads files and folders as documents.</summary>
internal static class DataFiles
{
    private static readonly byte[] s_shardMagics = [0xF8, 0x07, 0x35, 0x01]; // 20240520, the first number of llm.c's token files

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
                JsonLines.Read(file, options.TextField, documents, cancellation);
                break;
            case ".parquet":
                ParquetText.Read(file, options.TextField, documents, cancellation);
                break;
            default:
                byte[] bytes = ReadWhole(file);
                if (bytes.AsSpan().StartsWith(s_shardMagics))
                {
                    throw new UserError($"'{file}' holds token ids of another tokenizer; give the text it was made from.");
                }

                documents.Add(new Document(file, bytes));
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

    private static IEnumerable<string> Files(string path)
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
