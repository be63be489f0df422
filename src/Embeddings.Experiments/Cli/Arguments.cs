using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Embeddings.Experiments.Variants;

namespace Embeddings.Experiments.Cli;

/// <summary>Options and arguments that commands share, each with its checks.</summary>
internal static class Arguments
{
    /// <summary>The variant to work with.</summary>
    public static Argument<string> Variant()
    {
        var argument = new Argument<string>("variant") { Description = "A declared variant; see the command 'variants'.", HelpName = "variant" };
        argument.CompletionSources.Add(_ => VariantCatalog.All.Select(variant => variant.Name));
        return argument;
    }

    /// <summary>The variant to time.</summary>
    public static Option<string> BenchVariant()
    {
        var option = new Option<string>("--variant")
        {
            Description = "The variant to time.",
            HelpName = "name",
            DefaultValueFactory = _ => "BenchSmall",
        };
        option.CompletionSources.Add(_ => VariantCatalog.All.Select(variant => variant.Name));
        return option;
    }

    /// <summary>A checkpoint or a run's folder.</summary>
    public static Argument<string> Checkpoint() =>
        new("checkpoint") { Description = "A checkpoint, or the folder of a run that holds one." };

    /// <summary>A tokenizer's file, or a run's folder.</summary>
    public static Argument<string> Tokenizer() =>
        new("tokenizer") { Description = "A tokenizer.json, or a folder that holds one, such as a run's." };

    /// <summary>A file to work on; null where it is not given.</summary>
    public static Argument<string?> InputFile(string description) => new("file")
    {
        Description = description,
        Arity = ArgumentArity.ZeroOrOne,
        DefaultValueFactory = _ => null,
    };

    /// <summary>A file to write to; null where it is not given.</summary>
    public static Option<string?> OutputFile(string description) => new("--out") { Description = description, HelpName = "file" };

    /// <summary>Text to read.</summary>
    public static Option<string[]> Data() => new("--data")
    {
        Description = "Text files, folders, .jsonl or .parquet files, token shards beside their tokenizer.json, or 'documentation' or 'generated'. Default: the documentation in the .NET SDK.",
        HelpName = "path",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    /// <summary>Threads to work with.</summary>
    public static Option<int> Threads() => Whole("--threads", "Threads; results do not depend on it. Default: one per processor.", 0, smallest: 1, "count");

    /// <summary>A seed; null where it is not given.</summary>
    public static Option<ulong?> Seed(string description) => new("--seed")
    {
        Description = description,
        HelpName = "number",
        CustomParser = result => ParseNullable<ulong>(result, "a whole number of 0 or more", text =>
            ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : null),
    };

    /// <summary>Prints JSON instead of a table.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON." };

    /// <summary>A folder to write to.</summary>
    public static Option<string?> Out(string description) => new("--out") { Description = description, HelpName = "folder" };

    /// <summary>Options for the tokenizers beside the targets', of models that declare them.</summary>
    public static SideTokenizers SideTokenizers(string otherwise)
    {
        Option<string?> Of(string name, string whose) => new(name) { Description = $"{whose}, for variants that declare it. Default: {otherwise}", HelpName = "file" };
        return new SideTokenizers(
            Of("--input-tokenizer", "The tokenizer of the inputs"),
            Of("--second-tokenizer", "The tokenizer of the second input table"),
            Of("--suffix-tokenizer", "The tokenizer whose tokens have suffix rows"));
    }

    /// <summary>A tokenizer to use.</summary>
    public static Option<string?> TokenizerOption(string description) => new("--tokenizer") { Description = description, HelpName = "file" };

    /// <summary>A whole number of a smallest value. A default below it stands for one that the description tells.</summary>
    public static Option<int> Whole(string name, string description, int standard, int smallest, string helpName) => new(name)
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = standard >= smallest ? _ => standard : null,
        CustomParser = result => Parse<int>(result, $"a whole number of {smallest} or more", text =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= smallest ? value : null),
    };

    /// <summary>One of a few names, in any case of letters.</summary>
    public static Option<Choice<T>> Choice<T>(string name, string description, T standard)
        where T : struct, Enum
    {
        string[] names = Cli.Choice<T>.Names;
        var option = new Option<Choice<T>>(name)
        {
            Description = $"{description} One of {string.Join(", ", names)}.",
            HelpName = "name",
            DefaultValueFactory = _ => new Choice<T>(standard),
            CustomParser = result => Parse<Choice<T>>(result, $"one of {string.Join(", ", names)}", text =>
                names.Contains(text.ToLowerInvariant()) ? new Choice<T>(Enum.Parse<T>(text, ignoreCase: true)) : null),
        };
        option.CompletionSources.Add(names);
        return option;
    }

    /// <summary>A whole number of 1 or more; null where it is not given.</summary>
    public static Option<int?> Count(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "count",
        CustomParser = result => ParseNullable<int>(result, "a whole number of 1 or more", text =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= 1 ? value : null),
    };

    /// <summary>An amount such as 2000000, 500k, 2M or 1.5G; null where it is not given.</summary>
    public static Option<long?> Amount(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "amount",
        CustomParser = result => Parse<long>(result, "an amount above 0, such as 2000000, 500k or 2M", ParseAmount),
    };

    /// <summary>A number of a smallest value.</summary>
    public static Option<double> Real(string name, string description, double standard, double smallest, string helpName) => new(name)
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = _ => standard,
        CustomParser = result => Parse<double>(result, string.Create(CultureInfo.InvariantCulture, $"a number of {smallest} or more"), text =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) && value >= smallest
                ? value
                : null),
    };

    /// <summary>A number above 0.</summary>
    public static Option<double> Positive(string name, string description, double standard, string helpName) => new(name)
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = _ => standard,
        CustomParser = result => Parse<double>(result, "a number above 0", text =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) && value > 0
                ? value
                : null),
    };

    /// <summary>Reads 2000000, 500k, 2M or 1.5G; null where it is none of these or not above 0.</summary>
    internal static long? ParseAmount(string text)
    {
        double scale = text.Length == 0 ? 1 : char.ToLowerInvariant(text[^1]) switch { 'k' => 1e3, 'm' => 1e6, 'g' => 1e9, _ => 1 };
        string digits = scale == 1 ? text : text[..^1];
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
            && value * scale is >= 1 and <= 9e18 and double amount && amount == Math.Floor(amount)
            ? (long)amount
            : null;
    }

    private static T? ParseNullable<T>(ArgumentResult result, string expected, Func<string, T?> read)
        where T : struct
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (read(text) is { } value)
        {
            return value;
        }

        string option = (result.Parent as OptionResult)?.Option.Name ?? "The argument";
        result.AddError($"{option} takes {expected}, not '{text}'.");
        return null;
    }

    private static T Parse<T>(ArgumentResult result, string expected, Func<string, T?> read)
        where T : struct => ParseNullable(result, expected, read) ?? default;
}
