using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using DiffEngine;
using Xunit.Sdk;
using Xunit.v3;

namespace Embeddings.Generator.Tests;

/// <summary>
/// Compares text with files beside the test, in the conventions of Verify and Verify.SourceGenerators, so that those packages could take
/// over without a change to the files: <c>Class.Method_parameter=value#Target.verified.cs</c>, UTF-8 with a byte order mark, LF line ends,
/// and a first line with the hint name of a generated file. A difference leaves a <c>.received.</c> file and opens a diff tool;
/// <c>ACCEPT_SNAPSHOTS=1</c> takes what was received.
/// </summary>
internal static class Snapshot
{
    private const string AcceptVariable = "ACCEPT_SNAPSHOTS";

    /// <summary>Compares one text with the snapshot of the running test.</summary>
    public static void Match(string text, string extension = "txt", [CallerFilePath] string testFile = "") =>
        Match([new SnapshotTarget(Name: null, extension, text)], testFile);

    /// <summary>Compares generated files, each with a snapshot of its own.</summary>
    public static void Match(IEnumerable<GeneratedFile> files, [CallerFilePath] string testFile = "") =>
        Match(files.Select(file => SnapshotTarget.OfGeneratedFile(file.HintName, file.Text)), testFile);

    /// <summary>Compares all files of a run of the generator.</summary>
    public static void Match(GeneratorRun run, [CallerFilePath] string testFile = "") =>
        Match(run.Files.Select(file => SnapshotTarget.OfGeneratedFile(file.Key, file.Value)), testFile);

    private static void Match(IEnumerable<SnapshotTarget> targets, string testFile) =>
        Match(targets, testFile, Environment.GetEnvironmentVariable(AcceptVariable) == "1", OpenDiff, CloseDiff);

    /// <summary>Compares as the others do, with the surroundings given.</summary>
    internal static void Match(
        IEnumerable<SnapshotTarget> targets, string testFile, bool accept, Action<string, string> open, Action<string, string> close)
    {
        string directory = Path.GetDirectoryName(testFile)!;
        if (!Directory.Exists(directory))
        {
            Assert.Skip("The snapshots stand beside the tests' sources, which are not on this machine.");
        }

        if (new SnapshotFiles(directory, NameOfRunningTest(), accept, open, close).Compare(targets) is { } difference)
        {
            throw new XunitException($"{difference}\nAccept what was received with {AcceptVariable}=1.");
        }
    }

    /// <summary>Class, method and arguments of the test, as Verify names them.</summary>
    private static string NameOfRunningTest()
    {
        var test = TestContext.Current.Test as IXunitTest
            ?? throw new InvalidOperationException("A snapshot is compared outside of a test.");
        Type type = test.TestMethod.TestClass.Class;
        string name = type.FullName![(type.Namespace is { } space ? space.Length + 1 : 0)..].Replace('+', '.');
        ParameterInfo[] parameters = test.TestMethod.Method.GetParameters();
        var arguments = parameters.Zip(
            test.TestMethodArguments,
            (parameter, value) => $"_{parameter.Name}={Convert.ToString(value, CultureInfo.InvariantCulture) ?? "null"}");
        return SnapshotTarget.FileName($"{name}.{test.TestMethod.MethodName}{string.Concat(arguments)}");
    }

    private static void OpenDiff(string received, string verified)
    {
        if (!BuildServerDetector.Detected)
        {
            DiffRunner.Launch(received, verified);
        }
    }

    private static void CloseDiff(string received, string verified) => DiffRunner.Kill(received, verified);
}
