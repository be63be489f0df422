using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Embeddings.Peers;

/// <summary>
/// libtorch's fused AdamW, one pass over each parameter, reached through TorchScript because TorchSharp does not expose it; TorchSharp's
/// own takes several tensor operations a parameter.
/// </summary>
internal sealed class FusedAdamW
{
    private const string Script = """
        def update(parameters: List[Tensor], gradients: List[Tensor], first: List[Tensor], second: List[Tensor], largest: List[Tensor], steps: List[Tensor]) -> int:
            torch._foreach_add_(steps, 1)
            torch._fused_adamw_(parameters, gradients, first, second, largest, steps, lr=1e-4, beta1=0.9, beta2=0.999, weight_decay=0.1, eps=1e-8, amsgrad=False, maximize=False)
            return 0

        """;

    private readonly jit.CompilationUnit _script = jit.compile(Script);
    private readonly Tensor[] _parameters;
    private readonly Tensor[] _first;
    private readonly Tensor[] _second;
    private readonly Tensor[] _steps;

    public FusedAdamW(IEnumerable<Parameter> parameters)
    {
        _parameters = [.. parameters];
        _first = [.. _parameters.Select(parameter => zeros_like(parameter))];
        _second = [.. _parameters.Select(parameter => zeros_like(parameter))];
        _steps = [.. _parameters.Select(_ => tensor(0f))];
    }

    /// <summary>One update of every parameter.</summary>
    public void Step()
    {
        using IDisposable guard = no_grad();
        _script.invoke(
            "update", _parameters, _parameters.Select(parameter => parameter.grad!).ToArray(), _first, _second, Array.Empty<Tensor>(), _steps);
    }

    /// <summary>Forgets the gradients.</summary>
    public void ClearGradients()
    {
        foreach (Tensor parameter in _parameters)
        {
            parameter.grad = null;
        }
    }
}
