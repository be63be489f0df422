using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Embeddings.Peers;

/// <summary>GPT-2: learned positions, LayerNorm before each half of a block, GELU (tanh), biases, tied head. Returns the mean loss.</summary>
internal sealed class PeerModel : Module<Tensor, Tensor, Tensor>
{
    private readonly Embedding _table;
    private readonly Embedding _positions;
    private readonly ModuleList<PeerBlock> _blocks;
    private readonly LayerNorm _norm;
    private readonly Tensor _places;

    public PeerModel(PeerShape shape)
        : base("model")
    {
        _table = Embedding(shape.Vocabulary, shape.Width);
        _positions = Embedding(shape.Context, shape.Width);
        _blocks = ModuleList([.. Enumerable.Range(0, shape.Layers).Select(_ => new PeerBlock(shape))]);
        _norm = LayerNorm(shape.Width);
        _places = arange(shape.Context);
        RegisterComponents();
        using IDisposable guard = no_grad();
        foreach ((string name, Parameter parameter) in named_parameters())
        {
            if (parameter.dim() == 2)
            {
                init.normal_(parameter, 0, 0.02);
            }
            else if (name.EndsWith("bias", StringComparison.Ordinal))
            {
                init.zeros_(parameter);
            }
        }
    }

    public override Tensor forward(Tensor tokens, Tensor targets)
    {
        Tensor x = _table.call(tokens) + _positions.call(_places);
        foreach (PeerBlock block in _blocks)
        {
            x = block.call(x);
        }

        Tensor logits = functional.linear(_norm.call(x), _table.weight!);
        return functional.cross_entropy(logits.flatten(0, 1), targets.flatten());
    }
}

/// <summary>One block.</summary>
internal sealed class PeerBlock : Module<Tensor, Tensor>
{
    private readonly int _heads;
    private readonly LayerNorm _attentionNorm;
    private readonly LayerNorm _feedForwardNorm;
    private readonly Linear _queryKeyValue;
    private readonly Linear _output;
    private readonly Linear _up;
    private readonly Linear _down;

    public PeerBlock(PeerShape shape)
        : base("block")
    {
        _heads = shape.Heads;
        _attentionNorm = LayerNorm(shape.Width);
        _feedForwardNorm = LayerNorm(shape.Width);
        _queryKeyValue = Linear(shape.Width, 3 * shape.Width);
        _output = Linear(shape.Width, shape.Width);
        _up = Linear(shape.Width, 4 * shape.Width);
        _down = Linear(4 * shape.Width, shape.Width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        Tensor[] parts = [.. _queryKeyValue.call(_attentionNorm.call(x)).chunk(3, 2).Select(part => part.unflatten(2, [_heads, -1]).transpose(1, 2))];
        Tensor mixed = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_casual: true);
        x = x + _output.call(mixed.transpose(1, 2).flatten(2, 3));
        Tensor activation = functional.gelu(_up.call(_feedForwardNorm.call(x)), TorchSharp.Modules.GELU.Approximate.tanh, false);
        return x + _down.call(activation);
    }
}
