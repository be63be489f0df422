using System.Text;

namespace Embeddings.Generator.Tests;

/// <summary>The verified and received files of one test.</summary>
/// <param name="directory">Where they stand.</param>
/// <param name="testName">What their names begin with.</param>
/// <param name="accept">Whether what is received becomes verified.</param>
/// <param name="open">Shows a received file beside a verified one.</param>
/// <param name="close">Takes that away again.</param>
internal sealed class SnapshotFiles(
    string directory, string testName, bool accept, Action<string, string> open, Action<string, string> close)
{
    private static readonly UTF8Encoding s_encoding = new(encoderShouldEmitUTF8Identifier: true);

    /// <summary>Compares every text; null when all are as verified, otherwise what differs.</summary>
    public string? Compare(IEnumerable<SnapshotTarget> targets)
    {
        var differences = new List<string>();
        var expected = new HashSet<string>();
        foreach (SnapshotTarget target in targets)
        {
            string stem = target.Name is null ? testName : $"{testName}#{SnapshotTarget.FileName(target.Name)}";
            string verified = Path.Combine(directory, $"{stem}.verified.{target.Extension}");
            string received = Path.Combine(directory, $"{stem}.received.{target.Extension}");
            if (!expected.Add(verified))
            {
                throw new ArgumentException($"Two texts of the snapshot are named {Path.GetFileName(verified)}.", nameof(targets));
            }

            if (Compare(target.Text.ReplaceLineEndings("\n"), verified, received) is { } difference)
            {
                differences.Add(difference);
            }
        }

        differences.AddRange(Existing("verified").Where(verified => !expected.Contains(verified)).Select(Surplus).OfType<string>());
        return differences.Count == 0 ? null : string.Join('\n', differences);
    }

    private string? Compare(string actual, string verified, string received)
    {
        string? expected = File.Exists(verified) ? File.ReadAllText(verified).ReplaceLineEndings("\n") : null;

        // An empty file is what a diff tool makes of a missing one; an editor may add one last line end.
        if (string.IsNullOrEmpty(expected) || (expected != actual && expected != actual + "\n"))
        {
            if (!accept)
            {
                File.WriteAllText(received, actual, s_encoding);
                open(received, verified);
                return string.IsNullOrEmpty(expected)
                    ? $"{Path.GetFileName(verified)} does not exist."
                    : $"{Path.GetFileName(verified)} differs {FirstDifference(expected, actual)}";
            }

            File.WriteAllText(verified, actual, s_encoding);
        }

        if (File.Exists(received))
        {
            File.Delete(received);
            close(received, verified);
        }

        return null;
    }

    /// <summary>A verified file that the test no longer produces.</summary>
    private string? Surplus(string verified)
    {
        if (accept)
        {
            File.Delete(verified);
            return null;
        }

        return $"{Path.GetFileName(verified)} is verified but was not received.";
    }

    private IEnumerable<string> Existing(string state) => Directory.EnumerateFiles(directory, $"{testName}*.{state}.*")
        .Where(path => Path.GetFileName(path)[testName.Length] is '#' or '.')
        .Order(StringComparer.Ordinal);

    private static string FirstDifference(string expected, string actual)
    {
        string[] expectedLines = expected.Split('\n');
        string[] actualLines = actual.Split('\n');
        int line = 0;
        while (line < expectedLines.Length && line < actualLines.Length && expectedLines[line] == actualLines[line])
        {
            line++;
        }

        return $"in line {line + 1}:\n- {LineOrEnd(expectedLines, line)}\n+ {LineOrEnd(actualLines, line)}";
    }

    private static string LineOrEnd(string[] lines, int line) => line < lines.Length ? lines[line] : "<end>";
}
