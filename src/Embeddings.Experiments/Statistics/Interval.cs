namespace Embeddings.Experiments.Statistics;

/// <summary>A closed interval; both ends are NaN where none can be given.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>No interval: too few values.</summary>
    public static Interval None => new(double.NaN, double.NaN);

    /// <summary>Whether a value lies in it, ends included.</summary>
    public bool Contains(double value) => Low <= value && value <= High;

    /// <summary>Half of its length.</summary>
    public double HalfWidth => 0.5 * (High - Low);
}
