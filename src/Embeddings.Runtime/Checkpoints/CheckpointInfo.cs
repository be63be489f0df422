using System.Globalization;
using Embeddings.Data;

namespace Embeddings.Checkpoints;

/// <summary>What a checkpoint says about the run it comes from: enough to go on exactly where it stopped.</summary>
public sealed record CheckpointInfo
{
    private const string FormatPrefix = "embeddings-checkpoint-";
    private const string Format = FormatPrefix + "1";
    private const string InputTokenizerName = "tokenizer.inputs";
    private const string SecondTokenizerName = "tokenizer.second";
    private const string SuffixTokensName = "suffixTokens";

    /// <summary>The run.</summary>
    public required RunIdentity Identity { get; init; }

    /// <summary>Optimizer steps made.</summary>
    public long Step { get; init; }

    /// <summary>Where the training data stands.</summary>
    public StreamPosition Position { get; init; }

    /// <summary>Seconds spent in training steps, without evaluation and saving.</summary>
    public double Seconds { get; init; }

    /// <summary>Mean loss in nats per token of the last step; NaN before the first.</summary>
    public double TrainLoss { get; init; } = double.NaN;

    /// <summary>Global norm of the last step's gradient before clipping; NaN before the first.</summary>
    public double GradientNorm { get; init; } = double.NaN;

    /// <summary>The schedule's factor in the last step; NaN before the first.</summary>
    public double RateFactor { get; init; } = double.NaN;

    /// <summary>The last measured bits per byte; NaN where none was.</summary>
    public double ValidationBitsPerByte { get; init; } = double.NaN;

    /// <summary>Whether the last step was due to be evaluated and was not, because the run was stopped then.</summary>
    public bool EvaluationPending { get; init; }

    /// <summary>The information as texts by name.</summary>
    internal Dictionary<string, string> ToMetadata()
    {
        Dictionary<string, string> metadata = Always();
        foreach ((string name, string? value) in new[]
        {
            (InputTokenizerName, Identity.InputTokenizer), (SecondTokenizerName, Identity.SecondTokenizer), (SuffixTokensName, Identity.SuffixTokens),
        })
        {
            if (value is not null)
            {
                metadata.Add(name, value);
            }
        }

        return metadata;
    }

    private Dictionary<string, string> Always() => new()
    {
        ["format"] = Format,
        ["variant"] = Identity.Variant,
        ["declaration.hash"] = Identity.DeclarationHash,
        ["tokenizer"] = Identity.Tokenizer,
        ["data.training"] = Identity.TrainingData,
        ["data.validation"] = Identity.ValidationData,
        ["seed"] = Text(Identity.Seed),
        ["rateScale"] = Text(Identity.RateScale),
        ["step"] = Text(Step),
        ["position.epoch"] = Text(Position.Epoch),
        ["position.epochToken"] = Text(Position.EpochToken),
        ["position.tokens"] = Text(Position.Tokens),
        ["position.bytes"] = Text(Position.Bytes),
        ["seconds"] = Text(Seconds),
        ["trainLoss"] = Text(TrainLoss),
        ["gradientNorm"] = Text(GradientNorm),
        ["rateFactor"] = Text(RateFactor),
        ["validationBitsPerByte"] = Text(ValidationBitsPerByte),
        ["evaluationPending"] = EvaluationPending ? "true" : "false",
    };

    /// <summary>Reads the information back.</summary>
    /// <param name="metadata">Texts by name.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="UserError">It is not a checkpoint's, or not sound.</exception>
    internal static CheckpointInfo FromMetadata(IReadOnlyDictionary<string, string> metadata, string path)
    {
        if (metadata.GetValueOrDefault("format") is not { } format || !format.StartsWith(FormatPrefix, StringComparison.Ordinal))
        {
            throw new UserError($"'{path}' is a safetensors file, but not a checkpoint of this program.");
        }

        if (format != Format)
        {
            throw new UserError($"'{path}' is a checkpoint of the format '{format}'; this program reads '{Format}'.");
        }

        string Field(string name) => metadata.GetValueOrDefault(name) ?? throw new FormatException(name);
        long Count(string name) =>
            long.Parse(Field(name), NumberStyles.None, CultureInfo.InvariantCulture);
        double Number(string name) => double.Parse(Field(name), NumberStyles.Float, CultureInfo.InvariantCulture);
        try
        {
            return new CheckpointInfo
            {
                Identity = new RunIdentity
                {
                    Variant = Field("variant"),
                    DeclarationHash = Field("declaration.hash"),
                    Tokenizer = Field("tokenizer"),
                    InputTokenizer = metadata.GetValueOrDefault(InputTokenizerName),
                    SecondTokenizer = metadata.GetValueOrDefault(SecondTokenizerName),
                    SuffixTokens = metadata.GetValueOrDefault(SuffixTokensName),
                    TrainingData = Field("data.training"),
                    ValidationData = Field("data.validation"),
                    Seed = ulong.Parse(Field("seed"), NumberStyles.None, CultureInfo.InvariantCulture),
                    RateScale = Number("rateScale"),
                },
                Step = Count("step"),
                Position = new StreamPosition(
                    Count("position.epoch"), Count("position.epochToken"), Count("position.tokens"), Count("position.bytes")),
                Seconds = Number("seconds"),
                TrainLoss = Number("trainLoss"),
                GradientNorm = Number("gradientNorm"),
                RateFactor = Number("rateFactor"),
                ValidationBitsPerByte = Number("validationBitsPerByte"),
                EvaluationPending = Field("evaluationPending") == "true",
            };
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            throw new UserError($"'{path}' is a damaged checkpoint: its metadata is incomplete.", error);
        }
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
