using System.Globalization;
using System.Net;
using System.Text;

namespace Embeddings.Experiments.Reports.Charts;

/// <summary>
/// Writes a scalable picture. Colours are classes, given by <see cref="ChartStyle"/>, so that a page can turn dark; text is text, so that
/// it can be selected, searched and read out, and no font needs to be installed where the picture is made.
/// </summary>
internal sealed class SvgCanvas(double width, double height, string description)
{
    private readonly StringBuilder _body = new();

    /// <summary>A straight line.</summary>
    public void Line(string style, double x1, double y1, double x2, double y2) =>
        _body.Append(CultureInfo.InvariantCulture, $"<line class=\"{style}\" x1=\"{x1:0.##}\" y1=\"{y1:0.##}\" x2=\"{x2:0.##}\" y2=\"{y2:0.##}\"/>\n");

    /// <summary>A line through points.</summary>
    public void Path(string style, IEnumerable<(double X, double Y)> points)
    {
        string path = string.Join(' ', points.Select((point, index) => string.Create(
            CultureInfo.InvariantCulture, $"{(index == 0 ? 'M' : 'L')}{point.X:0.##} {point.Y:0.##}")));
        _body.Append(CultureInfo.InvariantCulture, $"<path class=\"{style}\" d=\"{path}\"/>\n");
    }

    /// <summary>A filled rectangle.</summary>
    public void Rectangle(string style, double x, double y, double w, double h) =>
        _body.Append(CultureInfo.InvariantCulture, $"<rect class=\"{style}\" x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{w:0.##}\" height=\"{h:0.##}\"/>\n");

    /// <summary>Text; the anchor is <c>start</c>, <c>middle</c> or <c>end</c>.</summary>
    public void Text(string style, double x, double y, string text, string anchor = "start", double rotate = 0)
    {
        string turn = rotate == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" transform=\"rotate({rotate:0.##} {x:0.##} {y:0.##})\"");
        _body.Append(
            CultureInfo.InvariantCulture,
            $"<text class=\"{style}\" x=\"{x:0.##}\" y=\"{y:0.##}\" text-anchor=\"{anchor}\"{turn}>{WebUtility.HtmlEncode(text)}</text>\n");
    }

    /// <summary>A marker: circle, square, diamond, triangle or cross by style, with a note for the pointer.</summary>
    public void Marker(int series, double x, double y, string? note = null)
    {
        const double Size = 4.5;
        string shape = (series % 5) switch
        {
            0 => string.Create(CultureInfo.InvariantCulture, $"<circle class=\"m s{series}\" cx=\"{x:0.##}\" cy=\"{y:0.##}\" r=\"{Size:0.##}\">"),
            1 => Polygon(series, (x - Size, y - Size), (x + Size, y - Size), (x + Size, y + Size), (x - Size, y + Size)),
            2 => Polygon(series, (x, y - 1.3 * Size), (x + 1.3 * Size, y), (x, y + 1.3 * Size), (x - 1.3 * Size, y)),
            3 => Polygon(series, (x, y - 1.2 * Size), (x + 1.2 * Size, y + Size), (x - 1.2 * Size, y + Size)),
            _ => Polygon(series, (x, y + 1.2 * Size), (x + 1.2 * Size, y - Size), (x - 1.2 * Size, y - Size)),
        };
        string close = shape.StartsWith("<circle", StringComparison.Ordinal) ? "</circle>" : "</polygon>";
        _body.Append(shape).Append(note is null ? "" : $"<title>{WebUtility.HtmlEncode(note)}</title>").Append(close).Append('\n');
    }

    /// <summary>The picture as an element of a page that brings the style.</summary>
    public string Element() => Print("", "");

    /// <summary>The picture as a file of its own.</summary>
    public string Document() => "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + Print(
        string.Create(CultureInfo.InvariantCulture, $" width=\"{width:0.##}\" height=\"{height:0.##}\""),
        $"<style>{ChartStyle.StandAlone}</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");

    private string Print(string size, string before) => string.Create(
        CultureInfo.InvariantCulture,
        $"<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:0.##} {height:0.##}\"{size} role=\"img\" ")
        + $"aria-label=\"{WebUtility.HtmlEncode(description)}\">\n{before}{_body}</svg>\n";

    private static string Polygon(int series, params ReadOnlySpan<(double X, double Y)> corners)
    {
        var points = new StringBuilder();
        foreach ((double x, double y) in corners)
        {
            points.Append(CultureInfo.InvariantCulture, $"{x:0.##},{y:0.##} ");
        }

        return $"<polygon class=\"m s{series}\" points=\"{points.ToString().TrimEnd()}\">";
    }
}
