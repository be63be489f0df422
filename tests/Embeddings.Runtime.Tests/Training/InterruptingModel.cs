using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Training;

/// <summary>A model whose first evaluation pass asks for the run to be cancelled.</summary>
internal sealed unsafe class InterruptingModel(ModelDescription description, ModelOptions options, CancellationTokenSource source)
    : SmallModel(description, options)
{
    protected override void ForwardLosses(int* tokens, int* targets)
    {
        base.ForwardLosses(tokens, targets);
        source.Cancel();
    }
}
