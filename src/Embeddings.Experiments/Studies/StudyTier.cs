namespace Embeddings.Experiments.Studies;

/// <summary>How much work a study takes on.</summary>
public enum StudyTier
{
    /// <summary>Minutes on two cores.</summary>
    Quick,

    /// <summary>More arms, seeds and bytes: an hour or more.</summary>
    Full,
}
