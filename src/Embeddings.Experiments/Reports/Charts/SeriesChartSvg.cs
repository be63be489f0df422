using System.Collections.Immutable;

namespace Embeddings.Experiments.Reports.Charts;

/// <summary>Draws a <see cref="SeriesChart"/>.</summary>
internal static class SeriesChartSvg
{
    private const double Width = 720;
    private const double Height = 400;
    private const double Left = 62;
    private const double Right = 16;
    private const double Bottom = 52;
    private const double LegendLine = 22;
    private const double Dodge = 7;

    /// <summary>Draws the chart.</summary>
    public static SvgCanvas Draw(SeriesChart chart)
    {
        var canvas = new SvgCanvas(Width, Height, chart.Description);
        double top = Legend(canvas, chart.Series) + 14;
        ImmutableArray<ChartPoint> points = [.. chart.Series.SelectMany(series => series.Points)];
        AxisScale x = AxisScale.Around(points.Select(point => point.X), Left + 26, Width - Right - 26, 0.02, logarithmic: true);
        AxisScale y = AxisScale.Around(
            points.SelectMany(point => new[] { point.Y, point.Low, point.High }).Concat(chart.Levels.Select(level => level.Value)),
            Height - Bottom,
            top);

        Frame(canvas, chart, x, y, top);
        foreach (ChartTick level in chart.Levels)
        {
            double place = y.Place(level.Value);
            canvas.Line("level", Left, place, Width - Right, place);
            canvas.Text("tick", Width - Right - 4, place - 5, level.Label, "end");
        }

        for (int i = 0; i < chart.Series.Length; i++)
        {
            // Points of different series at one value stand beside each other, so that intervals stay readable.
            double shift = (i - 0.5 * (chart.Series.Length - 1)) * Dodge;
            Series(canvas, chart.Series[i], chart.Joined, x, y, shift);
        }

        return canvas;
    }

    private static double Legend(SvgCanvas canvas, ImmutableArray<ChartSeries> series)
    {
        const double CharacterWidth = 7.2;
        double x = Left;
        double y = 14;
        foreach (ChartSeries entry in series)
        {
            double width = 34 + entry.Name.Length * CharacterWidth;
            if (x > Left && x + width > Width - Right)
            {
                x = Left;
                y += LegendLine;
            }

            canvas.Line($"l s{entry.Style}", x, y - 4, x + 20, y - 4);
            canvas.Marker(entry.Style, x + 10, y - 4);
            canvas.Text("t", x + 27, y, entry.Name);
            x += width + 8;
        }

        return y;
    }

    private static void Frame(SvgCanvas canvas, SeriesChart chart, AxisScale x, AxisScale y, double top)
    {
        foreach (ChartTick tick in y.Ticks(6))
        {
            double place = y.Place(tick.Value);
            canvas.Line("grid", Left, place, Width - Right, place);
            canvas.Text("tick", Left - 8, place + 4, tick.Label, "end");
        }

        foreach (ChartTick tick in chart.XTicks ?? x.Ticks(6))
        {
            double place = x.Place(tick.Value);
            canvas.Line("axis", place, Height - Bottom, place, Height - Bottom + 5);
            canvas.Text("tick", place, Height - Bottom + 19, tick.Label, "middle");
        }

        canvas.Line("axis", Left, Height - Bottom, Width - Right, Height - Bottom);
        canvas.Text("t", 0.5 * (Left + Width - Right), Height - 10, chart.XLabel, "middle");
        canvas.Text("t", 15, 0.5 * (top + Height - Bottom), chart.YLabel, "middle", -90);
    }

    private static void Series(SvgCanvas canvas, ChartSeries series, bool joined, AxisScale x, AxisScale y, double shift)
    {
        ChartPoint[] drawn = [.. series.Points.Where(point => double.IsFinite(point.Y))];
        if (joined && drawn.Length > 1)
        {
            canvas.Path($"l s{series.Style}", drawn.Select(point => (x.Place(point.X) + shift, y.Place(point.Y))));
        }

        foreach (ChartPoint point in drawn)
        {
            double place = x.Place(point.X) + shift;
            if (double.IsFinite(point.Low) && double.IsFinite(point.High))
            {
                canvas.Line($"e s{series.Style}", place, y.Place(point.Low), place, y.Place(point.High));
                canvas.Line($"e s{series.Style}", place - 3, y.Place(point.Low), place + 3, y.Place(point.Low));
                canvas.Line($"e s{series.Style}", place - 3, y.Place(point.High), place + 3, y.Place(point.High));
            }

            canvas.Marker(series.Style, place, y.Place(point.Y), point.Note);
        }
    }
}
