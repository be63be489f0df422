using System.Collections.Generic;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Lowering;

/// <summary>A model as three forward graphs over one parameter table.</summary>
internal sealed record LoweredModel(ModelSpec Spec, ParameterTable Parameters, Stage Embedding, Stage Block, Stage Head)
{
    public IReadOnlyList<Stage> Stages => [Embedding, Block, Head];
}
