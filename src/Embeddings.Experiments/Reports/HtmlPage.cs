using System.Net;
using System.Text;
using Embeddings.Experiments.Reports.Charts;

namespace Embeddings.Experiments.Reports;

/// <summary>Builds a self-contained page: style and pictures inside, nothing fetched.</summary>
internal sealed class HtmlPage(string title)
{
    private readonly StringBuilder _body = new();

    /// <summary>Escapes text.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Adds markup as it is.</summary>
    public HtmlPage Raw(string markup)
    {
        _body.Append(markup).Append('\n');
        return this;
    }

    /// <summary>Adds a section heading.</summary>
    public HtmlPage Section(string id, string heading) => Raw($"<h2 id=\"{id}\">{Escape(heading)}</h2>");

    /// <summary>Adds a paragraph of plain text.</summary>
    public HtmlPage Paragraph(string text, string? style = null) =>
        Raw(style is null ? $"<p>{Escape(text)}</p>" : $"<p class=\"{style}\">{Escape(text)}</p>");

    /// <summary>Adds a list.</summary>
    public HtmlPage List(params IEnumerable<string> items) => Raw("<ul>" + string.Concat(items.Select(item => $"<li>{Escape(item)}</li>")) + "</ul>");

    /// <summary>Adds a picture with a caption.</summary>
    public HtmlPage Figure(SvgCanvas canvas, string caption) =>
        Raw($"<figure>\n{canvas.Element()}<figcaption>{Escape(caption)}</figcaption></figure>");

    /// <summary>Adds a table; cells are markup, the first of each row is its heading, columns from <paramref name="numbersFrom"/> on are numbers.</summary>
    public HtmlPage Table(string caption, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows, int numbersFrom = 1)
    {
        string Style(int column) => column >= numbersFrom ? " class=\"n\"" : "";
        _body.Append($"<div class=\"scroll\"><table><caption>{Escape(caption)}</caption>\n<thead><tr>");
        for (int i = 0; i < columns.Count; i++)
        {
            _body.Append($"<th scope=\"col\"{Style(i)}>{Escape(columns[i])}</th>");
        }

        _body.Append("</tr></thead>\n<tbody>\n");
        foreach (IReadOnlyList<string> row in rows)
        {
            _body.Append("<tr>");
            for (int i = 0; i < row.Count; i++)
            {
                _body.Append(i == 0 ? $"<th scope=\"row\">{row[i]}</th>" : $"<td{Style(i)}>{row[i]}</td>");
            }

            _body.Append("</tr>\n");
        }

        _body.Append("</tbody></table></div>\n");
        return this;
    }

    /// <summary>The page.</summary>
    public string Print() => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{Escape(title)}</title>
        <style>{HtmlStyle.Page}{ChartStyle.Classes}</style>
        </head>
        <body>
        <main>
        {_body}</main>
        </body>
        </html>

        """.ReplaceLineEndings("\n");
}
