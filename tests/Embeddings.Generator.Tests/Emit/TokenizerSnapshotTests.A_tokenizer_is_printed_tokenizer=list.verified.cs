            Tokenizer = new TokenizerDescription(TokenizerKind.WordList, 259, PreTokenization.None)
            {
                Words = ["un", "do", "ü"],
                Declaration = "26b96b025197d1ec",
            },
