using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Embeddings.Generator.Emit;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Tokenization;

/// <summary>Prints how a declared tokenizer cuts text: one static method that finds where a pre-token ends, without a regular expression.</summary>
internal static class SplitterEmitter
{
    private const string Scan = "global::Embeddings.Tokenization.Scan";
    private const string Kinds = "global::Embeddings.Tokenization.CharacterKinds";

    /// <summary>The expression that gives the splitter; the scanner printed here, or a compiled expression where there is none.</summary>
    public static string Reference(TokenizerSpec tokenizer) => PatternPlan.Of(tokenizer) is not null
        ? "Scanner.Splitter"
        : tokenizer.Pattern.Length > 0 ? $"new global::Embeddings.Tokenization.PatternSplitter({Literal(tokenizer.Pattern)})"
        : "global::Embeddings.Tokenization.Splitter.Of(PreTokenization.None)";

    /// <summary>A hash of all that the declaration says of the tokenizer: 16 hexadecimal digits of SHA-256.</summary>
    public static string Identity(TokenizerSpec tokenizer)
    {
        using var hash = SHA256.Create();
        string text = $"{tokenizer.Kind} {tokenizer.VocabularySize} {(tokenizer.Pattern.Length > 0 ? tokenizer.Pattern : tokenizer.PreTokenization.ToString())}"
            + string.Concat(tokenizer.SpecialTokens.Select(token => "\nspecial " + token))
            + string.Concat(tokenizer.Words.Select(word => "\nword " + word))
            + (tokenizer.Kind == TokenizerKind.RandomMerges ? "\nseed " + tokenizer.Seed.ToString(CultureInfo.InvariantCulture) : "")
            + (tokenizer.Path.Length > 0 ? "\npath " + tokenizer.Path : "");
        return string.Concat(hash.ComputeHash(Encoding.UTF8.GetBytes(text)).Take(8).Select(value => value.ToString("x2")));
    }

    /// <summary>Prints the scanner, if there is one.</summary>
    public static void Emit(SourceWriter writer, TokenizerSpec tokenizer)
    {
        if (PatternPlan.Of(tokenizer) is not { } plan)
        {
            return;
        }

        writer.Gap();
        writer.Line("/// <summary>Where a pre-token of this model's tokenizer ends.</summary>");
        writer.Line("/// <remarks>");
        foreach (string line in plan.Words())
        {
            writer.Line("/// " + line);
        }

        writer.Line("/// </remarks>");
        writer.Open("internal readonly unsafe struct Scanner : global::Embeddings.Tokenization.IScanner");
        writer.Line($"public const string Pattern = {Literal(plan.Pattern)};");
        writer.Gap();
        writer.Line("public static readonly global::Embeddings.Tokenization.Splitter Splitter = new global::Embeddings.Tokenization.ScanningSplitter<Scanner>(");
        string standard = plan.Standard is { } known ? $"PreTokenization.{known}" : "null";
        writer.Line($"    {Literal(plan.Name)}, Pattern, {standard}, cutsAfterWords: true);");
        writer.Gap();
        writer.Line("/// <inheritdoc/>");
        writer.Line("[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]");
        writer.Open("public static byte* Next(byte* start, byte* end)");
        switch (plan.Family)
        {
            case PreTokenization.Gpt2:
                Gpt2(writer);
                break;
            case PreTokenization.Cl100k:
                Cl100k(writer, plan);
                break;
            case PreTokenization.O200k:
                O200k(writer, plan);
                break;
            default:
                Words(writer);
                break;
        }

        writer.Close();
        if (plan.Family == PreTokenization.Cl100k)
        {
            Blocks(writer, plan);
        }
        else if (plan.Family == PreTokenization.O200k)
        {
            UpperThenLower(writer);
        }

        writer.Close();
    }

    private static void Kind(SourceWriter writer, string position) =>
        writer.Line($"uint kind = {Kinds}.At({position}, end, out int length);");

    private static void Gpt2(SourceWriter writer)
    {
        Lines(
            writer,
            "// One space before letters, digits or other characters belongs to them; a contraction stands by itself.",
            "byte* position = *start == (byte)' ' && end - start > 1 ? start + 1 : start;",
            $"byte* contraction = *start == (byte)'\\'' ? {Scan}.LowerContraction(start, end) : null;",
            "if (contraction != null)");
        Return(writer, "contraction");
        Kind(writer, "position");
        Run(writer, "// Letters: 32 ASCII bytes at a time, anything else by its category.", "Letter", $"{Scan}.Letters(position + length, end)");
        Run(writer, "// Digits.", "Number", $"{Scan}.While(position + length, end, {Kinds}.Number)");
        Run(writer, "// Other characters.", "Other", $"{Scan}.While(position + length, end, {Kinds}.Other)");
        Lines(writer, "// White space, whose last character stays for what follows.", $"return {Scan}.Spaces(start, end);");
    }

    private static void Cl100k(SourceWriter writer, PatternPlan plan)
    {
        Kind(writer, "start");
        Lines(writer, "byte* second = start + length;");
        Run(writer, "// Letters: 32 ASCII bytes at a time, anything else by its category.", "Letter", $"{Scan}.Letters(second, end)");
        Run(writer, $"// {plan.DigitsInWords}.", "Number", Digits(plan));
        Lines(
            writer,
            "// A contraction in any case.",
            $"byte* contraction = *start == (byte)'\\'' ? {Scan}.Contraction(start, end) : null;",
            "if (contraction != null)");
        Return(writer, "contraction");
        Lines(
            writer,
            "// Letters behind one character that is no letter, digit or line end.",
            $"uint next = second < end ? {Kinds}.At(second, end, out length) : 0;",
            $"if ((next & {Kinds}.Letter) != 0 && *start != (byte)'\\r' && *start != (byte)'\\n')");
        Return(writer, $"{Scan}.Letters(second + length, end)");
        Lines(
            writer,
            "// Other characters, one space before them, line ends after them.",
            $"if ((kind & {Kinds}.Other) != 0 || (*start == (byte)' ' && (next & {Kinds}.Other) != 0))");
        Return(writer, $"{Scan}.LineEnds({Scan}.While(second, end, {Kinds}.Other), end)");
        Lines(
            writer,
            "// White space up to its last line end, or without its last character, which stays for what follows.",
            $"return (next & {Kinds}.Space) == 0 ? second : {Scan}.SpacesOrLines(start, end);");
    }

    private static void Blocks(SourceWriter writer, PatternPlan plan)
    {
        const string BlocksName = "global::Embeddings.Tokenization.Cl100kBlocks";
        writer.Gap();
        Lines(writer, "/// <inheritdoc/>", $"public static bool ReadsBlocks => {BlocksName}.IsSupported;");
        writer.Gap();
        Lines(
            writer,
            "/// <summary>The same for all pre-tokens of 64 ASCII bytes at once.</summary>",
            "[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]",
            "public static ulong Starts(byte* block, byte* end) =>",
            $"    {BlocksName}.Starts(block, end, mostDigits: {plan.MostDigits.ToString(CultureInfo.InvariantCulture)});");
    }

    private static void O200k(SourceWriter writer, PatternPlan plan)
    {
        Kind(writer, "start");
        Lines(
            writer,
            "byte* second = start + length;",
            $"bool mayPrecede = (kind & ({Kinds}.Letter | {Kinds}.Number)) == 0 && *start != (byte)'\\r' && *start != (byte)'\\n';",
            $"bool isWord = (kind & ({Kinds}.Letter | {Kinds}.Mark)) != 0;",
            "byte* word;",
            "",
            "// Upper case then lower case, or upper case alone, each with one character before it or without.",
            "if ((mayPrecede && (word = UpperThenLower(second, end)) != null)",
            "    || (isWord && (word = UpperThenLower(start, end)) != null)",
            $"    || (mayPrecede && (word = {Scan}.While(second, end, UpperOrBoth)) != second)",
            $"    || (isWord && (word = {Scan}.While(start, end, UpperOrBoth)) != start))");
        writer.OpenBlock();
        Lines(writer, $"byte* longer = word < end && *word == (byte)'\\'' ? {Scan}.Contraction(word, end) : null;", "return longer != null ? longer : word;");
        writer.Close();
        writer.Gap();
        Run(writer, $"// {plan.DigitsInWords}.", "Number", Digits(plan));
        Lines(
            writer,
            "// Other characters, one space before them, line ends and slashes after them.",
            $"byte* first = (kind & {Kinds}.Other) != 0 || *start == (byte)' ' ? second : start;",
            $"byte* other = {Scan}.While(first, end, {Kinds}.Other);",
            $"if ((kind & {Kinds}.Other) != 0 || (*start == (byte)' ' && other != second))");
        writer.OpenBlock();
        Lines(writer, "while (other < end && (*other == (byte)'\\r' || *other == (byte)'\\n' || *other == (byte)'/'))");
        writer.OpenBlock();
        writer.Line("other++;");
        writer.Close();
        writer.Gap();
        writer.Line("return other;");
        writer.Close();
        writer.Gap();
        Lines(
            writer,
            "// White space up to its last line end, or without its last character, which stays for what follows.",
            $"return {Scan}.SpacesOrLines(start, end);");
    }

    private static void UpperThenLower(SourceWriter writer)
    {
        writer.Gap();
        Lines(
            writer,
            $"private const uint Both = {Kinds}.Uncased | {Kinds}.Mark;",
            $"private const uint UpperOrBoth = {Kinds}.Upper | Both;",
            "",
            "/// <summary>Letters without case and marks count as both; a run without lower case gives back up to its last such character.</summary>");
        writer.Open("private static byte* UpperThenLower(byte* position, byte* end)");
        writer.Line("byte* afterBoth = null;");
        writer.Open("while (position < end)");
        Kind(writer, "position");
        writer.Line($"if ((kind & {Kinds}.Lower) != 0)");
        Return(writer, $"{Scan}.While(position + length, end, {Kinds}.Lower | Both)");
        writer.Line("if ((kind & UpperOrBoth) == 0)");
        Return(writer, "afterBoth");
        Lines(writer, "position += length;", "afterBoth = (kind & Both) != 0 ? position : afterBoth;");
        writer.Close();
        writer.Gap();
        writer.Line("return afterBoth;");
        writer.Close();
    }

    private static void Words(SourceWriter writer)
    {
        Kind(writer, "start");
        Lines(
            writer,
            "// Letters: 32 ASCII bytes at a time, anything else by its category; or one other character.",
            $"return (kind & {Kinds}.Letter) != 0 ? {Scan}.Letters(start + length, end) : start + length;");
    }

    private static string Digits(PatternPlan plan) => plan.MostDigits == 0
        ? $"{Scan}.While(second, end, {Kinds}.Number)"
        : plan.MostDigits == 1 ? "second"
        : $"{Scan}.AtMost(second, end, {Kinds}.Number, {plan.MostDigits - 1})";

    private static void Run(SourceWriter writer, string comment, string kind, string result)
    {
        Lines(writer, comment, $"if ((kind & {Kinds}.{kind}) != 0)");
        Return(writer, result);
    }

    private static void Return(SourceWriter writer, string result)
    {
        writer.OpenBlock();
        writer.Line($"return {result};");
        writer.Close();
        writer.Gap();
    }

    private static void Lines(SourceWriter writer, params string[] lines)
    {
        foreach (string line in lines)
        {
            writer.Line(line);
        }
    }

    private static string Literal(string text) => "@\"" + text.Replace("\"", "\"\"") + "\"";
}
