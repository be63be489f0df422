            Tokenizer = new TokenizerDescription(TokenizerKind.ByteLevelBpe, 1024, PreTokenization.Cl100k)
            {
                Splitter = new global::Embeddings.Tokenization.PatternSplitter(@"\p{Lu}?\p{Ll}+|""x"),
                Declaration = "94b66caacede85dd",
            },
