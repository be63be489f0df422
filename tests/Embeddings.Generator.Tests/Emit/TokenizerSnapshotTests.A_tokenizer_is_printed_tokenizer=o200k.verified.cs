            Tokenizer = new TokenizerDescription(TokenizerKind.File, 300, PreTokenization.O200k)
            {
                Splitter = Scanner.Splitter,
                SpecialTokens = ["<|end|>"],
                Path = "vocabularies/o200k.tiktoken",
                Declaration = "245d9c852286aa7c",
            },
    /// <summary>Where a pre-token of this model's tokenizer ends.</summary>
    /// <remarks>
    /// A word, upper case then lower case, with one character before it that is no letter, digit or line end, and a
    /// contraction after it; or one to 3 digits; or other characters with one space before and line ends and slashes after them;
    /// or white space up to its last line end; or white space, whose last character stays for what follows.
    /// </remarks>
    internal readonly unsafe struct Scanner : global::Embeddings.Tokenization.IScanner
    {
        public const string Pattern = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

        public static readonly global::Embeddings.Tokenization.Splitter Splitter = new global::Embeddings.Tokenization.ScanningSplitter<Scanner>(
            @"O200k", Pattern, PreTokenization.O200k, cutsAfterWords: true);

        /// <inheritdoc/>
        [global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
        public static byte* Next(byte* start, byte* end)
        {
            uint kind = global::Embeddings.Tokenization.CharacterKinds.At(start, end, out int length);
            byte* second = start + length;
            bool mayPrecede = (kind & (global::Embeddings.Tokenization.CharacterKinds.Letter | global::Embeddings.Tokenization.CharacterKinds.Number)) == 0 && *start != (byte)'\r' && *start != (byte)'\n';
            bool isWord = (kind & (global::Embeddings.Tokenization.CharacterKinds.Letter | global::Embeddings.Tokenization.CharacterKinds.Mark)) != 0;
            byte* word;

            // Upper case then lower case, or upper case alone, each with one character before it or without.
            if ((mayPrecede && (word = UpperThenLower(second, end)) != null)
                || (isWord && (word = UpperThenLower(start, end)) != null)
                || (mayPrecede && (word = global::Embeddings.Tokenization.Scan.While(second, end, UpperOrBoth)) != second)
                || (isWord && (word = global::Embeddings.Tokenization.Scan.While(start, end, UpperOrBoth)) != start))
            {
                byte* longer = word < end && *word == (byte)'\'' ? global::Embeddings.Tokenization.Scan.Contraction(word, end) : null;
                return longer != null ? longer : word;
            }

            // One to 3 digits.
            if ((kind & global::Embeddings.Tokenization.CharacterKinds.Number) != 0)
            {
                return global::Embeddings.Tokenization.Scan.AtMost(second, end, global::Embeddings.Tokenization.CharacterKinds.Number, 2);
            }

            // Other characters, one space before them, line ends and slashes after them.
            byte* first = (kind & global::Embeddings.Tokenization.CharacterKinds.Other) != 0 || *start == (byte)' ' ? second : start;
            byte* other = global::Embeddings.Tokenization.Scan.While(first, end, global::Embeddings.Tokenization.CharacterKinds.Other);
            if ((kind & global::Embeddings.Tokenization.CharacterKinds.Other) != 0 || (*start == (byte)' ' && other != second))
            {
                while (other < end && (*other == (byte)'\r' || *other == (byte)'\n' || *other == (byte)'/'))
                {
                    other++;
                }

                return other;
            }

            // White space up to its last line end, or without its last character, which stays for what follows.
            return global::Embeddings.Tokenization.Scan.SpacesOrLines(start, end);
        }

        private const uint Both = global::Embeddings.Tokenization.CharacterKinds.Uncased | global::Embeddings.Tokenization.CharacterKinds.Mark;
        private const uint UpperOrBoth = global::Embeddings.Tokenization.CharacterKinds.Upper | Both;

        /// <summary>Letters without case and marks count as both; a run without lower case gives back up to its last such character.</summary>
        private static byte* UpperThenLower(byte* position, byte* end)
        {
            byte* afterBoth = null;
            while (position < end)
            {
                uint kind = global::Embeddings.Tokenization.CharacterKinds.At(position, end, out int length);
                if ((kind & global::Embeddings.Tokenization.CharacterKinds.Lower) != 0)
                {
                    return global::Embeddings.Tokenization.Scan.While(position + length, end, global::Embeddings.Tokenization.CharacterKinds.Lower | Both);
                }

                if ((kind & UpperOrBoth) == 0)
                {
                    return afterBoth;
                }

                position += length;
                afterBoth = (kind & Both) != 0 ? position : afterBoth;
            }

            return afterBoth;
        }
    }
}

