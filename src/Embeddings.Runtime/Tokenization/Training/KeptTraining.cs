using System.Numerics;
using System.Security.Cryptography;
using Embeddings.Checkpoints;

namespace Embeddings.Tokenization;

/// <summary>
/// A training that was stopped, in a file: while it counted, the pieces of text that are done and the words met in them; later, the merges
/// learned and the words as these merges left them.
/// </summary>
/// <remarks>The file: "EMBTOK01", the hash of the job, then numbers of seven bits a byte, lowest first, and bytes; then SHA-256 of all before.</remarks>
/// <typeparam name="TSymbol">Holds an id.</typeparam>
internal sealed unsafe class KeptTraining<TSymbol>
    where TSymbol : unmanaged, IBinaryInteger<TSymbol>
{
    private static readonly byte[] s_magic = "EMBTOK01"u8.ToArray();

    /// <summary>Bytes of text counted.</summary>
    public long Bytes { get; private init; }

    /// <summary>Pieces of text counted, where counting was not at its end.</summary>
    public long Pieces { get; private init; }

    /// <summary>Their words; null where counting was at its end.</summary>
    public WordCounts? Counts { get; private init; }

    /// <summary>The words with merges made; null where counting was not at its end.</summary>
    public TrainingWords<TSymbol>? Words { get; private init; }

    /// <summary>The merges.</summary>
    public IReadOnlyList<(int Left, int Right)> Merges { get; private init; } = [];

    /// <summary>Keeps a training that counts words.</summary>
    public static void Write(string path, byte[] job, long bytes, WordCounts counts, long pieces) => Write(path, job, bytes, writer =>
    {
        writer.Number(0);
        writer.Number(pieces);
        writer.Number(counts.Count);
        counts.Visit((word, count) =>
        {
            writer.Number(count);
            writer.Number(word.Length);
            writer.Bytes(word);
        }, release: false);
    });

    /// <summary>Keeps a training that learns merges.</summary>
    public static void Write(
        string path, byte[] job, long bytes, TrainingWords<TSymbol> words, IReadOnlyList<(int Left, int Right)> merges) => Write(path, job, bytes, writer =>
    {
        writer.Number(1);
        writer.Number(merges.Count);
        foreach ((int left, int right) in merges)
        {
            writer.Number(left);
            writer.Number(right);
        }

        writer.Number(words.Count);
        for (int word = words.First; word >= 0; word = words.Next(word))
        {
            TSymbol* symbols = words.Symbols(word, out int length);
            writer.Number(words.CountOf(word));
            writer.Number(length);
            for (int i = 0; i < length; i++)
            {
                writer.Number(long.CreateTruncating(symbols[i]));
            }
        }
    });

    /// <summary>Reads what was kept; null where there is no file, or one of another job.</summary>
    /// <exception cref="UserError">The file is damaged or cannot be read.</exception>
    public static KeptTraining<TSymbol>? Read(string path, byte[] job)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read);
            using var reader = new NumberReader(stream);
            return reader.Expect(s_magic) && reader.Expect(job) ? Read(reader) : null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new UserError($"The work kept in '{path}' cannot be read ({problem.Message.TrimEnd('.')}); delete it to begin anew.", problem);
        }
    }

    private static void Write(string path, byte[] job, long bytes, Action<NumberWriter> write) => AtomicFile.Write(path, stream =>
    {
        using var writer = new NumberWriter(stream);
        writer.Bytes(s_magic);
        writer.Bytes(job);
        writer.Number(bytes);
        write(writer);
        writer.End();
    });

    private static KeptTraining<TSymbol> Read(NumberReader reader)
    {
        long bytes = reader.Number();
        if (reader.Number() == 0)
        {
            long pieces = reader.Number();
            var counts = new WordCounts();
            for (long i = reader.Number(); i > 0; i--)
            {
                long count = reader.Number();
                counts.Add(reader.Bytes(reader.Length()), count);
            }

            reader.End();
            return new KeptTraining<TSymbol> { Bytes = bytes, Pieces = pieces, Counts = counts };
        }

        var merges = new (int Left, int Right)[reader.Length()];
        for (int i = 0; i < merges.Length; i++)
        {
            merges[i] = (reader.Length(), reader.Length());
        }

        var words = new TrainingWords<TSymbol>();
        for (long i = reader.Number(); i > 0; i--)
        {
            long count = reader.Number();
            int length = reader.Length();
            TSymbol* symbols = words.Add(length, count);
            for (int k = 0; k < length; k++)
            {
                symbols[k] = TSymbol.CreateTruncating(reader.Number());
            }
        }

        reader.End();
        return new KeptTraining<TSymbol> { Bytes = bytes, Words = words, Merges = merges };
    }
}
