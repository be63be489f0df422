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
internal sealed class CudaOptimizerEmitter(SourceWriter writer, CudaSpec cuda) : IUpdateSyntax
{
    /// <summary>What the host writes before each step, a call for each block of settings.</summary>
    private readonly List<string> _settings = [];

    /// <summary>The block that the matrices of one group share.</summary>
    private string _muonSetting = "";

    private ParameterLayout Layout => cuda.Model.Layout;

    /// <summary>Prints all of it.</summary>
    /// <returns>The number of blocks of settings.</returns>
    public int Emit()
    {
        writer.Gap();
        writer.Line(UpdateEmitter.Summary(cuda.Model));
        writer.Open("protected override void Optimize()");
        new UpdateEmitter(writer, cuda.Model, this).Updates();
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

    string IUpdateSyntax.IsWithin(int steps) => $"Step < {steps}";

    string IUpdateSyntax.IsAfter(int steps) => $"Step >= {steps}";

    void IUpdateSyntax.AdamW(SegmentPlace segment, GroupSpec group)
    {
        string offset = Number(segment.Offset);
        writer.Line($"Library.AdamW({segment.Count}, Master({offset}), Parameter({offset}), Gradient({offset}), "
            + $"FirstMoment({offset}), SecondMoment({offset}), {NextSetting}, GradientFactor);");
        Setting(
            "AdamW", $"learningRate: {Number(group.LearningRate)} * rateFactor{Warmup(group)}, beta1: {Number(group.Beta1)},",
            $"beta2: {Number(group.Beta2)}, epsilon: {Number(group.Epsilon)}, weightDecay: {(segment.Decays ? Number(group.WeightDecay) : "0")}, step");
    }

    void IUpdateSyntax.BeforeMuon(GroupSpec group, MuonSpec muon)
    {
        _muonSetting = NextSetting;
        Setting(
            "Muon", $"learningRate: {Number(muon.LearningRate)} * rateFactor{Warmup(group)}, momentum: {Number(muon.Momentum)},",
            $"weightDecay: {Number(muon.WeightDecay)}");
    }

    void IUpdateSyntax.Muon(ParameterPlace place, string copy, GroupSpec group, MuonSpec muon)
    {
        string offset = Number(place.Offset) + copy;
        writer.Line($"Library.Muon({place.Parameter.Shape.Rows}, {place.Parameter.Shape.Columns}, iterations: {muon.Iterations}, Master({offset}), "
            + $"Parameter({offset}),");
        writer.Line($"    Gradient({offset}), FirstMoment({offset}), MuonMemory, {_muonSetting}, GradientFactor);");
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

    private static string Warmup(GroupSpec group) => UpdateEmitter.Warmup(group, "step");

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(double value) => GraphPrinter.Number(value);
}
