using Embeddings.Experiments.Studies;

namespace Embeddings.Experiments.Reports.Charts;

/// <summary>Draws a <see cref="ForestChart"/>: a label above each interval, the verdict at its right.</summary>
internal static class ForestChartSvg
{
    private const double Width = 720;
    private const double RowHeight = 46;
    private const double Top = 8;
    private const double Bottom = 52;
    private const double Left = 12;
    private const double Right = 118;

    /// <summary>Draws the chart.</summary>
    public static SvgCanvas Draw(ForestChart chart)
    {
        double height = Top + chart.Rows.Length * RowHeight + Bottom;
        double floor = height - Bottom;
        var canvas = new SvgCanvas(Width, height, chart.Description);
        AxisScale x = AxisScale.Around(
            chart.Rows.SelectMany(row => new[] { row.Estimate, row.Low, row.High }).Concat([-chart.Margin, chart.Margin]),
            Left,
            Width - Right);

        canvas.Rectangle("band", x.Place(-chart.Margin), Top, x.Place(chart.Margin) - x.Place(-chart.Margin), floor - Top);
        foreach (ChartTick tick in x.Ticks(7))
        {
            double place = x.Place(tick.Value);
            canvas.Line("grid", place, Top, place, floor);
            canvas.Text("tick", place, floor + 18, tick.Label, "middle");
        }

        canvas.Line("axis", x.Place(0), Top, x.Place(0), floor);
        canvas.Line("axis", Left, floor, Width - Right, floor);
        canvas.Text("t", 0.5 * (Left + Width - Right), height - 10, chart.XLabel, "middle");
        for (int i = 0; i < chart.Rows.Length; i++)
        {
            Row(canvas, chart.Rows[i], x, Top + i * RowHeight);
        }

        return canvas;
    }

    private static void Row(SvgCanvas canvas, ForestRow row, AxisScale x, double top)
    {
        double middle = top + 32;
        string word = VocabularyClaims.Word(row.Verdict);
        canvas.Text("t", Left + 4, top + 17, row.Label);
        if (!double.IsFinite(row.Estimate))
        {
            canvas.Text("tick", Left + 4, middle + 4, "not measured");
            return;
        }

        if (double.IsFinite(row.Low) && double.IsFinite(row.High))
        {
            canvas.Line($"v {word}", x.Place(row.Low), middle, x.Place(row.High), middle);
            canvas.Line($"v {word}", x.Place(row.Low), middle - 4, x.Place(row.Low), middle + 4);
            canvas.Line($"v {word}", x.Place(row.High), middle - 4, x.Place(row.High), middle + 4);
        }

        canvas.Rectangle($"v {word}", x.Place(row.Estimate) - 3.5, middle - 3.5, 7, 7);
        canvas.Text($"w {word}", Width - Right + 12, middle + 4, word);
    }
}
