using System.Diagnostics;
using Spectre.Console;

namespace Embeddings.Experiments.Cli;

/// <summary>Told how long work goes on.</summary>
internal interface IProgressLine
{
    /// <summary>Shows where the work stands.</summary>
    /// <param name="fraction">Share done, in [0, 1].</param>
    /// <param name="status">More about it, in a few words.</param>
    void Report(double fraction, string status);

    /// <summary>Prints a line that stays.</summary>
    void Line(string text);
}

/// <summary>Shows a bar where a person watches, a line every few seconds where a file does, and nothing where JSON is asked for.</summary>
internal static class ProgressDisplay
{
    /// <summary>Does work and shows its progress.</summary>
    /// <param name="output">Where to show it.</param>
    /// <param name="quiet">Whether to show nothing.</param>
    /// <param name="work">The work.</param>
    public static T Run<T>(TextWriter output, bool quiet, Func<IProgressLine, T> work)
    {
        if (quiet)
        {
            return work(new Silence());
        }

        bool watched = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected
            && AnsiConsole.Profile.Capabilities is { Interactive: true, Ansi: true };
        if (!watched)
        {
            return work(new PlainLines(output));
        }

        return AnsiConsole.Progress()
            .Columns(new SpinnerColumn(), new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context => work(new Bar(context.AddTask("starting", maxValue: 1))));
    }

    private sealed class Silence : IProgressLine
    {
        public void Report(double fraction, string status)
        {
        }

        public void Line(string text)
        {
        }
    }

    private sealed class Bar(ProgressTask task) : IProgressLine
    {
        private readonly Stopwatch _sinceUpdate = Stopwatch.StartNew();

        public void Report(double fraction, string status)
        {
            if (_sinceUpdate.ElapsedMilliseconds >= 100 || fraction >= 1)
            {
                task.Value = fraction;
                task.Description = Markup.Escape(status);
                _sinceUpdate.Restart();
            }
        }

        public void Line(string text) => AnsiConsole.WriteLine(text);
    }

    private sealed class PlainLines(TextWriter output) : IProgressLine
    {
        private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);
        private readonly Stopwatch _sinceLine = Stopwatch.StartNew();

        public void Report(double fraction, string status)
        {
            if (_sinceLine.Elapsed >= s_interval)
            {
                Line($"{100 * fraction,3:0} %  {status}");
            }
        }

        public void Line(string text)
        {
            output.WriteLine(text);
            output.Flush();
            _sinceLine.Restart();
        }
    }
}
