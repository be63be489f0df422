using System.Text;
using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Tests.Diagnostics;

/// <summary>
/// Checks the diagnostics of a source text in which each place that must be underlined stands between « and ».
/// </summary>
internal static class Expect
{
    private const char Open = '«';
    private const char Close = '»';

    /// <summary>Expects one diagnostic under every marked place, all of one id, with a part of its message; and no other.</summary>
    public static void Diagnostic(string id, string message, params string[] marked)
    {
        (string[] sources, List<(string Path, int Start, string Text)> places) = Unmark(marked);
        GeneratorRun run = GeneratorHarness.Run(new RecordingBackEnd().Compile, sources);

        Assert.Equal(places.Select(place => (id, place.Path, place.Start, place.Text)), run.Diagnostics.Select(Describe));
        Assert.Contains(message, string.Join('\n', run.Diagnostics.Select(diagnostic => diagnostic.GetMessage())));
    }

    /// <summary>Expects no diagnostic, and code that compiles.</summary>
    public static void None(params string[] sources)
    {
        GeneratorRun run = GeneratorHarness.Run(new RecordingBackEnd().Compile, sources);
        Assert.Empty(run.Diagnostics);
        run.AssertCompiles();
    }

    /// <summary>Id, file, position and underlined text of a diagnostic.</summary>
    public static (string Id, string Path, int Start, string Text) Describe(Diagnostic diagnostic)
    {
        Location location = diagnostic.Location;
        Assert.True(location.IsInSource, $"{diagnostic.Id} has no place in the source.");
        return (diagnostic.Id, location.SourceTree!.FilePath, location.SourceSpan.Start,
            location.SourceTree.GetText().ToString(location.SourceSpan));
    }

    private static (string[] Sources, List<(string Path, int Start, string Text)> Places) Unmark(string[] marked)
    {
        var places = new List<(string, int, string)>();
        string[] sources = marked.Select((text, index) =>
        {
            var source = new StringBuilder();
            int start = -1;
            foreach (char character in text)
            {
                switch (character)
                {
                    case Open:
                        start = source.Length;
                        break;
                    case Close:
                        places.Add(($"File{index}.cs", start, source.ToString(start, source.Length - start)));
                        break;
                    default:
                        source.Append(character);
                        break;
                }
            }

            return source.ToString();
        }).ToArray();

        return (sources, places);
    }
}
