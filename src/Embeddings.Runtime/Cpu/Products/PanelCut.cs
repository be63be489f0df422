namespace Embeddings.Cpu.Products;

/// <summary>
/// How columns are cut into panels: as many as the wide register tile has, and the last ones into one or two of the narrow tile where
/// that leaves fewer columns empty. A panel of width w and depth d that starts at column j lies at element j · d of its block.
/// </summary>
internal readonly struct PanelCut
{
    private readonly int _wide;
    private readonly int _narrow;

    /// <summary>Cuts columns.</summary>
    /// <param name="columns">Columns, at least 1.</param>
    /// <param name="wide">Columns of the wide tile.</param>
    /// <param name="narrow">Columns of the narrow tile: two thirds of the wide one's, or as many.</param>
    public PanelCut(int columns, int wide, int narrow)
    {
        _wide = wide;
        _narrow = narrow;
        int rest = columns % wide;
        int narrowPanels = rest == 0 || narrow >= wide ? 0
            : rest <= 2 * narrow - wide && columns > wide ? 2
            : rest <= narrow ? 1
            : 0;
        WideEnd = narrowPanels == 0 ? ProductPlan.RoundUp(columns, wide) : columns - rest - (narrowPanels - 1) * wide;
        Count = WideEnd / wide + narrowPanels;
        Padded = WideEnd + narrowPanels * narrow;
    }

    /// <summary>The column where the narrow panels start, a multiple of the wide tile's.</summary>
    public int WideEnd { get; }

    /// <summary>Panels.</summary>
    public int Count { get; }

    /// <summary>Columns of all panels together.</summary>
    public int Padded { get; }

    /// <summary>First column of a panel.</summary>
    public int Start(int panel) => panel * _wide <= WideEnd ? panel * _wide : WideEnd + (panel - WideEnd / _wide) * _narrow;

    /// <summary>Columns of a panel.</summary>
    public int Width(int panel) => panel * _wide < WideEnd ? _wide : _narrow;

    /// <summary>The end of a stretch of columns, none of which ends inside a narrow panel: the last one takes what is left.</summary>
    /// <param name="column">Where it starts.</param>
    /// <param name="length">Wanted length, a multiple of the wide tile's columns.</param>
    /// <param name="columns">All columns.</param>
    public int End(int column, int length, int columns) => column + length > WideEnd ? columns : Math.Min(columns, column + length);

    /// <summary>Stretches of a length.</summary>
    /// <param name="columns">All columns.</param>
    /// <param name="length">Wanted length, a multiple of the wide tile's columns.</param>
    public int Stretches(int columns, int length)
    {
        int count = ProductPlan.Blocks(columns, length);
        return count > 1 && (count - 1) * length > WideEnd ? count - 1 : count;
    }
}
