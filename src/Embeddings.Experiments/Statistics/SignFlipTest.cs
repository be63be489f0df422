using Embeddings.Models;

namespace Embeddings.Experiments.Statistics;

/// <summary>
/// Permutation test of paired differences: were the two arms of each pair exchangeable, every sign of every difference would be as likely
/// as its opposite, so p is the share of sign patterns whose mean is at least as far from 0 as the observed one. It assumes no
/// distribution, and with n pairs it cannot fall below 2^(1 − n).
/// </summary>
public static class SignFlipTest
{
    /// <summary>Most pairs for which every pattern is counted.</summary>
    public const int LargestExact = 16;

    /// <summary>Patterns drawn where there are too many to count.</summary>
    public const int DrawnPatterns = 100_000;

    /// <summary>Two-sided p; NaN of an empty sample.</summary>
    public static double TwoSided(ReadOnlySpan<double> differences)
    {
        if (differences.Length == 0)
        {
            return double.NaN;
        }

        return differences.Length <= LargestExact ? Exact(differences) : Drawn(differences);
    }

    private static double Exact(ReadOnlySpan<double> differences)
    {
        double threshold = Threshold(differences);
        int patterns = 1 << differences.Length;
        int extreme = 0;
        for (int pattern = 0; pattern < patterns; pattern++)
        {
            double sum = 0;
            for (int i = 0; i < differences.Length; i++)
            {
                sum += (pattern >> i & 1) == 0 ? differences[i] : -differences[i];
            }

            if (Math.Abs(sum) >= threshold)
            {
                extreme++;
            }
        }

        return (double)extreme / patterns;
    }

    /// <summary>Draws patterns from a fixed stream; the observed pattern counts as one of them, so that p is never 0.</summary>
    private static double Drawn(ReadOnlySpan<double> differences)
    {
        double threshold = Threshold(differences);
        var random = new RandomStream(0, "SignFlipTest");
        int extreme = 1;
        for (int draw = 0; draw < DrawnPatterns; draw++)
        {
            double sum = 0;
            ulong signs = 0;
            for (int i = 0; i < differences.Length; i++)
            {
                if (i % 64 == 0)
                {
                    signs = random.NextBits();
                }

                sum += (signs >> (i % 64) & 1) == 0 ? differences[i] : -differences[i];
            }

            if (Math.Abs(sum) >= threshold)
            {
                extreme++;
            }
        }

        return (double)extreme / (DrawnPatterns + 1);
    }

    /// <summary>The observed sum, less what rounding in another order of signs could take from an equal one.</summary>
    private static double Threshold(ReadOnlySpan<double> differences)
    {
        double sum = 0;
        double magnitude = 0;
        foreach (double difference in differences)
        {
            sum += difference;
            magnitude += Math.Abs(difference);
        }

        return Math.Abs(sum) - 1e-12 * magnitude;
    }
}
