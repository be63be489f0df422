namespace Embeddings.Tokenization;

/// <summary>Encodes many documents with several threads; the ids do not depend on how many.</summary>
public static class ParallelEncoding
{
    private const int PieceSize = 1 << 16;

    /// <summary>The ids of each document.</summary>
    /// <param name="tokenizer">Encodes them.</param>
    /// <param name="documents">The documents; long ones are shared among threads where their splitter allows a cut.</param>
    /// <param name="threads">Threads; 0 for one per processor.</param>
    /// <param name="cancellation">Stops between two pieces.</param>
    public static int[][] Encode(
        Tokenizer tokenizer, IReadOnlyList<ReadOnlyMemory<byte>> documents, int threads = 0, CancellationToken cancellation = default)
    {
        List<Piece> pieces = Cut(tokenizer, documents);
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount,
            CancellationToken = cancellation,
        };
        int next = 0;
        Parallel.For(0, options.MaxDegreeOfParallelism, options, _ =>
        {
            int[] room = [];
            for (int i; (i = Interlocked.Increment(ref next) - 1) < pieces.Count;)
            {
                cancellation.ThrowIfCancellationRequested();
                Piece piece = pieces[i];

                // As many places as bytes, and some more, so that ids need not be written elsewhere first.
                const int Slack = 16;
                int length = piece.End - piece.Start;
                room = room.Length >= length + Slack ? room : GC.AllocateUninitializedArray<int>(length + Slack);
                piece.Ids = room.AsSpan(0, tokenizer.Encode(documents[piece.Document].Span[piece.Start..piece.End], room)).ToArray();
            }
        });
        return Join(pieces, documents.Count);
    }

    private static List<Piece> Cut(Tokenizer tokenizer, IReadOnlyList<ReadOnlyMemory<byte>> documents)
    {
        Splitter? splitter = (tokenizer as BytePairTokenizer)?.Splitter;
        var pieces = new List<Piece>(documents.Count);
        for (int document = 0; document < documents.Count; document++)
        {
            int start = 0;
            int length = documents[document].Length;
            while (splitter is not null && length - start > 2 * PieceSize
                && splitter.LastCut(documents[document].Span, start, start + PieceSize) is > 0 and int cut)
            {
                pieces.Add(new Piece { Document = document, Start = start, End = cut });
                start = cut;
            }

            pieces.Add(new Piece { Document = document, Start = start, End = length });
        }

        return pieces;
    }

    private static int[][] Join(List<Piece> pieces, int documents)
    {
        var ids = new int[documents][];
        for (int first = 0; first < pieces.Count;)
        {
            int document = pieces[first].Document;
            int next = first;
            long total = 0;
            for (; next < pieces.Count && pieces[next].Document == document; next++)
            {
                total += pieces[next].Ids.Length;
            }

            ids[document] = next == first + 1 ? pieces[first].Ids : new int[total];
            int written = 0;
            for (; first < next; first++)
            {
                if (!ReferenceEquals(ids[document], pieces[first].Ids))
                {
                    pieces[first].Ids.CopyTo(ids[document], written);
                    written += pieces[first].Ids.Length;
                }
            }
        }

        return ids;
    }

    private sealed class Piece
    {
        public int Document { get; init; }

        public int Start { get; init; }

        public int End { get; init; }

        public int[] Ids { get; set; } = [];
    }
}
