using System.Buffers;

namespace Embeddings.Tokenization;

/// <summary>Encodes many documents with several threads; the ids do not depend on how many.</summary>
public static class ParallelEncoding
{
    private const int PieceSize = 1 << 16;
    private const int BlockSize = 1 << 18;

    /// <summary>The ids of each document.</summary>
    /// <param name="tokenizer">Encodes them.</param>
    /// <param name="documents">The documents; long ones are shared among threads where their splitter allows a cut.</param>
    /// <param name="threads">Threads; 0 for one per processor.</param>
    /// <param name="cancellation">Stops between two pieces.</param>
    public static int[][] Encode(
        Tokenizer tokenizer, IReadOnlyList<ReadOnlyMemory<byte>> documents, int threads = 0, CancellationToken cancellation = default)
    {
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount,
            CancellationToken = cancellation,
        };
        var ids = new int[documents.Count][];
        List<Piece> pieces = Cut(tokenizer, documents);
        var blocks = new List<int[]>();
        ForEach(pieces, options, () => new Room(blocks), (piece, room) =>
        {
            int length = piece.End - piece.Start;
            int[] block = room.For(length, out int start);
            int count = tokenizer.Encode(documents[piece.Document].Span.Slice(piece.Start, length), block.AsSpan(start));
            if (length == documents[piece.Document].Length)
            {
                ids[piece.Document] = block.AsSpan(start, count).ToArray();
                return;
            }

            piece.Ids = block.AsMemory(start, count);
            room.Take(count);
        });
        List<Piece> parts = Allocate(pieces, documents, ids);
        ForEach(parts, options, () => ids, (part, all) => part.Ids.Span.CopyTo(all[part.Document].AsSpan(part.FirstId)));
        blocks.ForEach(block => ArrayPool<int>.Shared.Return(block));
        return ids;
    }

    /// <summary>Gives the items to threads in turns, each of which has something of its own.</summary>
    private static void ForEach<TItem, TOwn>(List<TItem> items, ParallelOptions options, Func<TOwn> own, Action<TItem, TOwn> action)
    {
        int next = 0;
        Parallel.For(0, Math.Min(options.MaxDegreeOfParallelism, items.Count), options, _ =>
        {
            TOwn mine = own();
            for (int i; (i = Interlocked.Increment(ref next) - 1) < items.Count;)
            {
                options.CancellationToken.ThrowIfCancellationRequested();
                action(items[i], mine);
            }
        });
    }

    private static List<Piece> Cut(Tokenizer tokenizer, IReadOnlyList<ReadOnlyMemory<byte>> documents)
    {
        Splitter? splitter = (tokenizer as BytePairTokenizer)?.Splitter;
        var pieces = new List<Piece>(documents.Count);
        for (int document = 0; document < documents.Count; document++)
        {
            int start = 0;
            foreach (int end in splitter?.Parts(documents[document], PieceSize) ?? [documents[document].Length])
            {
                pieces.Add(new Piece { Document = document, Start = start, End = end });
                start = end;
            }
        }

        return pieces;
    }

    /// <summary>Makes the arrays of the documents that are in pieces, and returns the pieces with their places there.</summary>
    private static List<Piece> Allocate(List<Piece> pieces, IReadOnlyList<ReadOnlyMemory<byte>> documents, int[][] ids)
    {
        List<Piece> parts = pieces.FindAll(piece => piece.End - piece.Start < documents[piece.Document].Length);
        for (int first = 0, next; first < parts.Count; first = next)
        {
            int count = 0;
            for (next = first; next < parts.Count && parts[next].Document == parts[first].Document; next++)
            {
                parts[next].FirstId = count;
                count = checked(count + parts[next].Ids.Length);
            }

            ids[parts[first].Document] = GC.AllocateUninitializedArray<int>(count);
        }

        return parts;
    }

    private sealed class Piece
    {
        public int Document { get; init; }

        public int Start { get; init; }

        public int End { get; init; }

        /// <summary>Its ids, where it is a part of a document.</summary>
        public Memory<int> Ids { get; set; }

        /// <summary>Ids of the document before them.</summary>
        public int FirstId { get; set; }
    }

    /// <summary>Where a thread writes ids: pooled blocks, since the pages of new memory would cost more than the encoding.</summary>
    /// <param name="blocks">Receives all blocks, of all threads.</param>
    private sealed class Room(List<int[]> blocks)
    {
        private int[] _block = [];
        private int _used;

        /// <summary>Free places for the ids of so many bytes, and some more, so that they need not be written elsewhere first.</summary>
        public int[] For(int bytes, out int start)
        {
            const int Slack = 16;
            if (_block.Length - _used < bytes + Slack)
            {
                _block = ArrayPool<int>.Shared.Rent(Math.Max(BlockSize, bytes + Slack));
                _used = 0;
                lock (blocks)
                {
                    blocks.Add(_block);
                }
            }

            start = _used;
            return _block;
        }

        /// <summary>Keeps so many of them.</summary>
        public void Take(int count) => _used += count;
    }
}
