            Tokenizer = new TokenizerDescription(TokenizerKind.ByteLevelBpe, 1024, PreTokenization.Words)
            {
                Splitter = Scanner.Splitter,
                Declaration = "05f74acdba9d1f22",
            },
    /// <summary>Where a pre-token of this model's tokenizer ends.</summary>
    /// <remarks>
    /// Letters; or any one other character.
    /// </remarks>
    internal readonly unsafe struct Scanner : global::Embeddings.Tokenization.IScanner
    {
        public const string Pattern = @"\p{L}+|[\s\S]";

        public static readonly global::Embeddings.Tokenization.Splitter Splitter = new global::Embeddings.Tokenization.ScanningSplitter<Scanner>(
            @"Words", Pattern, PreTokenization.Words, cutsAfterWords: true);

        /// <inheritdoc/>
        [global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
        public static byte* Next(byte* start, byte* end)
        {
            uint kind = global::Embeddings.Tokenization.CharacterKinds.At(start, end, out int length);
            // Letters: 32 ASCII bytes at a time, anything else by its category; or one other character.
            return (kind & global::Embeddings.Tokenization.CharacterKinds.Letter) != 0 ? global::Embeddings.Tokenization.Scan.Letters(start + length, end) : start + length;
        }
    }
}

