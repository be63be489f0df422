using Embeddings.Experiments.Reports.Charts;

namespace Embeddings.Experiments.Reports;

/// <summary>The style sheet of reports: one column, light and dark, fit to print.</summary>
internal static class HtmlStyle
{
    private const string Variables =
        ":root{" + ChartStyle.LightVariables + "--soft:#f5f7fa;--edge:#d6dce4}\n"
        + "@media (prefers-color-scheme:dark){:root{" + ChartStyle.DarkVariables + "--soft:#1b212b;--edge:#333c49}}\n";

    /// <summary>The style of a page, before that of its charts.</summary>
    public const string Page = Variables + """
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--paper);color:var(--ink);
        font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
        main{max-width:54rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
        h1{font-size:1.9rem;line-height:1.25;margin:0 0 .4rem}
        h2{font-size:1.3rem;line-height:1.3;margin:3rem 0 .6rem;padding-top:.6rem;border-top:1px solid var(--edge)}
        h3{font-size:1.05rem;margin:1.8rem 0 .4rem}
        p{margin:.6rem 0}
        li{margin:.25rem 0}
        a{color:var(--s0)}
        code{font:.9em ui-monospace,"Cascadia Code","DejaVu Sans Mono",monospace}
        .meta,figcaption,caption,.note{color:var(--faint);font-size:.9rem}
        .answer{background:var(--soft);border:1px solid var(--edge);border-left:5px solid var(--s0);border-radius:6px;padding:1rem 1.25rem;margin:1.4rem 0}
        .answer p:first-child{font-size:1.15rem;font-weight:600;line-height:1.45;margin-top:0}
        .answer p:last-child{margin-bottom:0}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:.75rem;margin:1.2rem 0;padding:0}
        .tiles div{border:1px solid var(--edge);border-radius:6px;padding:.6rem .8rem}
        .tiles dt{color:var(--faint);font-size:.85rem;line-height:1.35}
        .tiles dd{margin:.2rem 0 0;font-size:1.35rem;font-weight:600;font-variant-numeric:tabular-nums}
        .tiles small{display:block;font-size:.8rem;font-weight:400;color:var(--faint)}
        figure{margin:1.4rem 0}
        figure svg{width:100%;height:auto;display:block}
        figcaption{margin-top:.4rem}
        .scroll{overflow-x:auto;margin:1.2rem 0}
        table{border-collapse:collapse;width:100%;font-size:.9rem;line-height:1.4}
        caption{text-align:left;padding-bottom:.4rem}
        th,td{text-align:left;vertical-align:top;padding:.4rem .7rem .4rem 0;border-bottom:1px solid var(--edge)}
        thead th{color:var(--faint);font-weight:600;white-space:nowrap}
        tbody th{font-weight:500}
        td small{color:var(--faint)}
        .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        th.n{white-space:normal}
        .badge{display:inline-block;border:1px solid currentColor;border-radius:1rem;padding:0 .6rem;font-size:.82rem;font-weight:600;white-space:nowrap}
        .supported{color:var(--supported)}.contradicted{color:var(--contradicted)}
        .equivalent{color:var(--equivalent)}.inconclusive{color:var(--inconclusive)}
        details summary{cursor:pointer;font-weight:600}
        @media print{body{font-size:11pt}main{max-width:none;padding:0}figure,table,.answer{break-inside:avoid}h2{break-after:avoid}details{display:block}}

        """;
}
