            Tokenizer = new TokenizerDescription(TokenizerKind.ByteLevelBpe, 1024, PreTokenization.Cl100k)
            {
                Splitter = Scanner.Splitter,
                Declaration = "98364dbfe9b810af",
            },
    /// <summary>Where a pre-token of this model's tokenizer ends.</summary>
    /// <remarks>
    /// A contraction in any case; or letters, with one character before them that is no letter, digit or line end; or
    /// one to 2 digits; or other characters with one space before and line ends after them; or white space up to its last line
    /// end; or white space, whose last character stays for what follows.
    /// </remarks>
    internal readonly unsafe struct Scanner : global::Embeddings.Tokenization.IScanner
    {
        public const string Pattern = @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,2}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

        public static readonly global::Embeddings.Tokenization.Splitter Splitter = new global::Embeddings.Tokenization.ScanningSplitter<Scanner>(
            @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,2}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+", Pattern, null, cutsAfterWords: true);

        /// <inheritdoc/>
        [global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
        public static byte* Next(byte* start, byte* end)
        {
            uint kind = global::Embeddings.Tokenization.CharacterKinds.At(start, end, out int length);
            byte* second = start + length;
            // Letters: 32 ASCII bytes at a time, anything else by its category.
            if ((kind & global::Embeddings.Tokenization.CharacterKinds.Letter) != 0)
            {
                return global::Embeddings.Tokenization.Scan.Letters(second, end);
            }

            // One to 2 digits.
            if ((kind & global::Embeddings.Tokenization.CharacterKinds.Number) != 0)
            {
                return global::Embeddings.Tokenization.Scan.AtMost(second, end, global::Embeddings.Tokenization.CharacterKinds.Number, 1);
            }

            // A contraction in any case.
            byte* contraction = *start == (byte)'\'' ? global::Embeddings.Tokenization.Scan.Contraction(start, end) : null;
            if (contraction != null)
            {
                return contraction;
            }

            // Letters behind one character that is no letter, digit or line end.
            uint next = second < end ? global::Embeddings.Tokenization.CharacterKinds.At(second, end, out length) : 0;
            if ((next & global::Embeddings.Tokenization.CharacterKinds.Letter) != 0 && *start != (byte)'\r' && *start != (byte)'\n')
            {
                return global::Embeddings.Tokenization.Scan.Letters(second + length, end);
            }

            // Other characters, one space before them, line ends after them.
            if ((kind & global::Embeddings.Tokenization.CharacterKinds.Other) != 0 || (*start == (byte)' ' && (next & global::Embeddings.Tokenization.CharacterKinds.Other) != 0))
            {
                return global::Embeddings.Tokenization.Scan.LineEnds(global::Embeddings.Tokenization.Scan.While(second, end, global::Embeddings.Tokenization.CharacterKinds.Other), end);
            }

            // White space up to its last line end, or without its last character, which stays for what follows.
            return (next & global::Embeddings.Tokenization.CharacterKinds.Space) == 0 ? second : global::Embeddings.Tokenization.Scan.SpacesOrLines(start, end);
        }

        /// <inheritdoc/>
        public static bool ReadsBlocks => global::Embeddings.Tokenization.Cl100kBlocks.IsSupported;

        /// <summary>The same for all pre-tokens of 64 ASCII bytes at once.</summary>
        [global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
        public static ulong Starts(byte* block, byte* end) =>
            global::Embeddings.Tokenization.Cl100kBlocks.Starts(block, end, mostDigits: 2);
    }
}

