using System.Linq;
using Embeddings.Generator.Model;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator.Emit;

/// <summary>
/// Prints what a pass over a batch does, stage by stage: forward, then the main reverse walk, with the walks and the passes over the
/// embedding that declared gradient routes add. A walk that starts from another's gradient of the head runs before it, because the slot
/// that holds this gradient is used again further down.
/// </summary>
/// <param name="writer">Receives the text.</param>
/// <param name="model">The compiled model.</param>
internal sealed class PassEmitter(SourceWriter writer, CompiledSpec model)
{
    private const string Arguments = "tokens, targets, gradientScale";

    private GradientPlan Gradients => model.Gradients;

    public void EntryPoints()
    {
        writer.Gap();
        writer.Open("protected override void ForwardBackward(int* tokens, int* targets, T gradientScale)");
        writer.Line("Forward(tokens);");
        WalksOfOtherTargets();
        writer.Line($"BackwardHead({Arguments});");
        WalksFromTheHead();
        Layers("");
        Embedding();
        writer.Close();
        Entry("ForwardLosses(int* tokens, int* targets)", "HeadLosses(targets);");
        Entry("ForwardLogits(int* tokens, int row, T* logits)", "HeadLogits(row, logits);");
        Forward();
    }

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

        writer.Line("ForwardEmbedding(tokens);");
        writer.Open("for (int layer = 0; layer < Layers; layer++)");
        writer.Line("ForwardBlock(tokens, layer);");
        writer.Close();
        writer.Gap();
        writer.Line("ForwardHead(tokens);");
        writer.Close();
    }

    private void Entry(string signature, string end)
    {
        writer.Gap();
        writer.Open($"protected override void {signature}");
        writer.Line("Forward(tokens);");
        writer.Line(end);
        writer.Close();
    }

    /// <summary>Walks whose losses are those of the permuted targets. The main walk's head comes after them and leaves the true losses.</summary>
    private void WalksOfOtherTargets()
    {
        GradientWalk? own = Gradients.Routes.FirstOrDefault(walk => walk.Name.Length > 0 && !walk.BorrowsHead);
        if (own is null)
        {
            return;
        }

        OpenGuard();
        writer.Line($"BackwardHead{own.Name}(tokens, PermutedTargets(targets), gradientScale);");
        foreach (GradientWalk walk in Gradients.Routes.Where(walk => walk.Head == own.Name).OrderBy(walk => !walk.BorrowsHead))
        {
            Layers(walk.Name);
        }

        CloseGuard();
    }

    private void WalksFromTheHead()
    {
        foreach (GradientWalk walk in Gradients.Routes.Where(walk => walk.Head.Length == 0))
        {
            OpenGuard();
            if (walk.ByDistance)
            {
                ByDistance(walk);
            }
            else
            {
                Layers(walk.Name);
            }

            CloseGuard();
        }
    }

    /// <summary>Targets at each distance in turn. At the head every gradient has distance 0; the others come through attention alone.</summary>
    private void ByDistance(GradientWalk walk)
    {
        writer.Open($"for (int distance = 0; distance <= {walk.Reach}; distance++)");
        writer.Open("if (distance > 0)");
        writer.Line($"Clear({walk.Name}ResidualGradient(Layers, distance), Width);");
        writer.Close();
        writer.Gap();
        Layers(walk.Name, ", distance");
        writer.Line($"BackwardEmbedding{GradientPlan.TableWalk}({Arguments});");
        writer.Close();
        writer.Gap();
    }

    private void Layers(string walk, string more = "")
    {
        if (model.Activations.HasInitialGradient)
        {
            writer.Line($"Clear({walk}InitialGradient, Width);");
        }

        writer.Open("for (int layer = Layers - 1; layer >= 0; layer--)");
        writer.Line($"BackwardBlock{walk}({Arguments}, layer{more});");
        writer.Close();
        writer.Gap();
    }

    private void Embedding()
    {
        if (model.Activations.Embedding.Schedule.Backward.Count > 0)
        {
            writer.Line($"BackwardEmbedding({Arguments});");
        }

        if (Gradients.Table is not null && !Gradients.Routes.Any(walk => walk.ByDistance))
        {
            OpenGuard();
            writer.Line($"BackwardEmbedding{GradientPlan.TableWalk}({Arguments});");
            CloseGuard();
        }
    }

    private void OpenGuard()
    {
        if (Gradients.Table is { StopsAfter: > 0 } route)
        {
            writer.Open($"if (Step < {route.StopsAfter})");
        }
    }

    private void CloseGuard()
    {
        if (Gradients.Table is { StopsAfter: > 0 })
        {
            writer.Close();
            writer.Gap();
        }
    }
}
