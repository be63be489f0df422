namespace Embeddings.Experiments.Studies;

/// <summary>Told how a study goes on.</summary>
public interface IStudyProgress
{
    /// <summary>The plan is made.</summary>
    /// <param name="runs">Runs in all.</param>
    /// <param name="finished">Those found finished from before.</param>
    void Planned(int runs, int finished);

    /// <summary>A run starts or goes on.</summary>
    void Started(RunRequest run, int number);

    /// <summary>A run has made steps.</summary>
    /// <param name="run">The run.</param>
    /// <param name="progress">Where it stands.</param>
    /// <param name="workDone">Share of all the work of the runs that this start of the study has to do, in [0, 1].</param>
    void Progressed(RunRequest run, RunProgress progress, double workDone);

    /// <summary>A run has finished.</summary>
    void Finished(RunResult result, double workDone);
}
