using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Model;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator.Emit;

/// <summary>How a target writes the updates of a step.</summary>
internal interface IUpdateSyntax
{
    /// <summary>Whether the update is one of the first so many.</summary>
    string IsWithin(int steps);

    /// <summary>Whether the update comes after so many.</summary>
    string IsAfter(int steps);

    /// <summary>Prints AdamW over a stretch of the arenas.</summary>
    void AdamW(SegmentPlace segment, GroupSpec group);

    /// <summary>Prints what comes before the Muon updates of a group's matrices.</summary>
    void BeforeMuon(GroupSpec group, MuonSpec muon);

    /// <summary>Prints Muon for one matrix.</summary>
    /// <param name="place">The matrix, the first of its copies.</param>
    /// <param name="copy">What adds the distance of the copy to the offset of the first; empty where there is one.</param>
    /// <param name="group">Its group.</param>
    /// <param name="muon">The group's Muon settings.</param>
    void Muon(ParameterPlace place, string copy, GroupSpec group, MuonSpec muon);
}

/// <summary>
/// Prints the updates of a step, in an order that every target shares: AdamW once over each stretch of the arenas that shares settings, and
/// Muon once for each matrix of the groups that declare it.
/// </summary>
/// <param name="writer">Receives the text.</param>
/// <param name="model">The compiled model.</param>
/// <param name="syntax">How updates are written.</param>
internal sealed class UpdateEmitter(SourceWriter writer, CompiledSpec model, IUpdateSyntax syntax)
{
    private const string PositionTable = "Embedding.Positions";

    /// <summary>The documentation of the method that holds the updates.</summary>
    public static string Summary(CompiledSpec model) => model.Spec.Training.Groups.Any(group => group.Muon is not null)
        ? "/// <summary>AdamW, once over each stretch of the arenas that shares settings, and Muon for each matrix of the groups that declare it.</summary>"
        : "/// <summary>AdamW, once over each stretch of the arenas that shares settings.</summary>";

    /// <summary>The matrices that Muon updates, each with its copies in other layers.</summary>
    public static IEnumerable<ParameterPlace> MuonMatrices(CompiledSpec model) => model.Layout.Segments
        .Where(segment => MuonOf(model, segment) is not null)
        .SelectMany(segment => MuonMatrices(model.Layout, segment));

    /// <summary>The line above the updates of a stretch.</summary>
    public static string Title(SegmentPlace segment) =>
        $"// {segment.Group}: {(segment.Decays ? "matrices" : "vectors, which do not decay")}";

    /// <summary>The factor of a rate that rises over a group's first steps, with its sign; empty where the group has none.</summary>
    /// <param name="group">The group.</param>
    /// <param name="step">How the number of the update is written, from 1.</param>
    public static string Warmup(GroupSpec group, string step) =>
        group.WarmupSteps > 0 ? $" * Math.Min(1, {step} / {group.WarmupSteps}.0)" : "";

    /// <summary>Prints all of them.</summary>
    public void Updates()
    {
        foreach (SegmentPlace segment in model.Layout.Segments)
        {
            writer.Line(Title(segment));
            if (segment.StopsAfter > 0)
            {
                Guarded(segment, $"{syntax.IsWithin(segment.StopsAfter)}) // trained for {segment.StopsAfter} steps, then left as they are");
            }
            else if (segment.StartsAfter > 0)
            {
                Guarded(segment, $"{syntax.IsAfter(segment.StartsAfter)}) // until then the input table stands in its place");
            }
            else
            {
                Update(segment);
            }
        }
    }

    private void Guarded(SegmentPlace segment, string condition)
    {
        writer.Open($"if ({condition}");
        Update(segment);
        writer.Close();
        writer.Gap();
    }

    private void Update(SegmentPlace segment)
    {
        GroupSpec group = model.Spec.Training.Group(segment.Group);
        if (MuonOf(model, segment) is { } muon)
        {
            Muon(segment, group, muon);
        }
        else
        {
            syntax.AdamW(segment, group);
        }
    }

    private void Muon(SegmentPlace segment, GroupSpec group, MuonSpec muon)
    {
        if (PlacesOf(model.Layout, segment).FirstOrDefault(IsPositionTable) is { } positions)
        {
            writer.Line($"// {PositionTable}, a table of rows, keeps AdamW");
            syntax.AdamW(segment with { Offset = positions.Offset, Count = positions.Parameter.Count }, group);
        }

        syntax.BeforeMuon(group, muon);
        foreach (IGrouping<int, ParameterPlace> copies in MuonMatrices(model.Layout, segment).GroupBy(place => place.Parameter.Layers))
        {
            if (copies.Key == 1)
            {
                Matrices(copies, "");
                continue;
            }

            bool inEachLayer = !copies.First().Parameter.SkipsLayers;
            string copy = inEachLayer ? "layer" : "table";
            writer.Open($"for (int {copy} = 0; {copy} < {(inEachLayer ? "Layers" : copies.Key)}; {copy}++)");
            Matrices(copies, copy);
            writer.Close();
            writer.Gap();
        }

        void Matrices(IEnumerable<ParameterPlace> places, string copy)
        {
            foreach (ParameterPlace place in places)
            {
                writer.Line($"// {place.Parameter.Name} {place.Parameter.Shape}");
                syntax.Muon(place, copy.Length > 0 ? $" + {copy} * {place.LayerStride}L" : "", group, muon);
            }
        }
    }

    private static MuonSpec? MuonOf(CompiledSpec model, SegmentPlace segment) =>
        segment.Decays ? model.Spec.Training.Group(segment.Group).Muon : null;

    private static IEnumerable<ParameterPlace> MuonMatrices(ParameterLayout layout, SegmentPlace segment) =>
        PlacesOf(layout, segment).Where(place => !IsPositionTable(place));

    private static IEnumerable<ParameterPlace> PlacesOf(ParameterLayout layout, SegmentPlace segment) => layout.Places.Where(place =>
        !place.Parameter.Frozen && place.Offset >= segment.Offset && place.Offset < segment.Offset + segment.Count);

    private static bool IsPositionTable(ParameterPlace place) => place.Parameter.Name == PositionTable;
}
