using System.Globalization;

namespace Embeddings.Cuda.Bindings;

/// <summary>
/// Matrix products by cublasLt. For each shape its heuristics name some ways to do it; the fastest on this device is found by timing and
/// kept, in memory and in a file. Only ways whose sums always have the same order are asked for, so a kept choice gives the same
/// bits each time. An epilogue that the library cannot do with a shape is done by a kernel after a plain product.
/// </summary>
internal sealed unsafe class LtProducts : IMatrixProducts
{
    /// <summary>Environment variable; <c>0</c> takes the likeliest way of each shape without timing.</summary>
    public const string TimingVariable = "EMBEDDINGS_CUDA_TIMING";

    private const int MostWays = 16;
    private const int TimedRuns = 5;
    private const double WorthChanging = 0.98;
    private const long WorkspaceBytes = 32L << 20;

    private readonly ICudaDevice _device;
    private readonly LtFunctions _lt;
    private readonly AlgorithmCache _cache;
    private readonly EpilogueKernels _epilogues;
    private readonly Dictionary<LtShape, LtPlan> _plans = [];
    private readonly nint _stream;
    private readonly nint _handle;
    private readonly nint _workspace;
    private readonly bool _times = Environment.GetEnvironmentVariable(TimingVariable) != "0";

    /// <summary>Opens the library on a device.</summary>
    /// <param name="device">The device, its context current.</param>
    /// <param name="stream">Where the work goes.</param>
    /// <param name="library">The loaded cublasLt.</param>
    /// <param name="cache">Choices of earlier runs.</param>
    public LtProducts(ICudaDevice device, nint stream, nint library, AlgorithmCache cache)
    {
        _device = device;
        _stream = stream;
        _cache = cache;
        _lt = new LtFunctions(library);
        nint handle;
        _lt.Check(_lt.Create(&handle), "cublasLtCreate");
        _handle = handle;
        _workspace = device.Allocate(WorkspaceBytes, "workspace of matrix products");
        _epilogues = new EpilogueKernels(device);
    }

    /// <inheritdoc/>
    public long Version => (long)_lt.GetVersion();

    /// <inheritdoc/>
    public void Multiply(in DeviceProduct product, bool mayTime)
    {
        LtShape shape = LtShape.Of(product);
        if (!_plans.TryGetValue(shape, out LtPlan? plan) || (mayTime && !plan.IsFinal))
        {
            plan = Choose(shape, product, plan, mayTime);
        }

        if (!plan.IsSupported)
        {
            WithoutFusion(product, mayTime);
            return;
        }

        LtAlgorithm algorithm = plan.Algorithm;
        int status = plan.Run(_handle, product, &algorithm, _workspace, (nuint)WorkspaceBytes, _stream);
        if (status != 0)
        {
            _lt.Check(status, "cublasLtMatmul", shape.ToString());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (LtPlan plan in _plans.Values)
        {
            plan.Dispose();
        }

        _plans.Clear();
        _lt.Destroy(_handle);
        _device.Free(_workspace);
    }

    private LtPlan Choose(in LtShape shape, in DeviceProduct product, LtPlan? known, bool mayTime)
    {
        LtPlan plan = known ?? new LtPlan(_lt, shape);
        _plans[shape] = plan;
        string key = string.Create(
            CultureInfo.InvariantCulture,
            $"{_device.Info.Name} sm_{_device.Info.ComputeCapability} {_device.Info.Multiprocessors} cublasLt {Version} {shape}");
        if (_cache.TryFind(key, out LtAlgorithm kept) && plan.Accepts(_handle, kept, (nuint)WorkspaceBytes))
        {
            (plan.Algorithm, plan.IsSupported, plan.IsFinal) = (kept, true, true);
            return plan;
        }

        LtHeuristic[] ways = plan.Heuristics(_handle, product, (nuint)WorkspaceBytes, MostWays);
        plan.IsSupported = ways.Length > 0;
        plan.IsFinal = !plan.IsSupported || !_times;
        if (!plan.IsSupported)
        {
            return product.Epilogue == ProductEpilogue.None
                ? throw new CudaException($"cublasLt {Version} knows no way to do the product {shape} on {_device.Info.Name}.")
                : plan;
        }

        plan.Algorithm = ways[0].Algorithm;
        if (_times && mayTime)
        {
            plan.IsFinal = true;
            if (Fastest(plan, ways, product) is { } best)
            {
                plan.Algorithm = ways[best].Algorithm;
                _cache.Add(key, plan.Algorithm);
            }
        }

        return plan;
    }

    /// <summary>
    /// Times each way, the results going to memory of their own so that what C holds is not spoilt. A way is preferred to a likelier one
    /// only where it is clearly faster, so that noise seldom changes the choice.
    /// </summary>
    /// <returns>The best one's index, or null where there is no memory to time with.</returns>
    private int? Fastest(LtPlan plan, LtHeuristic[] ways, in DeviceProduct product)
    {
        nint first = _device.CreateEvent();
        nint last = _device.CreateEvent();
        DeviceProduct trial = product;
        try
        {
            trial.C = _device.Allocate(product.OutputElement.Bytes() * (long)product.M * product.LeadingC, "timing of a product");
            if (product.Epilogue is ProductEpilogue.Gelu or ProductEpilogue.BiasGelu)
            {
                trial.Auxiliary = _device.Allocate(product.OutputElement.Bytes() * (long)product.M * product.LeadingAuxiliary, "timing of a product");
            }

            if (product.Epilogue is ProductEpilogue.GeluGradientBias or ProductEpilogue.RowSumsOfA)
            {
                trial.Bias = _device.Allocate(sizeof(float) * (long)Math.Max(product.M, product.N), "timing of a product");
            }

            int best = 0;
            double bestTime = double.PositiveInfinity;
            for (int i = 0; i < ways.Length; i++)
            {
                double time = Time(plan, ways[i].Algorithm, trial, first, last);
                if (time < bestTime * WorthChanging)
                {
                    (best, bestTime) = (i, time);
                }
            }

            return double.IsFinite(bestTime) ? best : null;
        }
        catch (OutOfDeviceMemoryException)
        {
            return null;
        }
        finally
        {
            _device.Free(trial.C == product.C ? 0 : trial.C);
            _device.Free(trial.Auxiliary == product.Auxiliary ? 0 : trial.Auxiliary);
            _device.Free(trial.Bias == product.Bias ? 0 : trial.Bias);
            _device.FreeEvent(first);
            _device.FreeEvent(last);
        }
    }

    /// <summary>Milliseconds of the fastest of some runs; infinite where the way fails.</summary>
    private double Time(LtPlan plan, LtAlgorithm algorithm, in DeviceProduct product, nint first, nint last)
    {
        double fastest = double.PositiveInfinity;
        for (int run = 0; run <= TimedRuns; run++)
        {
            _device.Record(first);
            if (plan.Run(_handle, product, &algorithm, _workspace, (nuint)WorkspaceBytes, _stream) != 0)
            {
                return double.PositiveInfinity;
            }

            _device.Record(last);
            double time = _device.Milliseconds(first, last);
            fastest = run == 0 ? fastest : Math.Min(fastest, time);
        }

        return fastest;
    }

    private void WithoutFusion(in DeviceProduct product, bool mayTime)
    {
        DeviceProduct plain = product;
        plain.Epilogue = ProductEpilogue.None;
        plain.LeadingAuxiliary = 0;
        Multiply(plain, mayTime);
        _epilogues.Run(product);
    }
}
