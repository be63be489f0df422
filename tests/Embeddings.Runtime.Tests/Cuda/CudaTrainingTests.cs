using Embeddings.Checkpoints;
using Embeddings.Cuda;
using Embeddings.Models;
using Embeddings.Runtime.Tests.Models;
using Embeddings.Runtime.Tests.Training;
using Embeddings.Tokenization;
using Embeddings.Training;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>Whole runs on a device, whose outcomes are read some steps late.</summary>
public sealed class CudaTrainingTests : IDisposable
{
    private const int Steps = 7;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_run_has_the_processors_losses_and_goes_on_there_from_its_checkpoint()
    {
        using ICudaDevice device = TestDevice.OrSkip();
        var there = new ModelDevice(device, CudaElement.Single);
        TrainingResult expected = TrainingRun.Start(Options("here", ModelDevice.Processor), Token);
        TrainingResult actual = TrainingRun.Start(Options("there", there), Token);
        Assert.Equal(expected.ValidationBitsPerByte!.Value, actual.ValidationBitsPerByte!.Value, 1e-3);
        Assert.Equal(expected.TrainLoss!.Value, actual.TrainLoss!.Value, 1e-3);
        IReadOnlyList<MetricsRow> rows = Rows("there");
        Assert.Equal(Enumerable.Range(1, Steps).Select(step => (long)step), rows.Select(row => row.Step));
        foreach ((MetricsRow wanted, MetricsRow row) in Rows("here").Zip(rows))
        {
            Assert.Equal(wanted.TrainLoss, row.TrainLoss, 1e-3);
            Assert.Equal(wanted.GradientNorm, row.GradientNorm, 0.01 * wanted.GradientNorm);
            Assert.Equal((wanted.Bytes, wanted.Tokens, wanted.RateFactor), (row.Bytes, row.Tokens, row.RateFactor));
        }

        // Stopped on the device, finished on the processor: one checkpoint serves both.
        TrainingRun.Start(Options("moved", there) with { StopAtStep = 4 }, Token);
        TrainingResult moved = TrainingRun.Start(Options("moved", ModelDevice.Processor) with { Mode = StartMode.Resume }, Token);
        Assert.Equal(expected.ValidationBitsPerByte.Value, moved.ValidationBitsPerByte!.Value, 1e-3);
        Assert.Equal([there.Name, "cpu"], RunRecord.Read(_folder["moved"])!.Sessions.Select(session => session.Device));
    }

    [Fact]
    public void A_resumed_run_ends_with_the_bits_of_one_that_was_not_stopped()
    {
        using ICudaDevice device = TestDevice.OrSkip();
        var there = new ModelDevice(device, CudaElement.BFloat16);
        TrainingRun.Start(Options("whole", there), Token);
        TrainingRun.Start(Options("parts", there) with { StopAtStep = 3 }, Token);
        TrainingRun.Start(Options("parts", there) with { Mode = StartMode.Resume }, Token);
        Assert.Equal(Parameters("whole"), Parameters("parts"));
        Assert.Equal(Rows("whole").Select(row => row with { Seconds = 0 }), Rows("parts").Select(row => row with { Seconds = 0 }));
    }

    [Fact]
    public void A_model_that_does_not_fit_is_refused_before_the_run_with_the_batch_that_does()
    {
        EmulatorCompiler.Require();
        using var device = new EmulatedDevice(freeBytes: 300_000);
        UserError error = Assert.Throws<UserError>(
            () => TrainingRun.Start(Options("small", new ModelDevice(device, CudaElement.Single)), Token));
        Assert.Matches(@"^Plain needs [\d.]+ GB at a batch of 3 and [\d.]+ GB are free on the emulator: ", error.Message);
        Assert.Empty(device.Launches);
    }

    public void Dispose() => _folder.Dispose();

    private TrainingOptions Options(string name, ModelDevice device) => new()
    {
        Variant = Plain.Variant,
        Tokenizer = new ByteTokenizer(),
        Data = SmallCorpus.Split(),
        Folder = _folder[name],
        Budget = TrainingBudget.OfSteps(Steps),
        Seed = 1,
        Threads = 1,
        Evaluations = 2,
        Device = device,
    };

    private IReadOnlyList<MetricsRow> Rows(string name) => MetricsLog.Read(Path.Combine(_folder[name], MetricsLog.FileName));

    private float[] Parameters(string name)
    {
        using var pool = new Embeddings.Cpu.WorkerPool(1);
        using CompiledModel<float> model = Plain.Variant.CreateSingle(new ModelOptions(pool, 3));
        using var state = new OptimizerState<float>(model.Description);
        Checkpoint.Load(Path.Combine(_folder[name], Checkpoint.FileName), model, state);
        return [.. model.Parameters.Slice(0, (int)model.Parameters.Length), .. state.SecondMoment.Slice(0, (int)state.SecondMoment.Length)];
    }
}
