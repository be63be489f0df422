namespace Embeddings;

/// <summary>Parameters that share optimizer settings.</summary>
public enum ParameterGroup
{
    /// <summary>Every parameter.</summary>
    All,

    /// <summary>The rows, or the byte vectors, that token ids turn into; with a tied head, the shared table.</summary>
    InputEmbedding,

    /// <summary>The untied head's matrix.</summary>
    OutputHead,

    /// <summary>Everything between: positions, blocks, norms.</summary>
    Body,
}
