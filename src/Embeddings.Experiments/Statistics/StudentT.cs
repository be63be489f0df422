using TDistribution = MathNet.Numerics.Distributions.StudentT;

namespace Embeddings.Experiments.Statistics;

/// <summary>Student's t: intervals and tests for the mean of a few values with unknown variance.</summary>
public static class StudentT
{
    /// <summary>The value that a share <paramref name="probability"/> of the distribution lies below.</summary>
    public static double Quantile(double probability, int degreesOfFreedom) =>
        TDistribution.InvCDF(0, 1, degreesOfFreedom, probability);

    /// <summary>Interval that covers the true mean in a share <paramref name="level"/> of samples; none for fewer than two values.</summary>
    public static Interval MeanInterval(ReadOnlySpan<double> values, double level = 0.95)
    {
        if (values.Length < 2)
        {
            return Interval.None;
        }

        double mean = Sample.Mean(values);
        double half = Quantile(0.5 + level / 2, values.Length - 1) * Sample.StandardError(values);
        return new Interval(mean - half, mean + half);
    }

    /// <summary>Two-sided p of the hypothesis that the true mean is 0; NaN of fewer than two values.</summary>
    public static double TwoSided(ReadOnlySpan<double> values)
    {
        if (values.Length < 2)
        {
            return double.NaN;
        }

        double mean = Sample.Mean(values);
        double error = Sample.StandardError(values);
        if (error == 0)
        {
            return mean == 0 ? 1 : 0;
        }

        return 2 * TDistribution.CDF(0, 1, values.Length - 1, -Math.Abs(mean / error));
    }

    /// <summary>One-sided p of the hypothesis that the true mean is at most <paramref name="bound"/>.</summary>
    internal static double Above(ReadOnlySpan<double> values, double bound)
    {
        double distance = Sample.Mean(values) - bound;
        double error = Sample.StandardError(values);
        if (error == 0)
        {
            return distance > 0 ? 0 : 1;
        }

        return TDistribution.CDF(0, 1, values.Length - 1, -distance / error);
    }

    /// <summary>One-sided p of the hypothesis that the true mean is at least <paramref name="bound"/>.</summary>
    internal static double Below(ReadOnlySpan<double> values, double bound)
    {
        double[] negated = [.. values.ToArray().Select(value => -value)];
        return Above(negated, -bound);
    }
}
