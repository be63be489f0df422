using System.Diagnostics;
using Embeddings.Checkpoints;
using Embeddings.Cpu;
using Embeddings.Data;
using Embeddings.Evaluation;
using Embeddings.Models;
using Embeddings.Tokenization;

namespace Embeddings.Training;

/// <summary>One start or continuation of a run: the loop of steps, evaluations and checkpoints.</summary>
internal sealed class TrainingSession : IDisposable
{
    private readonly TrainingOptions _options;
    private readonly TrainingBudget _budget;
    private readonly LearningRateSchedule _schedule;
    private readonly WorkerPool _pool;
    private readonly LanguageModel<float> _model;
    private readonly OptimizerState<float> _optimizer;
    private readonly TokenStream _stream;
    private readonly Corpus _validation;
    private readonly AlignedText _validationTokens;
    private readonly int[] _tokens;
    private readonly int[] _targets;
    private readonly string _checkpointPath;
    private readonly RateMeter _bytesMeter = new();
    private readonly RateMeter _tokensMeter = new();
    private readonly Stopwatch _sessionClock = Stopwatch.StartNew();
    private readonly Stopwatch _sinceCheckpoint = new();
    private readonly Queue<MetricsRow> _unread = new();
    private CheckpointInfo _state;
    private RunRecord _record = null!;
    private MetricsLog _metrics = null!;
    private RunTrunk? _trunk;
    private double _firstFraction;

    public TrainingSession(TrainingOptions options, RunIdentity identity, Corpus validation, TrainingBudget budget)
    {
        ModelDescription description = options.Variant.Description;
        _options = options;
        _budget = budget;
        _schedule = new LearningRateSchedule(description.Training);
        var tokenizers = new ModelTokenizers(options.Tokenizer, options.InputTokenizer, options.SecondTokenizer);
        _stream = new TokenStream(options.Data.Training, tokenizers, options.Seed);
        int context = description.Architecture.Context;
        if (!_stream.HasTokens(context + 1L))
        {
            throw new UserError(
                $"The training data has fewer tokens than the context of {context} of {description.Name} needs; give more data or declare a smaller context.");
        }

        _validation = validation;
        _validationTokens = BitsPerByte.Tokenize(tokenizers, validation);
        _checkpointPath = Path.Combine(options.Folder, Checkpoint.FileName);
        _state = new CheckpointInfo { Identity = identity };
        _pool = options.Pool ?? new WorkerPool(options.Threads);
        _model = options.Device.Create(
            options.Variant, _pool, description.Training.BatchSize,
            new ModelVocabularies(options.Tokenizer.Tokens, tokenizers.Inputs.Tokens, options.SuffixTokens));
        _optimizer = new OptimizerState<float>(description);
        _tokens = new int[_model.Tokens * tokenizers.Planes];
        _targets = new int[_model.Tokens];
    }

    private ModelDescription Description => _options.Variant.Description;

    private double Flops => Description.Flops(_state.Position.Tokens, _state.Position.Bytes);

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
        else if (_options.Trunk is { } trunk)
        {
            _trunk = Branch(Checkpoint.Locate(trunk));
        }
        else
        {
            Initializer.Initialize(_model, _options.Seed);
        }

        _trunk ??= known?.Trunk;
        _firstFraction = Fraction;
        var session = new RunSession(DateTimeOffset.UtcNow, _state.Step, _budget, _pool.Threads, _options.Command, MachineDescription.Current, _options.Device.Name);
        _record = CreateRecord() with { Trunk = _trunk, Sessions = [.. known?.Sessions ?? [], session] };
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

    /// <summary>Puts the model where a trunk stands, whose rate must be at its peak there.</summary>
    private RunTrunk Branch(string path)
    {
        CheckpointInfo trunk = Checkpoint.Load(path, _model, _optimizer);
        if (trunk.Identity.DifferenceFrom(_state.Identity) is { } difference)
        {
            throw new UserError($"'{path}' cannot be branched from with {difference}.");
        }

        if (Description.Training.Schedule != ScheduleKind.WarmupStableDecay || (trunk.Step > 0 && trunk.RateFactor != 1))
        {
            throw new UserError(
                $"'{path}' does not stand at the peak of a warm-up–stable–decay schedule; branch from a checkpoint between its warm-up and its decay.");
        }

        _state = trunk with { EvaluationPending = false };
        if (Fraction >= 1)
        {
            throw new UserError($"'{path}' has spent more than this branch's {_budget}; give the branch a larger budget.");
        }

        _stream.MoveTo(trunk.Position);
        return new RunTrunk(path, trunk.Step, trunk.Position.Bytes, Flops);
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
        double fractionBefore = Fraction;
        StreamPosition before = _state.Position;
        int passes = Description.Training.AccumulationSteps;
        if (passes == 1)
        {
            _stream.Next(_tokens, _targets);
        }
        else
        {
            Accumulate(passes);
        }

        _state = _state with { Step = _state.Step + 1, Position = _stream.Position };
        double fraction = Fraction;
        double rate = _trunk is { } trunk
            ? _schedule.Cooldown(_budget.Fraction(trunk.Step, trunk.Bytes, trunk.Flops), fraction)
            : _schedule.Factor(fraction);
        if (passes == 1)
        {
            _model.MakeStep(_tokens, _targets, _optimizer, rate * _options.RateScale);
        }
        else
        {
            _model.EndStep(_optimizer, rate * _options.RateScale);
        }

        _state = _state with
        {
            RateFactor = rate,
            EvaluationPending = Math.Floor(fraction * _options.Evaluations) > Math.Floor(fractionBefore * _options.Evaluations),
        };
        StreamPosition position = _state.Position;
        _unread.Enqueue(new MetricsRow(_state.Step, position.Bytes, position.Tokens, Flops, 0, double.NaN, rate, double.NaN, null));
        var read = new List<MetricsRow>();
        while (_model.StepsUnread > (_state.EvaluationPending ? 0 : _model.StepsAhead))
        {
            read.Add(ReadStep());
        }

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        _state = _state with { Seconds = _state.Seconds + seconds };
        _bytesMeter.Add(position.Bytes - before.Bytes, seconds);
        _tokensMeter.Add(position.Tokens - before.Tokens, seconds);
        Complete(read);
    }

    /// <summary>Starts a step of several passes, whose gradients are averaged.</summary>
    private void Accumulate(int passes)
    {
        _model.BeginStep();
        for (int pass = 0; pass < passes; pass++)
        {
            _stream.Next(_tokens, _targets);
            _model.Backpropagate(_tokens, _targets, 1.0 / (_model.Tokens * passes));
        }
    }

    /// <summary>Waits for the oldest step whose outcome is not read; a loss or gradient that is not a number ends the run.</summary>
    private MetricsRow ReadStep()
    {
        MetricsRow row = _unread.Dequeue();
        StepOutcome outcome = _model.ReadStep();
        double loss = outcome.LossSum / (_model.Tokens * Description.Training.AccumulationSteps);
        RefuseNonFinite(loss, "loss", row.Step);
        RefuseNonFinite(outcome.GradientNorm, "gradient", row.Step);
        _state = _state with { TrainLoss = loss, GradientNorm = outcome.GradientNorm };
        return row with { TrainLoss = loss, GradientNorm = outcome.GradientNorm };
    }

    /// <summary>Reads all steps, so that the state holds the last one's loss.</summary>
    private void ReadAll()
    {
        var read = new List<MetricsRow>();
        while (_model.StepsUnread > 0)
        {
            read.Add(ReadStep());
        }

        Complete(read);
    }

    /// <summary>Writes the lines of steps that were read; that of a step whose evaluation is pending waits for it.</summary>
    private void Complete(List<MetricsRow> rows)
    {
        foreach (MetricsRow row in rows)
        {
            if (row.Step < _state.Step || !_state.EvaluationPending)
            {
                CompleteStep(row with { Seconds = _state.Seconds });
            }
        }
    }

    private bool TryEvaluate(CancellationToken cancellation)
    {
        try
        {
            EvaluationResult result = BitsPerByte.Measure(_model, _validationTokens, _validation.Bytes, cancellation);
            RefuseNonFinite(result.BitsPerByte, "validation loss", _state.Step);
            _state = _state with { EvaluationPending = false, ValidationBitsPerByte = result.BitsPerByte };
            StreamPosition position = _state.Position;
            CompleteStep(new MetricsRow(
                _state.Step, position.Bytes, position.Tokens, Flops, _state.Seconds, _state.TrainLoss, _state.RateFactor, _state.GradientNorm,
                result.BitsPerByte));
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void CompleteStep(MetricsRow row)
    {
        _metrics.Append(row);
        double done = Fraction - _firstFraction;
        double left = done > 0 ? _sessionClock.Elapsed.TotalSeconds * (1 - Fraction) / done : 0;
        _options.Progress?.Report(new TrainingProgress(
            row.Step,
            Fraction,
            row.Bytes,
            row.Tokens,
            row.TrainLoss,
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
        ReadAll();
        _model.BringToHost(_optimizer);
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
            _validation.Bytes,
            _options.DataSources),
        VocabularySize = Description.VocabularySize,
        InputVocabularySize = Description.InputVocabularySize,
        SecondVocabularySize = Description.Architecture.SecondVocabulary,
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
