using Embeddings.Generator.Emit;

namespace Embeddings.Generator.Cuda;

/// <summary>Prints what a pass does on a device, stage by stage: forward, then the reverse walks of <see cref="WalkEmitter"/>.</summary>
/// <param name="writer">Receives the text.</param>
/// <param name="cuda">The model.</param>
internal sealed class CudaPassEmitter(SourceWriter writer, CudaSpec cuda) : IWalkSyntax
{
    public void EntryPoints()
    {
        writer.Gap();
        writer.Open("protected override void ForwardBackward()");
        writer.Line("Forward();");
        new WalkEmitter(writer, cuda.Model, this).Backward();
        writer.Close();
        Entry("ForwardLosses()", "HeadLosses();");
        Entry("ForwardLogits(int row)", "HeadLogits(row);");
        writer.Gap();
        writer.Open("private void Forward()");
        if (cuda.Model.Spec.Architecture.BytesRead > 0)
        {
            writer.Line("FindBytes();");
        }

        writer.Line("ForwardEmbedding();");
        writer.Open("for (int layer = 0; layer < Layers; layer++)");
        writer.Line("ForwardBlock(layer);");
        writer.Close();
        writer.Gap();
        writer.Line("ForwardHead();");
        writer.Close();
    }

    public string Call(string method, params string[] more) => $"{method}({string.Join(", ", more)});";

    public string CallWithPermutedTargets(string method) => Call(method);

    public string CallForwardAgain() => "ForwardBlock(layer, again: true);";

    public string Clear(string tensor) => $"Device.Clear({tensor}, (long)R * {cuda.Model.Spec.Architecture.Width} * ElementBytes);";

    private void Entry(string signature, string end)
    {
        writer.Gap();
        writer.Open($"protected override void {signature}");
        writer.Line("Forward();");
        writer.Line(end);
        writer.Close();
    }
}
