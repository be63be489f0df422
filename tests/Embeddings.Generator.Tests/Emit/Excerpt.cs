namespace Embeddings.Generator.Tests.Emit;

/// <summary>Cuts parts out of generated text, for snapshots that show what an option changes and nothing else.</summary>
internal static class Excerpt
{
    /// <summary>The methods of these names, in the order of the text, each with the comment above it.</summary>
    public static string Methods(string text, params string[] names)
    {
        string[] lines = text.Split('\n');
        var taken = new List<string>();
        for (int i = 0; i < lines.Length; i++)
        {
            if (names.Any(name => lines[i].StartsWith("    p", StringComparison.Ordinal) && lines[i].Contains($" {name}(")))
            {
                int first = i > 0 && lines[i - 1].TrimStart().StartsWith("///", StringComparison.Ordinal) ? i - 1 : i;
                int last = lines[i].EndsWith(';') ? i : Array.IndexOf(lines, "    }", i);
                taken.Add(string.Join("\n", lines[first..(last + 1)].Select(line => line.Length > 4 ? line[4..] : line)));
                i = last;
            }
        }

        return string.Join("\n\n", taken) + "\n";
    }

    /// <summary>Lines that contain one of the words, without their indentation.</summary>
    public static string Lines(string text, params string[] words) =>
        string.Concat(text.Split('\n').Where(line => words.Any(line.Contains)).Select(line => line.Trim() + "\n"));
}
