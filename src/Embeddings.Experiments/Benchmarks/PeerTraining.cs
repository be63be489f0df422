using System.Diagnostics;
using System.Globalization;

namespace Embeddings.Experiments.Benchmarks;

/// <summary>A training by another program, timed from its start to its end.</summary>
/// <param name="Command">What was run.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="TimesSlower">Its time over the median time of this trainer in the same command.</param>
internal sealed record PeerTraining(string Command, double Seconds, double TimesSlower)
{
    /// <summary>Runs a command that trains a tokenizer, in an empty folder of its own.</summary>
    /// <param name="template">The command, in which {data}, {size} and {threads} stand for the text's file, the entries and the threads.</param>
    /// <param name="data">The text's file.</param>
    /// <param name="size">Entries.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="own">Median seconds of this trainer.</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <exception cref="UserError">The program cannot be started, or fails.</exception>
    public static PeerTraining Run(string template, string data, int size, int threads, double own, CancellationToken cancellation)
    {
        string[] words = [.. template.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word
            .Replace("{data}", Path.GetFullPath(data), StringComparison.Ordinal)
            .Replace("{size}", size.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{threads}", threads.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal))];
        string program = words is [var first, ..] ? first : throw new UserError("The command of a peer is empty; give the program and its arguments.");
        string folder = Directory.CreateTempSubdirectory("embeddings-peer-").FullName;
        try
        {
            var start = new ProcessStartInfo(program, words[1..])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            long began = Stopwatch.GetTimestamp();
            using Process process = Start(start);
            using CancellationTokenRegistration stop = cancellation.Register(() => process.Kill(entireProcessTree: true));
            Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            output.Wait(CancellationToken.None);
            cancellation.ThrowIfCancellationRequested();
            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            string last = (errors + output.Result).Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault("without a word").Trim();
            return process.ExitCode == 0
                ? new PeerTraining(string.Join(' ', words), seconds, seconds / own)
                : throw new UserError($"The peer '{program}' failed: {last.TrimEnd('.')}.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new UserError($"The peer '{start.FileName}' cannot be started: {error.Message.TrimEnd('.')}.", error);
        }
    }
}
