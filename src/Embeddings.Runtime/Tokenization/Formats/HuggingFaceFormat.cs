using System.Text.Encodings.Web;
using System.Text.Json;

namespace Embeddings.Tokenization;

/// <summary>
/// Hugging Face <c>tokenizer.json</c> of byte-level BPE: tokens and merges in GPT-2's letters, the pattern in the pre-tokenizer. A word list is
/// a WordPiece model over the whole text without a prefix for pieces that continue a word, which is the same: the longest token at each place.
/// </summary>
internal static class HuggingFaceFormat
{
    private const string WordPiece = "WordPiece";

    private static readonly JsonWriterOptions s_options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Patterns that mean the same as a standard one: quantifiers that give nothing back, and cl100k's as it was published first.</summary>
    private static readonly Dictionary<string, PreTokenization> s_patterns = new()
    {
        [Gpt2Scanner.Pattern] = PreTokenization.Gpt2,
        [@"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"] = PreTokenization.Gpt2,
        [Cl100kScanner.Pattern] = PreTokenization.Cl100k,
        [@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"]
            = PreTokenization.Cl100k,
        [O200kScanner.Pattern] = PreTokenization.O200k,
        [WordScanner.Pattern] = PreTokenization.Words,
    };

    /// <summary>Writes a tokenizer.</summary>
    public static void Write(Stream stream, Tokenizer tokenizer)
    {
        var pairs = tokenizer as BytePairTokenizer;
        using var writer = new Utf8JsonWriter(stream, s_options);
        writer.WriteStartObject();
        writer.WriteString("version", "1.0");
        writer.WriteNull("truncation");
        writer.WriteNull("padding");
        writer.WriteStartArray("added_tokens");
        foreach ((string text, int id) in (pairs?.SpecialTokens ?? new Dictionary<string, int>()).OrderBy(token => token.Value))
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", id);
            writer.WriteString("content", text);
            foreach (string flag in new[] { "single_word", "lstrip", "rstrip", "normalized" })
            {
                writer.WriteBoolean(flag, false);
            }

            writer.WriteBoolean("special", true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNull("normalizer");
        WriteSplitter(writer, pairs?.Splitter ?? Splitter.Of(PreTokenization.None));
        writer.WriteNull("post_processor");
        writer.WritePropertyName("decoder");
        WriteByteLevel(writer, usesPattern: true);
        WriteModel(writer, tokenizer, pairs?.Definition);
        writer.WriteEndObject();
    }

    /// <summary>Reads a tokenizer.</summary>
    /// <exception cref="FormatException">It is of another kind; the message says which.</exception>
    public static Tokenizer Read(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        if (Optional(root, "normalizer") is not null)
        {
            throw new FormatException("it has a normalizer, which byte-level tokenizers do without");
        }

        JsonElement model = root.GetProperty("model");
        foreach (string name in new[] { "continuing_subword_prefix", "end_of_word_suffix", "dropout" })
        {
            if (Optional(model, name) is { } value && !(value.ValueKind == JsonValueKind.String && value.GetString()!.Length == 0))
            {
                throw new FormatException($"its model has a {name}");
            }
        }

        string type = Optional(model, "type")?.GetString() ?? "BPE";
        if (type == WordPiece && Optional(model, "continuing_subword_prefix") is not null)
        {
            return ReadWordList(model.GetProperty("vocab"), ReadSplitter(Optional(root, "pre_tokenizer")));
        }

        if (type != "BPE")
        {
            throw new FormatException($"its model is {type}");
        }

        var special = new Dictionary<string, int>();
        foreach (JsonElement token in Optional(root, "added_tokens")?.EnumerateArray() ?? default)
        {
            special.Add(token.GetProperty("content").GetString()!, token.GetProperty("id").GetInt32());
        }

        Splitter splitter = ReadSplitter(Optional(root, "pre_tokenizer"));
        bool wholeWordsFirst = Optional(model, "ignore_merges")?.GetBoolean() ?? false;
        BytePairDefinition definition = LetterVocabulary.Read(
            model.GetProperty("vocab"), model.GetProperty("merges").EnumerateArray().Select(Pair), special, splitter, wholeWordsFirst);
        bool isBytes = definition.IsBytesThenMerges && definition.Tokens.Length == 256 && splitter.Standard == PreTokenization.None;
        return isBytes ? new ByteTokenizer() : new BytePairTokenizer(definition);
    }

    /// <summary>Writes the object of tokens and ids.</summary>
    public static void WriteVocabulary(Utf8JsonWriter writer, Tokenizer tokenizer)
    {
        IReadOnlyDictionary<string, int>? special = (tokenizer as BytePairTokenizer)?.SpecialTokens;
        var texts = special?.ToDictionary(token => token.Value, token => token.Key) ?? [];
        char[] room = [];
        writer.WriteStartObject();
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            if (texts.TryGetValue(id, out string? text))
            {
                writer.WriteNumber(text, id);
            }
            else if (tokenizer.Tokens[id].Length > 0)
            {
                writer.WriteNumber(ByteLetters.Write(tokenizer.Tokens[id], ref room), id);
            }

            FlushSometimes(writer);
        }

        writer.WriteEndObject();
    }

    /// <summary>Merges in the order in which a list of merges means the same.</summary>
    public static IEnumerable<(int Left, int Right)> OrderedMerges(BytePairDefinition definition)
    {
        if (definition.Order == MergeOrder.ByList)
        {
            return definition.Merges;
        }

        BytePairVocabulary vocabulary = definition.CreateVocabulary();
        return definition.Merges.OrderBy(merge => vocabulary.Find([.. definition.Tokens[merge.Left], .. definition.Tokens[merge.Right]]))
            .ThenBy(merge => merge.Left).ThenBy(merge => merge.Right);
    }

    private static void WriteModel(Utf8JsonWriter writer, Tokenizer tokenizer, BytePairDefinition? definition)
    {
        writer.WriteStartObject("model");
        if (tokenizer is WordListTokenizer)
        {
            const int AnyLength = 1_000_000_000;
            writer.WriteString("type", WordPiece);
            writer.WriteString("unk_token", ByteLetters.Write([0]));
            writer.WriteString("continuing_subword_prefix", "");
            writer.WriteNumber("max_input_chars_per_word", AnyLength);
            writer.WritePropertyName("vocab");
            WriteVocabulary(writer, tokenizer);
            writer.WriteEndObject();
            return;
        }

        writer.WriteString("type", "BPE");
        foreach (string name in new[] { "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix" })
        {
            writer.WriteNull(name);
        }

        writer.WriteBoolean("fuse_unk", false);
        writer.WriteBoolean("byte_fallback", false);
        writer.WriteBoolean("ignore_merges", definition?.WholeWordsFirst ?? false);
        writer.WritePropertyName("vocab");
        WriteVocabulary(writer, tokenizer);
        char[] room = [];
        writer.WriteStartArray("merges");
        foreach ((int left, int right) in definition is null ? [] : OrderedMerges(definition))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(ByteLetters.Write(tokenizer.Tokens[left], ref room));
            writer.WriteStringValue(ByteLetters.Write(tokenizer.Tokens[right], ref room));
            writer.WriteEndArray();
            FlushSometimes(writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Hands on what is written: else the writer holds the whole file.</summary>
    private static void FlushSometimes(Utf8JsonWriter writer)
    {
        const int MostPending = 1 << 16;
        if (writer.BytesPending > MostPending)
        {
            writer.Flush();
        }
    }

    private static void WriteSplitter(Utf8JsonWriter writer, Splitter splitter)
    {
        writer.WritePropertyName("pre_tokenizer");
        if (splitter.Standard is PreTokenization.None or PreTokenization.Gpt2)
        {
            WriteByteLevel(writer, splitter.Standard == PreTokenization.Gpt2);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type", "Sequence");
        writer.WriteStartArray("pretokenizers");
        writer.WriteStartObject();
        writer.WriteString("type", "Split");
        writer.WriteStartObject("pattern");
        writer.WriteString("Regex", splitter.Pattern);
        writer.WriteEndObject();
        writer.WriteString("behavior", "Isolated");
        writer.WriteBoolean("invert", false);
        writer.WriteEndObject();
        WriteByteLevel(writer, usesPattern: false);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteByteLevel(Utf8JsonWriter writer, bool usesPattern)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "ByteLevel");
        writer.WriteBoolean("add_prefix_space", false);
        writer.WriteBoolean("trim_offsets", true);
        writer.WriteBoolean("use_regex", usesPattern);
        writer.WriteEndObject();
    }

    private static Splitter ReadSplitter(JsonElement? preTokenizer)
    {
        if (preTokenizer is not { } element)
        {
            throw new FormatException("it has no pre-tokenizer that maps text to bytes; one of type ByteLevel is needed");
        }

        string? type = element.GetProperty("type").GetString();
        List<JsonElement> parts = type == "Sequence" ? [.. element.GetProperty("pretokenizers").EnumerateArray()] : [element];
        JsonElement last = parts.Count > 0 ? parts[^1] : element;
        if (last.GetProperty("type").GetString() != "ByteLevel" || parts.Count > 2)
        {
            throw new FormatException($"it cuts text by {type}, which is not known here; one Split and a ByteLevel are");
        }

        if (Optional(last, "add_prefix_space")?.GetBoolean() ?? true)
        {
            throw new FormatException("it puts a space before every text (add_prefix_space)");
        }

        bool usesPattern = Optional(last, "use_regex")?.GetBoolean() ?? true;
        if (parts.Count == 1)
        {
            return Splitter.Of(usesPattern ? PreTokenization.Gpt2 : PreTokenization.None);
        }

        if (usesPattern || parts[0].GetProperty("type").GetString() != "Split" || parts[0].GetProperty("behavior").GetString() != "Isolated"
            || (Optional(parts[0], "invert")?.GetBoolean() ?? false))
        {
            throw new FormatException("it cuts text in a way that is not known here; one isolating Split and a ByteLevel without pattern are");
        }

        string pattern = parts[0].GetProperty("pattern").GetProperty("Regex").GetString()!;
        return s_patterns.TryGetValue(pattern, out PreTokenization standard) ? Splitter.Of(standard) : new PatternSplitter(pattern);
    }

    private static WordListTokenizer ReadWordList(JsonElement vocabulary, Splitter splitter)
    {
        if (splitter.Standard != PreTokenization.None)
        {
            throw new FormatException("its model is WordPiece over parts of the text; one over the whole text is known");
        }

        byte[][] tokens = LetterVocabulary.Read(vocabulary, [], [], splitter, wholeWordsFirst: false).Tokens;
        int other = Enumerable.Range(0, 256).FirstOrDefault(value => value >= tokens.Length || !tokens[value].AsSpan().SequenceEqual([(byte)value]), -1);
        return other < 0
            ? new WordListTokenizer(tokens[256..])
            : throw new FormatException($"token {other} of its word list is not the byte {other}");
    }

    private static (string Left, string Right) Pair(JsonElement merge)
    {
        string[] parts = merge.ValueKind == JsonValueKind.Array
            ? [.. merge.EnumerateArray().Select(part => part.GetString()!)]
            : merge.GetString()!.Split(' ');
        return parts.Length == 2 ? (parts[0], parts[1]) : throw new FormatException($"merge {merge} is not a pair");
    }

    private static JsonElement? Optional(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
