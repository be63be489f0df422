using BenchmarkDotNet.Running;
using Embeddings.Benchmarks;

// products [threads]            rates of the matrix products of the bench variants
// profile VARIANT [threads]     the time of a training step by kernel
// anything else                 BenchmarkDotNet's switches, for instance --filter '*Attention*'
switch (args)
{
    case ["products", .. var rest]:
        ProductRates.Run(rest.Length > 0 ? int.Parse(rest[0]) : 0);
        break;
    case ["profile", var variant, .. var rest]:
        StepProfile.Run(variant, rest.Length > 0 ? int.Parse(rest[0]) : 0);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(ProductRates).Assembly).Run(args);
        break;
}
