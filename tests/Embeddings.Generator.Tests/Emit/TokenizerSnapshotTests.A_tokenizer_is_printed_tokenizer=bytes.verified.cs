            Tokenizer = new TokenizerDescription(TokenizerKind.Bytes, 256, PreTokenization.None),
