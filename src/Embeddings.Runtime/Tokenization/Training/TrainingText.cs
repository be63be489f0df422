using System.Globalization;
using System.Security.Cryptography;
using Embeddings.Data;

namespace Embeddings.Tokenization;

/// <summary>
/// Text to train a tokenizer on, read as it is needed: whole documents from memory, or files in pieces of some hundred kilobytes, so that memory follows
/// the distinct words and not the text.
/// </summary>
public abstract class TrainingText
{
    private const int PieceSize = 1 << 18;

    /// <summary>Bytes in all as far as they are known beforehand, for progress; 0 where they are not.</summary>
    internal abstract long KnownBytes { get; }

    /// <summary>Documents from memory or from anywhere; each is split by itself.</summary>
    public static TrainingText Of(IEnumerable<ReadOnlyMemory<byte>> documents) => new Documents(documents);

    /// <summary>
    /// Files and folders, as <see cref="Corpora.Open"/> reads them: text files are one document each, lines of <c>.jsonl</c> and rows of
    /// <c>.parquet</c> as well; token shards with the tokenizer beside them.
    /// </summary>
    /// <param name="paths">Files and folders.</param>
    /// <param name="options">How to read them.</param>
    /// <exception cref="UserError">A path is missing, or a folder is empty.</exception>
    public static TrainingText OfFiles(IEnumerable<string> paths, CorpusOptions? options = null) =>
        new Files([.. paths.SelectMany(DataFiles.Files)], options ?? new CorpusOptions());

    /// <summary>The text in pieces that a splitter may take by themselves; read while it is enumerated.</summary>
    internal abstract IEnumerable<TextPiece> Pieces(Splitter splitter);

    /// <summary>What tells this text from another and from itself changed: of files paths, lengths and times, of documents a hash.</summary>
    internal abstract string Fingerprint();

    /// <summary>A document in pieces where the splitter allows it.</summary>
    private static IEnumerable<TextPiece> Cut(ReadOnlyMemory<byte> document, Splitter splitter)
    {
        int start = 0;
        foreach (int end in splitter.Parts(document, PieceSize))
        {
            yield return new TextPiece(document[start..end]);
            start = end;
        }
    }

    private sealed class Documents(IEnumerable<ReadOnlyMemory<byte>> documents) : TrainingText
    {
        internal override long KnownBytes =>
            documents is IReadOnlyCollection<ReadOnlyMemory<byte>> all ? all.Sum(document => (long)document.Length) : 0;

        internal override IEnumerable<TextPiece> Pieces(Splitter splitter) =>
            documents.SelectMany(document => Cut(document, splitter));

        internal override string Fingerprint()
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (ReadOnlyMemory<byte> document in documents)
            {
                hash.AppendData(BitConverter.GetBytes(document.Length));
                hash.AppendData(document.Span);
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    private sealed class Files(string[] files, CorpusOptions options) : TrainingText
    {
        internal override long KnownBytes => files.Sum(file => new FileInfo(file).Length);

        internal override IEnumerable<TextPiece> Pieces(Splitter splitter) =>
            files.SelectMany(file => Path.GetExtension(file).ToLowerInvariant() switch
            {
                ".jsonl" => JsonLines.Read(file, options.TextField, CancellationToken.None).SelectMany(document => Cut(document.Bytes, splitter)),
                ".parquet" => ParquetText.Read(file, options.TextField, CancellationToken.None).SelectMany(document => Cut(document.Bytes, splitter)),
                _ when TokenShardText.Is(file) => TokenShardText.Read(file).SelectMany(document => Cut(document.Bytes, splitter)),
                _ => TextFilePieces.Read(file, splitter, PieceSize),
            });

        internal override string Fingerprint() => string.Join('\n', files.Select(file => new FileInfo(file)).Select(file =>
            string.Create(CultureInfo.InvariantCulture, $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}")).Prepend(options.TextField));
    }
}
