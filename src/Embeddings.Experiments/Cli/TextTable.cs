namespace Embeddings.Experiments.Cli;

/// <summary>A table in plain text, its columns as wide as their longest cell: words to the left, numbers to the right.</summary>
/// <param name="headings">Of the columns; all empty for a table without a heading.</param>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row of as many cells as there are headings.</summary>
    public void Add(params string[] cells)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cells.Length, headings.Length);
        _rows.Add(cells);
    }

    /// <summary>Prints it.</summary>
    public void Write(TextWriter output)
    {
        bool named = headings.Any(heading => heading.Length > 0);
        int[] widths = [.. headings.Select((heading, column) => _rows.Select(row => row[column].Length).Append(heading.Length).Max())];
        bool[] numbers = [.. headings.Select((_, column) => column > 0 && _rows.All(row => IsNumber(row[column])))];
        foreach (string[] row in named ? [headings, .. _rows] : _rows)
        {
            IEnumerable<string> cells = row.Select((cell, column) =>
                numbers[column] ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }

    private static bool IsNumber(string cell) => cell.Length == 0 || char.IsAsciiDigit(cell[0]) || cell[0] is '−' or '–' or '+' or '<';
}
