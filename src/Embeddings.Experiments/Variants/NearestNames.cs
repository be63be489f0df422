namespace Embeddings.Experiments.Variants;

/// <summary>Finds what a mistyped name may have meant.</summary>
internal static class NearestNames
{
    /// <summary>
    /// At most three names, nearest first: those that need few edits (a third of the letters at most), or that have all letters that were
    /// typed, in their order.
    /// </summary>
    public static IEnumerable<string> Of(string typed, IEnumerable<string> names)
    {
        string lower = typed.ToLowerInvariant();
        return names
            .Select(name => (Name: name, Lower: name.ToLowerInvariant()))
            .Select(name => (name.Name, Distance: Distance(lower, name.Lower), Contains: lower.Length >= 3 && Contains(name.Lower, lower)))
            .Where(name => name.Contains || name.Distance <= Math.Max(2, lower.Length / 3))
            .OrderBy(name => name.Distance)
            .ThenBy(name => name.Name, StringComparer.Ordinal)
            .Take(3)
            .Select(name => name.Name);
    }

    private static bool Contains(string name, string letters)
    {
        int found = 0;
        foreach (char letter in name)
        {
            found += found < letters.Length && letters[found] == letter ? 1 : 0;
        }

        return found == letters.Length;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours that turn one text into the other.</summary>
    public static int Distance(string first, string second)
    {
        var table = new int[first.Length + 1, second.Length + 1];
        for (int i = 0; i <= first.Length; i++)
        {
            for (int j = 0; j <= second.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    table[i, j] = i + j;
                    continue;
                }

                int replace = table[i - 1, j - 1] + (first[i - 1] == second[j - 1] ? 0 : 1);
                table[i, j] = Math.Min(replace, 1 + Math.Min(table[i - 1, j], table[i, j - 1]));
                if (i > 1 && j > 1 && first[i - 1] == second[j - 2] && first[i - 2] == second[j - 1])
                {
                    table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
                }
            }
        }

        return table[first.Length, second.Length];
    }
}
