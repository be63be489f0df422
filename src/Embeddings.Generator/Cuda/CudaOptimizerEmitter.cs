using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Embeddings.Generator.Emit;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Model;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator.Cuda;

/// <summary>
/// Prints the optimizer step on a device: AdamW once over each stretch of the arenas that shares settings, Muon once for each matrix of the
/// groups that declare it, what they read at each step, and what changes after some steps.
/// </summary>
/// <param name="writer">Receives the text.</param>
/// <param name="cuda">The model.</param>
internal sealed class CudaOptimizerEmitter(SourceWriter writer, CudaSpec cuda)
{
    private const string PositionTable = "Embedding.Positions";

    /// <summary>What the host writes before each step, a call for each block of settings.</summary>
    private readonly List<string> _settings = [];

    private ParameterLayout Layout => cuda.Model.Layout;

    private bool HasMuon => cuda.Model.Spec.Training.Groups.Any(group => group.Muon is not null);

    /// <summary>Matrices that Muon updates.</summary>
    public static IEnumerable<ParameterPlace> MuonMatrices(CudaSpec cuda) => cuda.Model.Layout.Segments
        .Where(segment => segment.Decays && cuda.Model.Spec.Training.Group(segment.Group).Muon is not null)
        .SelectMany(segment => MuonMatrices(cuda.Model.Layout, segment));

    /// <summary>Prints all of it.</summary>
    /// <returns>The number of blocks of settings.</returns>
    public int Emit()
    {
        writer.Gap();
        writer.Line(HasMuon
            ? "/// <summary>AdamW, once over each stretch of the arenas that shares settings, and Muon for each matrix of the groups that declare it.</summary>"
            : "/// <summary>AdamW, once over each stretch of the arenas that shares settings.</summary>");
        writer.Open("protected override void Optimize()");
        foreach (SegmentPlace segment in Layout.Segments)
        {
            Segment(segment);
        }

        writer.Close();
        writer.Gap();
        writer.Line("/// <summary>What <see cref=\"Optimize\"/> reads: the settings of each stretch at a step.</summary>");
        writer.Open("protected override void WriteOptimizerSettings(Span<float> settings, double rateFactor, long step)");
        foreach (string line in _settings)
        {
            writer.Line(line);
        }

        writer.Close();
        Phase();
        Untie();
        return _settings.Count / 2;
    }

    private static IEnumerable<ParameterPlace> MuonMatrices(ParameterLayout layout, SegmentPlace segment) =>
        PlacesOf(layout, segment).Where(place => place.Parameter.Name != PositionTable);

    private static IEnumerable<ParameterPlace> PlacesOf(ParameterLayout layout, SegmentPlace segment) => layout.Places.Where(place =>
        !place.Parameter.Frozen && place.Offset >= segment.Offset && place.Offset < segment.Offset + segment.Count);

    private void Segment(SegmentPlace segment)
    {
        GroupSpec group = cuda.Model.Spec.Training.Group(segment.Group);
        writer.Line($"// {segment.Group}: {(segment.Decays ? "matrices" : "vectors, which do not decay")}");
        string? guard = segment.StopsAfter > 0 ? $"if (Step < {segment.StopsAfter}) // trained for {segment.StopsAfter} steps, then left as they are"
            : segment.StartsAfter > 0 ? $"if (Step >= {segment.StartsAfter}) // until then the input table stands in its place"
            : null;
        if (guard is not null)
        {
            writer.Open(guard);
        }

        if (segment.Decays && group.Muon is { } muon)
        {
            Muon(segment, group, muon);
        }
        else
        {
            AdamW(segment, group);
        }

        if (guard is not null)
        {
            writer.Close();
            writer.Gap();
        }
    }

    private void AdamW(SegmentPlace segment, GroupSpec group)
    {
        string offset = Number(segment.Offset);
        writer.Line($"Library.AdamW({segment.Count}, Master({offset}), Parameter({offset}), Gradient({offset}), "
            + $"FirstMoment({offset}), SecondMoment({offset}), {NextSetting}, GradientFactor);");
        Setting(
            "AdamW", $"learningRate: {Number(group.LearningRate)} * rateFactor{Warmup(group)}, beta1: {Number(group.Beta1)},",
            $"beta2: {Number(group.Beta2)}, epsilon: {Number(group.Epsilon)}, weightDecay: {(segment.Decays ? Number(group.WeightDecay) : "0")}, step");
    }

    private void Muon(SegmentPlace segment, GroupSpec group, MuonSpec muon)
    {
        ParameterPlace? positions = PlacesOf(Layout, segment).FirstOrDefault(place => place.Parameter.Name == PositionTable);
        if (positions is not null)
        {
            writer.Line($"// {PositionTable}, a table of rows, keeps AdamW");
            AdamW(segment with { Offset = positions.Offset, Count = positions.Parameter.Count }, group);
        }

        foreach (IGrouping<bool, ParameterPlace> layers in MuonMatrices(Layout, segment).GroupBy(place => place.LayerStride > 0))
        {
            if (layers.Key)
            {
                writer.Open("for (int layer = 0; layer < Layers; layer++)");
            }

            foreach (ParameterPlace place in layers)
            {
                string offset = Number(place.Offset) + (layers.Key ? $" + layer * {place.LayerStride}L" : "");
                writer.Line($"// {place.Parameter.Name} {place.Parameter.Shape}");
                writer.Line($"Library.Muon({place.Parameter.Shape.Rows}, {place.Parameter.Shape.Columns}, iterations: {muon.Iterations}, Master({offset}), "
                    + $"Parameter({offset}),");
                writer.Line($"    Gradient({offset}), FirstMoment({offset}), MuonMemory, {NextSetting}, GradientFactor);");
            }

            if (layers.Key)
            {
                writer.Close();
                writer.Gap();
            }
        }

        Setting(
            "Muon", $"learningRate: {Number(muon.LearningRate)} * rateFactor{Warmup(group)}, momentum: {Number(muon.Momentum)},",
            $"weightDecay: {Number(muon.WeightDecay)}");
    }

    private string NextSetting => $"OptimizerSetting({_settings.Count / 2})";

    private void Setting(string optimizer, string first, string second)
    {
        _settings.Add($"KernelLibrary.{optimizer}Settings(settings[({_settings.Count / 2} * KernelLibrary.SettingCount)..], {first}");
        _settings.Add($"    {second});");
    }

    /// <summary>Captured work holds until a step from which something is declared to change.</summary>
    private void Phase()
    {
        int[] steps = [.. Layout.Segments.SelectMany(segment => new[] { segment.StartsAfter, segment.StopsAfter })
            .Append(cuda.Model.Spec.Architecture.UntiesAfter).Where(step => step > 0).Distinct().OrderBy(step => step)];
        if (steps.Length > 0)
        {
            writer.Gap();
            writer.Line("/// <summary>Which of the declared changes have been made: the launches of a pass and of an update follow from it.</summary>");
            writer.Line($"protected override int Phase => {string.Join(" + ", steps.Select(step => $"(Step < {step} ? 0 : 1)"))};");
        }
    }

    /// <summary>At the end of its last shared step, the head takes the table's values and moments as its own.</summary>
    private void Untie()
    {
        if (cuda.Model.Spec.Architecture.UntiesAfter is > 0 and var step)
        {
            ParameterPlace table = Layout["Embedding.Table"];
            ParameterPlace head = Layout["Head.Weight"];
            writer.Gap();
            writer.Line("/// <summary>The head takes the table's values and moments as its own after its last shared step.</summary>");
            writer.Open("protected override void AfterUpdate(long step)");
            writer.Open($"if (step == {step})");
            writer.Line($"CopyParameters(from: {table.Offset}L, to: {head.Offset}L, {head.Parameter.Count}L);");
            writer.Close();
            writer.Close();
        }
    }

    private static string Warmup(GroupSpec group) =>
        group.WarmupSteps > 0 ? $" * Math.Min(1, step / {Number(group.WarmupSteps)}.0)" : "";

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(double value) => GraphPrinter.Number(value);
}
