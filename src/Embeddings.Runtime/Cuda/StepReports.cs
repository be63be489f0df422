using Embeddings.Models;

namespace Embeddings.Cuda;

/// <summary>
/// Brings losses and gradient norms back without making the device wait: each step has a block of pinned memory that the device copies
/// to, and the host reads it some steps later. Losses are summed on the host in order of position, as on the processor.
/// </summary>
internal sealed unsafe class StepReports : IDisposable
{
    /// <summary>Steps that may stay unread without waiting.</summary>
    public const int Ahead = 2;

    private const int Blocks = Ahead + 2;

    private readonly ICudaDevice _device;
    private readonly int _tokens;
    private readonly nint[] _blocks = new nint[Blocks];
    private readonly nint[] _marks = new nint[Blocks];
    private readonly int[] _passesOf = new int[Blocks];
    private readonly int _mostPasses;
    private int _first;

    /// <summary>Takes the memory.</summary>
    /// <param name="device">The device.</param>
    /// <param name="tokens">Losses of a pass.</param>
    /// <param name="passes">Passes of a step.</param>
    public StepReports(ICudaDevice device, int tokens, int passes)
    {
        _device = device;
        _tokens = tokens;
        _mostPasses = passes;
        for (int i = 0; i < Blocks; i++)
        {
            _blocks[i] = device.AllocatePinned(sizeof(float) * ((long)tokens * passes + 1), "losses");
            _marks[i] = device.CreateEvent();
        }
    }

    /// <summary>Steps ended and not read.</summary>
    public int Unread { get; private set; }

    private int Present => (_first + Unread) % Blocks;

    /// <summary>Starts a step; forgets the passes of one that was not ended.</summary>
    public void Begin()
    {
        if (Unread > Ahead)
        {
            throw new InvalidOperationException($"At most {Ahead + 1} steps may stay unread.");
        }

        _passesOf[Present] = 0;
    }

    /// <summary>Refuses a pass beyond those of a step, before it is made.</summary>
    /// <exception cref="InvalidOperationException">The step has all its passes.</exception>
    public void RequireRoom()
    {
        if (_passesOf[Present] == _mostPasses)
        {
            throw new InvalidOperationException(
                $"A step has the declared number of passes, {_mostPasses}: end it, or declare more with [Training(AccumulationSteps = …)].");
        }
    }

    /// <summary>Starts the copy of a pass's losses.</summary>
    public void AddPass(nint losses)
    {
        int pass = _passesOf[Present]++;
        _device.DownloadPinned(_blocks[Present] + sizeof(float) * (nint)(1 + (long)pass * _tokens), losses, sizeof(float) * (long)_tokens);
    }

    /// <summary>Starts the copy of the step's norm.</summary>
    public void End(nint norm)
    {
        _device.DownloadPinned(_blocks[Present], norm, sizeof(float));
        _device.Record(_marks[Present]);
        Unread++;
    }

    /// <summary>Waits for the oldest step.</summary>
    public StepOutcome Read()
    {
        if (Unread == 0)
        {
            throw new InvalidOperationException("No step was made since the last was read.");
        }

        _device.Wait(_marks[_first]);
        float* block = (float*)_blocks[_first];
        double sum = 0;
        foreach (float loss in new ReadOnlySpan<float>(block + 1, _tokens * _passesOf[_first]))
        {
            sum += loss;
        }

        _first = (_first + 1) % Blocks;
        Unread--;
        return new StepOutcome(sum, block[0]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(_blocks, _device.FreePinned);
        Array.ForEach(_marks, _device.FreeEvent);
    }
}
