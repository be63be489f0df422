using CsCheck;
using Embeddings.Experiments.Statistics;

namespace Embeddings.Experiments.Tests.Statistics;

public sealed class HolmCorrectionTests
{
    [Fact]
    public void Known_family_is_stepped_down_and_kept_monotone()
    {
        // 0.01·4, max(0.04, 0.015·3) = 0.045, max(…, 0.03·2) = 0.06, max(…, 0.04·1) = 0.06.
        double[] adjusted = HolmCorrection.Adjust([0.03, 0.01, 0.04, 0.015]);
        Assert.Equal([0.06, 0.04, 0.06, 0.045], adjusted.Select(value => Math.Round(value, 12)));
    }

    [Fact]
    public void A_single_p_stays_as_it_is() => Assert.Equal([0.2], HolmCorrection.Adjust([0.2]));

    [Fact]
    public void Missing_values_do_not_count_towards_the_family()
    {
        double[] adjusted = HolmCorrection.Adjust([double.NaN, 0.02, 0.5]);
        Assert.True(double.IsNaN(adjusted[0]));
        Assert.Equal(0.04, adjusted[1], 12);
    }

    [Fact]
    public void Correction_never_lowers_never_passes_one_and_keeps_the_order() =>
        Gen.Double[0, 1].Array[1, 10].Sample(values =>
        {
            double[] adjusted = HolmCorrection.Adjust(values);
            int[] order = [.. Enumerable.Range(0, values.Length).OrderBy(i => values[i])];
            return values.Zip(adjusted).All(pair => pair.Second >= pair.First && pair.Second <= 1)
                && order.Zip(order.Skip(1)).All(pair => adjusted[pair.First] <= adjusted[pair.Second]);
        });
}
