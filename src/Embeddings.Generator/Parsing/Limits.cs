namespace Embeddings.Generator.Parsing;

/// <summary>Largest values that a declaration may have. They are far above what one machine trains and keep every index in range.</summary>
internal static class Limits
{
    /// <summary>A row of one element is a number: a norm would leave only its sign, and kernels could not tell it from a row's statistics.</summary>
    public const int SmallestWidth = 2;

    public const int Layers = 1024;
    public const int Width = 65_536;
    public const int Context = 1_048_576;
    public const int FeedForwardWidth = 1_048_576;
    public const int BatchSize = 65_536;
    public const int AccumulationSteps = 65_536;
    public const int SpellingPositions = 64;
    public const int BytesRead = 32;
    public const int ByteValues = 256;
    public const int VocabularySize = 262_144;
    public const int NgramRows = 16_777_216;
    public const int NgramOrder = 8;
    public const int NewtonSchulzIterations = 20;
    public const int FutureTargets = 16;

    /// <summary>Rows of an activation matrix: tokens in a pass.</summary>
    public const int TokensInPass = 16_777_216;
}
