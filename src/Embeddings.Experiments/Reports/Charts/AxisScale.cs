using System.Collections.Immutable;
using System.Globalization;

namespace Embeddings.Experiments.Reports.Charts;

/// <summary>Maps values to places along an axis and finds round values to mark.</summary>
public sealed class AxisScale
{
    private readonly double _low;
    private readonly double _high;
    private readonly double _start;
    private readonly double _end;
    private readonly bool _logarithmic;

    /// <summary>An axis from value <paramref name="low"/> at <paramref name="start"/> to value <paramref name="high"/> at <paramref name="end"/>.</summary>
    public AxisScale(double low, double high, double start, double end, bool logarithmic = false)
    {
        _logarithmic = logarithmic;
        Low = low;
        High = high;
        _low = Transform(low);
        _high = Transform(high);
        _start = start;
        _end = end;
    }

    /// <summary>Smallest value.</summary>
    public double Low { get; }

    /// <summary>Largest value.</summary>
    public double High { get; }

    /// <summary>An axis over values with a margin on both sides; a single value gets a margin of its own.</summary>
    public static AxisScale Around(IEnumerable<double> values, double start, double end, double margin = 0.06, bool logarithmic = false)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        if (finite.Length == 0)
        {
            return new AxisScale(logarithmic ? 1 : 0, logarithmic ? 10 : 1, start, end, logarithmic);
        }

        double low = finite.Min();
        double high = finite.Max();
        if (logarithmic)
        {
            double factor = Math.Max(Math.Pow(high / low, margin), 1.02);
            return new AxisScale(low / factor, high * factor, start, end, true);
        }

        double space = high > low ? (high - low) * margin : Math.Max(Math.Abs(high) * margin, 1e-3);
        return new AxisScale(low - space, high + space, start, end);
    }

    /// <summary>The place of a value.</summary>
    public double Place(double value) => _start + (_end - _start) * (Transform(value) - _low) / (_high - _low);

    /// <summary>About <paramref name="count"/> round values inside the axis: 1, 2 or 5 times a power of ten apart.</summary>
    public ImmutableArray<ChartTick> Ticks(int count)
    {
        if (_logarithmic)
        {
            return Decades();
        }

        double step = RoundStep((High - Low) / Math.Max(count, 1));
        int decimals = Math.Max(0, -(int)Math.Floor(Math.Log10(step) + 1e-9));
        string format = "F" + decimals.ToString(CultureInfo.InvariantCulture);
        var ticks = ImmutableArray.CreateBuilder<ChartTick>();
        for (double index = Math.Ceiling(Low / step - 1e-9); index * step <= High + step * 1e-9; index++)
        {
            double value = index == 0 ? 0 : index * step;
            string text = value.ToString(format, CultureInfo.InvariantCulture);
            ticks.Add(new ChartTick(value, text.Replace('-', '−')));
        }

        return ticks.ToImmutable();
    }

    private static double RoundStep(double rough)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double fraction = rough / power;
        return power * (fraction <= 1 ? 1 : fraction <= 2 ? 2 : fraction <= 5 ? 5 : 10);
    }

    private ImmutableArray<ChartTick> Decades()
    {
        var ticks = ImmutableArray.CreateBuilder<ChartTick>();
        for (int exponent = (int)Math.Floor(Math.Log10(Low)); exponent <= (int)Math.Ceiling(Math.Log10(High)); exponent++)
        {
            foreach (int digit in (ReadOnlySpan<int>)[1, 2, 5])
            {
                double value = digit * Math.Pow(10, exponent);
                if (value >= Low && value <= High)
                {
                    ticks.Add(new ChartTick(value, Short(value)));
                }
            }
        }

        return ticks.ToImmutable();
    }

    private static string Short(double value) => value switch
    {
        >= 1e6 => (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + " M",
        >= 1e3 => (value / 1e3).ToString("0.##", CultureInfo.InvariantCulture) + " k",
        _ => value.ToString("0.##", CultureInfo.InvariantCulture),
    };

    private double Transform(double value) => _logarithmic ? Math.Log(value) : value;
}
