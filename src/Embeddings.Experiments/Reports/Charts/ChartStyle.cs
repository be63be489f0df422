namespace Embeddings.Experiments.Reports.Charts;

/// <summary>Colours of charts, light and dark, as style sheets; tellable apart without colour vision, and by marker.</summary>
internal static class ChartStyle
{
    /// <summary>Light colours of series 0 … 4, as the PNG pictures use them too.</summary>
    public static readonly string[] SeriesColors = ["#1d5fbf", "#c2410c", "#7c3aed", "#5b6675", "#0f7a55"];

    /// <summary>Colour variables for a light page.</summary>
    public const string LightVariables =
        "--paper:#ffffff;--ink:#1c2430;--faint:#5f6b7a;--grid:#e3e7ec;--band:#dfe7f3;"
        + "--s0:#1d5fbf;--s1:#c2410c;--s2:#7c3aed;--s3:#5b6675;--s4:#0f7a55;"
        + "--supported:#0f7a55;--contradicted:#b3261e;--equivalent:#1d5fbf;--inconclusive:#5b6675;";

    /// <summary>Colour variables for a dark page.</summary>
    public const string DarkVariables =
        "--paper:#14181f;--ink:#e6e9ee;--faint:#9aa5b4;--grid:#2b323d;--band:#243248;"
        + "--s0:#7fb2ff;--s1:#ff9a62;--s2:#c4a4ff;--s3:#aab4c2;--s4:#5fd3a5;"
        + "--supported:#5fd3a5;--contradicted:#ff8a80;--equivalent:#7fb2ff;--inconclusive:#aab4c2;";

    /// <summary>What the classes of a chart look like, given the variables.</summary>
    public const string Classes = """
        .chart{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-size:13px}
        .chart .paper{fill:var(--paper)}
        .chart .grid{stroke:var(--grid);stroke-width:1}
        .chart .axis{stroke:var(--faint);stroke-width:1}
        .chart .level{stroke:var(--faint);stroke-width:1;stroke-dasharray:2 4}
        .chart .band{fill:var(--band)}
        .chart .t{fill:var(--ink);stroke:var(--paper);stroke-width:4;paint-order:stroke}
        .chart .tick{fill:var(--faint);font-size:12px}
        .chart .strong{fill:var(--ink);font-weight:600}
        .chart .l{fill:none;stroke-width:2}
        .chart .e{fill:none;stroke-width:1.6}
        .chart .l.s0,.chart .e.s0{stroke:var(--s0)}.chart .l.s1,.chart .e.s1{stroke:var(--s1)}
        .chart .l.s2,.chart .e.s2{stroke:var(--s2)}.chart .l.s3,.chart .e.s3{stroke:var(--s3)}
        .chart .l.s4,.chart .e.s4{stroke:var(--s4)}
        .chart .m.s0{fill:var(--s0)}.chart .m.s1{fill:var(--s1)}.chart .m.s2{fill:var(--s2)}.chart .m.s3{fill:var(--s3)}
        .chart .m.s4{fill:var(--s4)}
        .chart .m{stroke:var(--paper);stroke-width:1}
        .chart .v{stroke-width:2}
        .chart .v.supported{stroke:var(--supported);fill:var(--supported)}
        .chart .v.contradicted{stroke:var(--contradicted);fill:var(--contradicted)}
        .chart .v.equivalent{stroke:var(--equivalent);fill:var(--equivalent)}
        .chart .v.inconclusive{stroke:var(--inconclusive);fill:var(--inconclusive)}
        .chart .w.supported{fill:var(--supported)}.chart .w.contradicted{fill:var(--contradicted)}
        .chart .w.equivalent{fill:var(--equivalent)}.chart .w.inconclusive{fill:var(--inconclusive)}
        .chart .w{font-weight:600}
        """;

    /// <summary>The style of a picture that is a file of its own.</summary>
    public static string StandAlone =>
        $".chart{{{LightVariables}}}@media (prefers-color-scheme:dark){{.chart{{{DarkVariables}}}}}{Classes.ReplaceLineEndings("")}";
}
