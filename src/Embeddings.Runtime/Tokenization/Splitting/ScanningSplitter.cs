namespace Embeddings.Tokenization;

/// <summary>A splitter that walks a document with a scanner, which is compiled into its loop.</summary>
/// <param name="name">What the tokenizer's identity calls it.</param>
/// <param name="pattern">The regular expression that the scanner stands for.</param>
/// <param name="standard">The standard pattern that it is, or null.</param>
/// <param name="cutsAfterWords">As <see cref="Splitter.CutsAfterWords"/>.</param>
public sealed unsafe class ScanningSplitter<TScanner>(string name, string pattern, PreTokenization? standard, bool cutsAfterWords) : Splitter
    where TScanner : struct, IScanner
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override string Pattern => pattern;

    /// <inheritdoc/>
    public override PreTokenization? Standard => standard;

    /// <inheritdoc/>
    public override bool CutsAfterWords => cutsAfterWords;

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> document, PreTokenSink sink)
    {
        Span<int> ends = sink.Ends;
        fixed (byte* first = document)
        {
            byte* end = first + document.Length;
            byte* position = first;
            while (position < end)
            {
                int start = (int)(position - first);
                int count = 0;
                while (count < ends.Length && position < end)
                {
                    position = TScanner.Next(position, end);
                    ends[count++] = (int)(position - first);
                }

                sink.Take(document, start, ends[..count]);
            }
        }
    }
}
