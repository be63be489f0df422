            Tokenizer = new TokenizerDescription(TokenizerKind.RandomMerges, 300, PreTokenization.Gpt2)
            {
                Splitter = Scanner.Splitter,
                Seed = -7,
                Declaration = "a9d6ccd9b5cc47cd",
            },
    /// <summary>Where a pre-token of this model's tokenizer ends.</summary>
    /// <remarks>
    /// A contraction in lower case; or letters, digits, or other characters, each with one space before them; or white
    /// space, whose last character stays for what follows.
    /// </remarks>
    internal readonly unsafe struct Scanner : global::Embeddings.Tokenization.IScanner
    {
        public const string Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

        public static readonly global::Embeddings.Tokenization.Splitter Splitter = new global::Embeddings.Tokenization.ScanningSplitter<Scanner>(
            @"Gpt2", Pattern, PreTokenization.Gpt2, cutsAfterWords: true);

        /// <inheritdoc/>
        [global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
        public static byte* Next(byte* start, byte* end)
        {
            // One space before letters, digits or other characters belongs to them; a contraction stands by itself.
            byte* position = *start == (byte)' ' && end - start > 1 ? start + 1 : start;
            byte* contraction = *start == (byte)'\'' ? global::Embeddings.Tokenization.Scan.LowerContraction(start, end) : null;
            if (contraction != null)
            {
                return contraction;
            }

            uint kind = global::Embeddings.Tokenization.CharacterKinds.At(position, end, out int length);
            // Letters: 32 ASCII bytes at a time, anything else by its category.
            if ((kind & global::Embeddings.Tokenization.CharacterKinds.Letter) != 0)
            {
                return global::Embeddings.Tokenization.Scan.Letters(position + length, end);
            }

            // Digits.
            if ((kind & global::Embeddings.Tokenization.CharacterKinds.Number) != 0)
            {
                return global::Embeddings.Tokenization.Scan.While(position + length, end, global::Embeddings.Tokenization.CharacterKinds.Number);
            }

            // Other characters.
            if ((kind & global::Embeddings.Tokenization.CharacterKinds.Other) != 0)
            {
                return global::Embeddings.Tokenization.Scan.While(position + length, end, global::Embeddings.Tokenization.CharacterKinds.Other);
            }

            // White space, whose last character stays for what follows.
            return global::Embeddings.Tokenization.Scan.Spaces(start, end);
        }
    }
}

