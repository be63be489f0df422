using ScottPlot;
using Verdict = Embeddings.Experiments.Statistics.Verdict;

namespace Embeddings.Experiments.Reports.Charts;

/// <summary>Draws charts as PNG pictures with ScottPlot, for slides and for pages that take no SVG. Light colours only.</summary>
internal static class PngCharts
{
    private const int Width = 1080;
    private const double MarkerSize = 9;

    private static readonly MarkerShape[] s_markers =
        [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleUp, MarkerShape.FilledTriangleDown];

    /// <summary>Draws points with intervals.</summary>
    public static byte[] Draw(SeriesChart chart)
    {
        using var plot = new Plot();
        AxisScale scale = AxisScale.Around(chart.Series.SelectMany(series => series.Points).Select(point => point.X), 0, 1, logarithmic: true);
        for (int i = 0; i < chart.Series.Length; i++)
        {
            ChartSeries series = chart.Series[i];
            double shift = (i - 0.5 * (chart.Series.Length - 1)) * 0.008;
            ChartPoint[] points = [.. series.Points.Where(point => double.IsFinite(point.Y))];
            Color color = Color.FromHex(ChartStyle.SeriesColors[series.Style]);
            var line = plot.Add.Scatter(
                points.Select(point => Math.Log10(point.X) + shift).ToArray(), points.Select(point => point.Y).ToArray(), color);
            line.LegendText = series.Name;
            line.LineWidth = chart.Joined ? 2 : 0;
            line.MarkerShape = s_markers[series.Style];
            line.MarkerSize = (float)MarkerSize;
            foreach (ChartPoint point in points.Where(point => double.IsFinite(point.Low)))
            {
                var interval = plot.Add.Line(Math.Log10(point.X) + shift, point.Low, Math.Log10(point.X) + shift, point.High);
                interval.Color = color;
                interval.LineWidth = 1.6f;
            }
        }

        foreach (ChartTick level in chart.Levels)
        {
            var line = plot.Add.HorizontalLine(level.Value);
            line.Color = Colors.Gray;
            line.LinePattern = LinePattern.Dotted;
            line.LabelText = "";
            line.LegendText = level.Label;
        }

        ChartTick[] ticks = [.. chart.XTicks ?? scale.Ticks(6)];
        plot.Axes.Bottom.SetTicks([.. ticks.Select(tick => Math.Log10(tick.Value))], [.. ticks.Select(tick => tick.Label)]);
        plot.XLabel(chart.XLabel);
        plot.YLabel(chart.YLabel);
        plot.ShowLegend(Edge.Top);
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.Font.Set(Fonts.Sans);
        return plot.GetImageBytes(Width, 640, ImageFormat.Png);
    }

    /// <summary>Draws estimates below each other.</summary>
    public static byte[] Draw(ForestChart chart)
    {
        using var plot = new Plot();
        var band = plot.Add.HorizontalSpan(-chart.Margin, chart.Margin);
        band.FillColor = Color.FromHex("#dfe7f3");
        band.LineWidth = 0;
        for (int i = 0; i < chart.Rows.Length; i++)
        {
            ForestRow row = chart.Rows[i];
            double y = -i;
            Color color = Color.FromHex(VerdictColor(row.Verdict));
            if (double.IsFinite(row.Low))
            {
                var interval = plot.Add.Line(row.Low, y, row.High, y);
                interval.Color = color;
                interval.LineWidth = 2;
            }

            if (double.IsFinite(row.Estimate))
            {
                plot.Add.Marker(row.Estimate, y, MarkerShape.FilledSquare, (float)MarkerSize, color);
            }
        }

        plot.Add.VerticalLine(0, 1, Colors.Gray);
        plot.Axes.Left.SetTicks([.. chart.Rows.Select((_, i) => (double)-i)], [.. chart.Rows.Select(row => row.Label)]);
        plot.Axes.SetLimitsY(-chart.Rows.Length + 0.4, 0.6);
        plot.XLabel(chart.XLabel);
        plot.Font.Set(Fonts.Sans);
        return plot.GetImageBytes(Width + 240, 120 + 44 * chart.Rows.Length, ImageFormat.Png);
    }

    private static string VerdictColor(Verdict verdict) => verdict switch
    {
        Verdict.Supported => "#0f7a55",
        Verdict.Contradicted => "#b3261e",
        Verdict.Equivalent => "#1d5fbf",
        _ => "#5b6675",
    };
}
