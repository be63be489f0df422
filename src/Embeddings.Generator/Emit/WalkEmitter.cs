using System.Linq;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator.Emit;

/// <summary>How a target writes the calls of a backward pass.</summary>
internal interface IWalkSyntax
{
    /// <summary>A call of a generated method of a backward pass.</summary>
    /// <param name="method">Its name.</param>
    /// <param name="more">Arguments beside those that every such method has.</param>
    string Call(string method, params string[] more);

    /// <summary>A call of the method of a head whose losses are those of the permuted targets.</summary>
    string CallWithPermutedTargets(string method);

    /// <summary>A call that computes again what a layer keeps for its backward.</summary>
    string CallForwardAgain();

    /// <summary>Sets a tensor [R, C] to zero.</summary>
    string Clear(string tensor);
}

/// <summary>
/// Prints the reverse walks of a pass, in an order that every target shares: the main walk, and the walks and passes over the embedding
/// that declared gradient routes add. A walk that starts from another's gradient of the head runs before it, because the slot that holds
/// this gradient is used again further down.
/// </summary>
/// <param name="writer">Receives the text.</param>
/// <param name="model">The compiled model.</param>
/// <param name="syntax">How calls are written.</param>
internal sealed class WalkEmitter(SourceWriter writer, CompiledSpec model, IWalkSyntax syntax)
{
    private GradientPlan Gradients => model.Gradients;

    /// <summary>Prints all that follows the forward.</summary>
    public void Backward()
    {
        WalksOfOtherTargets();
        writer.Line(syntax.Call("BackwardHead"));
        WalksFromTheHead();
        Layers("");
        Embedding();
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
        writer.Line(syntax.CallWithPermutedTargets($"BackwardHead{own.Name}"));
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
        writer.Line(syntax.Clear($"{walk.Name}ResidualGradient(Layers, distance)"));
        writer.Close();
        writer.Gap();
        Layers(walk.Name, "distance");
        writer.Line(syntax.Call($"BackwardEmbedding{GradientPlan.TableWalk}"));
        writer.Close();
        writer.Gap();
    }

    private void Layers(string walk, params string[] more)
    {
        if (model.Activations.HasInitialGradient)
        {
            writer.Line(syntax.Clear($"{walk}InitialGradient"));
        }

        writer.Open("for (int layer = Layers - 1; layer >= 0; layer--)");
        if (model.Activations.Recompute)
        {
            ForwardAgain();
        }

        writer.Line(syntax.Call($"BackwardBlock{walk}", ["layer", .. more]));
        writer.Close();
        writer.Gap();
    }

    /// <summary>Prints the call before a layer's backward; a single walk finds what the last layer kept still there.</summary>
    public void ForwardAgain()
    {
        if (Gradients.Routes.Count > 0)
        {
            writer.Line(syntax.CallForwardAgain());
            return;
        }

        writer.Open("if (layer < Layers - 1)");
        writer.Line(syntax.CallForwardAgain());
        writer.Close();
        writer.Gap();
    }

    private void Embedding()
    {
        if (model.Activations.Embedding.Schedule.Backward.Count > 0)
        {
            writer.Line(syntax.Call("BackwardEmbedding"));
        }

        if (Gradients.Table is not null && !Gradients.Routes.Any(walk => walk.ByDistance))
        {
            OpenGuard();
            writer.Line(syntax.Call($"BackwardEmbedding{GradientPlan.TableWalk}"));
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
