namespace Embeddings.Training;

/// <summary>An amount per second in which the last seconds count most: both sums decay with the same time constant.</summary>
internal sealed class RateMeter
{
    private const double TimeConstant = 5;

    private double _amount;
    private double _seconds;

    /// <summary>Amount per second; 0 before the first.</summary>
    public double PerSecond => _seconds > 0 ? _amount / _seconds : 0;

    /// <summary>Adds an amount that took some seconds.</summary>
    public void Add(double amount, double seconds)
    {
        double kept = Math.Exp(-seconds / TimeConstant);
        _amount = _amount * kept + amount;
        _seconds = _seconds * kept + seconds;
    }
}
