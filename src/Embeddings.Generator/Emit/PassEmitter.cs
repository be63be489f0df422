using System.Linq;
using Embeddings.Generator.Model;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator.Emit;

/// <summary>Prints what a pass over a batch does, stage by stage: forward, then the reverse walks of <see cref="WalkEmitter"/>.</summary>
/// <param name="writer">Receives the text.</param>
/// <param name="model">The compiled model.</param>
internal sealed class PassEmitter(SourceWriter writer, CompiledSpec model) : IWalkSyntax
{
    public void EntryPoints()
    {
        writer.Gap();
        writer.Open("protected override void ForwardBackward(int* tokens, int* targets, T gradientScale)");
        writer.Line("Forward(tokens);");
        new WalkEmitter(writer, model, this).Backward();
        writer.Close();
        if (model.Updates.InBackward)
        {
            UpdatingPass();
        }

        Entry("ForwardLosses(int* tokens, int* targets)", "HeadLosses(targets);");
        Entry("ForwardLogits(int* tokens, int row, T* logits)", "HeadLogits(row, logits);");
        Forward();
    }

    public string Call(string method, params string[] more) =>
        $"{method}(tokens, targets, gradientScale{string.Concat(more.Select(argument => ", " + argument))});";

    public string CallWithPermutedTargets(string method) => $"{method}(tokens, PermutedTargets(targets), gradientScale);";

    public string CallForwardAgain() => "ForwardBlock(tokens, layer, again: true);";

    public string Clear(string tensor) => $"Clear({tensor}, Width);";

    private void Forward()
    {
        writer.Gap();
        writer.Open("private void Forward(int* tokens)");
        ArchitectureSpec shape = model.Spec.Architecture;
        for (int order = 2; order <= shape.NgramOrder; order++)
        {
            writer.Line($"FindNgrams(tokens, order: {order}, rows: {shape.NgramRows});");
        }

        if (shape.SuffixVocabulary > 0)
        {
            writer.Line("FindSuffixes(tokens);");
        }

        if (shape.BytesRead > 0)
        {
            writer.Line($"FindBytes(tokens, places: {shape.BytesRead});");
        }

        writer.Line("ForwardEmbedding(tokens);");
        writer.Open("for (int layer = 0; layer < Layers; layer++)");
        writer.Line("ForwardBlock(tokens, layer);");
        writer.Close();
        writer.Gap();
        writer.Line("ForwardHead(tokens);");
        writer.Close();
    }

    /// <summary>The pass of a step that updates each layer as soon as nothing reads its parameters any more.</summary>
    private void UpdatingPass()
    {
        writer.Gap();
        writer.Open("protected override void ForwardBackwardUpdate(int* tokens, int* targets, T gradientScale, OptimizerState<T> state, double rateFactor)");
        writer.Line("Forward(tokens);");
        ClearGradients(ofLayers: false);
        writer.Line(Call("BackwardHead"));
        if (model.Activations.HasInitialGradient)
        {
            writer.Line(Clear("InitialGradient"));
        }

        writer.Open("for (int layer = Layers - 1; layer >= 0; layer--)");
        if (model.Activations.Recompute)
        {
            new WalkEmitter(writer, model, this).ForwardAgain();
        }

        ClearGradients(ofLayers: true);
        writer.Line(Call("BackwardBlock", "layer"));
        writer.Line("UpdateBlock(state, rateFactor, layer);");
        writer.Close();
        writer.Gap();
        if (model.Activations.Embedding.Schedule.Backward.Count > 0)
        {
            writer.Line(Call("BackwardEmbedding"));
        }

        writer.Line("UpdateRest(state, rateFactor);");
        writer.Close();
    }

    private void ClearGradients(bool ofLayers)
    {
        foreach ((long offset, long count) in PlanUpdates.ToClear(model.Layout, model.Updates, ofLayers))
        {
            writer.Line($"ClearGradients({offset}L, {count}L);");
        }
    }

    private void Entry(string signature, string end)
    {
        writer.Gap();
        writer.Open($"protected override void {signature}");
        writer.Line("Forward(tokens);");
        writer.Line(end);
        writer.Close();
    }
}
