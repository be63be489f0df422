using System.Diagnostics;
using Embeddings.Checkpoints;
using Embeddings.Cpu;
using Embeddings.Data;
using Embeddings.Evaluation;
using Embeddings.Models;

namespace Embeddings.Training;

/// <summary>One start or continuation of a run: the loop of steps, evaluations and checkpoints.</summary>
internal sealed class TrainingSession : IDisposable
{
    private readonly TrainingOptions _options;
    private readonly TrainingBudget _budget;
    private readonly LearningRateSchedule _schedule;
    private readonly WorkerPool _pool;
    private readonly CompiledModel<float> _model;
    private readonly OptimizerState<float> _optimizer;
    private readonly TokenStream _stream;
    private readonly Corpus _validation;
    private readonly int[] _validationTokens;
    private readonly int[] _tokens;
    private readonly int[] _targets;
    private readonly string _checkpointPath;
    private readonly RateMeter _bytesMeter = new();
    private readonly RateMeter _tokensMeter = new();
    private readonly Stopwatch _sessionClock = Stopwatch.StartNew();
    private readonly Stopwatch _sinceCheckpoint = new();
    private CheckpointInfo _state;
    private RunRecord _record = null!;
    private MetricsLog _metrics = null!;
    private double _firstFraction;

    public TrainingSession(TrainingOptions options, RunIdentity identity, Corpus validation, TrainingBudget budget)
    {
        ModelDescription description = options.Variant.Description;
        _options = options;
        _budget = budget;
        _schedule = new LearningRateSchedule(description.Training);
        _stream = new TokenStream(options.Data.Training, options.Tokenizer, options.Seed);
        int context = description.Architecture.Context;
        if (!_stream.HasTokens(context + 1L))
        {
            throw new UserError(
                $"The training data has fewer tokens than the context of {context} of {description.Name} needs; give more data or declare a smaller context.");
        }

        _validation = validation;
        _validationTokens = BitsPerByte.Tokenize(options.Tokenizer, validation);
        _checkpointPath = Path.Combine(options.Folder, Checkpoint.FileName);
        _state = new CheckpointInfo { Identity = identity };
        _pool = options.Pool ?? new WorkerPool(options.Threads);
        ArchitectureDescription architecture = description.Architecture;
        var spelling = Spelling.Of(architecture.InputEmbedding, architecture.SpellingPositions, options.Tokenizer.Tokens);
        _model = options.Variant.CreateSingle(new ModelOptions(_pool, description.Training.BatchSize, spelling));
        _optimizer = new OptimizerState<float>(description);
        _tokens = new int[_model.Tokens];
        _targets = new int[_model.Tokens];
    }

    private ModelDescription Description => _options.Variant.Description;

    private double Flops => _state.Position.Tokens * Description.FlopsPerToken;

    private double Fraction => _budget.Fraction(_state.Step, _state.Position.Bytes, Flops);

    /// <summary>Puts the model where the run stands: at its checkpoint, or at its initial values.</summary>
    /// <param name="known">The record of the run, or null where it starts.</param>
    public void Open(RunRecord? known)
    {
        bool resumes = known is not null && File.Exists(_checkpointPath);
        if (resumes)
        {
            CheckpointInfo saved = Checkpoint.Load(_checkpointPath, _model, _optimizer);
            if (saved.Identity.DifferenceFrom(_state.Identity) is { } difference)
            {
                throw new UserError($"'{_checkpointPath}' cannot be resumed with {difference}; start a new run in another folder.");
            }

            _state = saved;
            _stream.MoveTo(saved.Position);
        }
        else
        {
            Initializer.Initialize(_model, _options.Seed);
        }

        _firstFraction = Fraction;
        var session = new RunSession(DateTimeOffset.UtcNow, _state.Step, _budget, _pool.Threads, _options.Command, MachineDescription.Current);
        _record = CreateRecord() with { Sessions = [.. known?.Sessions ?? [], session] };
        _record.Write(_options.Folder);
        if (!resumes)
        {
            _options.SaveTokenizer?.Invoke(_options.Folder);
        }

        _metrics = MetricsLog.Open(Path.Combine(_options.Folder, MetricsLog.FileName), RowsToKeep());
        if (!resumes)
        {
            Save();
        }

        _sinceCheckpoint.Start();
    }

    /// <summary>Trains until the budget is spent or the session is stopped; either way a checkpoint holds where it stands.</summary>
    public TrainingResult Run(CancellationToken cancellation)
    {
        while (true)
        {
            if (_state.EvaluationPending && !TryEvaluate(cancellation))
            {
                return Stop();
            }

            if (Fraction >= 1)
            {
                return Finish();
            }

            if (cancellation.IsCancellationRequested || _state.Step >= _options.StopAtStep)
            {
                return Stop();
            }

            if (_sinceCheckpoint.Elapsed >= _options.CheckpointEvery)
            {
                Save();
            }

            Step();
            if (!_state.EvaluationPending)
            {
                CompleteStep(null);
            }
        }
    }

    public void Dispose()
    {
        _metrics?.Dispose();
        _optimizer.Dispose();
        _model.Dispose();
        if (_options.Pool is null)
        {
            _pool.Dispose();
        }
    }

    private void Step()
    {
        long started = Stopwatch.GetTimestamp();
        TrainingDescription training = Description.Training;
        double fractionBefore = Fraction;
        StreamPosition before = _state.Position;
        int tokens = _model.Tokens * training.AccumulationSteps;
        double loss = 0;
        _model.Gradients.Clear();
        for (int pass = 0; pass < training.AccumulationSteps; pass++)
        {
            _stream.Next(_tokens, _targets);
            _model.Backpropagate(_tokens, _targets, 1.0 / tokens);
            loss += _model.LossSum();
        }

        loss /= tokens;
        RefuseNonFinite(loss, "loss", _state.Step + 1);
        double norm = GradientLength();
        RefuseNonFinite(norm, "gradient", _state.Step + 1);
        _state = _state with { Step = _state.Step + 1, Position = _stream.Position, TrainLoss = loss, GradientNorm = norm };
        double fraction = Fraction;
        double rate = _schedule.Factor(fraction);
        bool clips = training.ClipNorm > 0 && norm > training.ClipNorm;
        _model.Update(_optimizer, rate, clips ? training.ClipNorm / norm : 1);

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        _state = _state with
        {
            RateFactor = rate,
            Seconds = _state.Seconds + seconds,
            EvaluationPending = Math.Floor(fraction * _options.Evaluations) > Math.Floor(fractionBefore * _options.Evaluations),
        };
        _bytesMeter.Add(_state.Position.Bytes - before.Bytes, seconds);
        _tokensMeter.Add(tokens, seconds);
    }

    private unsafe double GradientLength() => GradientNorm.Of(_pool, _model.Gradients.Pointer, _model.Gradients.Length);

    private bool TryEvaluate(CancellationToken cancellation)
    {
        try
        {
            EvaluationResult result = BitsPerByte.Measure(_model, _validationTokens, _validation.Bytes, cancellation);
            RefuseNonFinite(result.BitsPerByte, "validation loss", _state.Step);
            _state = _state with { EvaluationPending = false, ValidationBitsPerByte = result.BitsPerByte };
            CompleteStep(result.BitsPerByte);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void CompleteStep(double? validation)
    {
        StreamPosition position = _state.Position;
        _metrics.Append(new MetricsRow(
            _state.Step, position.Bytes, position.Tokens, Flops, _state.Seconds, _state.TrainLoss, _state.RateFactor, _state.GradientNorm, validation));
        double done = Fraction - _firstFraction;
        double left = done > 0 ? _sessionClock.Elapsed.TotalSeconds * (1 - Fraction) / done : 0;
        _options.Progress?.Report(new TrainingProgress(
            _state.Step,
            Fraction,
            position.Bytes,
            position.Tokens,
            _state.TrainLoss,
            NumberOrNull(_state.ValidationBitsPerByte),
            _bytesMeter.PerSecond,
            _tokensMeter.PerSecond,
            TimeSpan.FromSeconds(Math.Min(left, TimeSpan.MaxValue.TotalSeconds / 2))));
    }

    private TrainingResult Finish()
    {
        Save();
        TrainingResult result = Result(TrainingOutcome.Finished);
        _record = _record with { Result = result };
        _record.Write(_options.Folder);
        return result;
    }

    private TrainingResult Stop()
    {
        Save();
        return Result(TrainingOutcome.Stopped);
    }

    private void Save()
    {
        RefuseNonFiniteParameters();
        _metrics.Synchronize();
        Checkpoint.Save(_checkpointPath, _model, _optimizer, _state);
        _sinceCheckpoint.Restart();
    }

    /// <summary>Lines of steps up to the checkpoint stay; where its evaluation is pending, the line of its step is still to be written.</summary>
    private long RowsToKeep() => _state.EvaluationPending ? _state.Step - 1 : _state.Step;

    private void RefuseNonFiniteParameters()
    {
        const int Chunk = 1 << 24;
        for (long offset = 0; offset < _model.Parameters.Length; offset += Chunk)
        {
            foreach (float value in _model.Parameters.Slice(offset, (int)Math.Min(Chunk, _model.Parameters.Length - offset)))
            {
                if (!float.IsFinite(value))
                {
                    RefuseNonFinite(value, "parameters", _state.Step);
                }
            }
        }
    }

    private void RefuseNonFinite(double value, string what, long step)
    {
        if (!double.IsFinite(value))
        {
            string became = double.IsNaN(value) ? "NaN" : "infinite";
            string saved = File.Exists(_checkpointPath)
                ? $"the checkpoint of step {Checkpoint.Describe(_checkpointPath).Step} remains in '{_options.Folder}'"
                : "there is no checkpoint yet";
            throw new UserError(
                $"The {what} became {became} at step {step}, so training stopped; {saved}; lower the learning rate or clip the gradient more.");
        }
    }

    private TrainingResult Result(TrainingOutcome outcome) => new(
        outcome,
        _state.Step,
        _state.Position.Bytes,
        _state.Position.Tokens,
        Flops,
        _state.Seconds,
        NumberOrNull(_state.TrainLoss),
        NumberOrNull(_state.ValidationBitsPerByte));

    private RunRecord CreateRecord() => new()
    {
        Identity = _state.Identity,
        Declaration = Description.Declaration,
        Data = new RunData(
            _options.Data.Training.Name,
            _options.Data.Training.Documents.Count,
            _options.Data.Training.Bytes,
            _validation.Documents.Count,
            _validation.Bytes),
        VocabularySize = Description.VocabularySize,
        Parameters = new RunParameters(
            Description.GroupCount(ParameterGroup.InputEmbedding),
            Description.GroupCount(ParameterGroup.OutputHead),
            Description.GroupCount(ParameterGroup.Body),
            Description.TrainableCount),
        FlopsPerToken = Description.FlopsPerToken,
        Budget = _budget,
        Sessions = [],
    };

    private static double? NumberOrNull(double value) => double.IsNaN(value) ? null : value;
}
