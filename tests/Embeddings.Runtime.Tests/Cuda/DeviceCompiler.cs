using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Embeddings.Cuda;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>
/// Compiles kernels for real devices with clang, which needs neither a device nor the toolkit. The shared kernels are compiled once for each
/// head width, and the row kernels of all models together in one text, each distinct one once: equal kernels of many variants cost nothing.
/// </summary>
internal static class DeviceCompiler
{
    private const int MostStaticSharedBytes = 48 << 10;

    private static readonly string[] s_candidates = ["clang-19", "clang-16", "clang-18", "clang-17", "clang"];
    private static readonly Lazy<string?> s_clang = new(() => s_candidates.FirstOrDefault(candidate => Run(candidate, "--print-targets") is { } targets && targets.Contains("nvptx64")));

    /// <summary>Skips the test where there is no clang for devices.</summary>
    public static void Require() => Assert.SkipWhen(s_clang.Value is null, "There is no clang with the target nvptx64 on this machine: install clang-16 or later.");

    /// <summary>Compiles the texts of modules for sm_80 and sm_90, in float and bf16; fails with the compiler's message.</summary>
    public static void Compile(IEnumerable<string> modules)
    {
        var shared = new HashSet<string>();
        var rowKernels = new HashSet<string>();
        foreach (string module in modules)
        {
            int headWidth = int.Parse(Regex.Match(module, @"#define HEAD_WIDTH (\d+)").Groups[1].Value, CultureInfo.InvariantCulture);
            string library = KernelLibrary.Text(headWidth);
            Assert.StartsWith(library, module, StringComparison.Ordinal);
            Assert.InRange(Encoding.UTF8.GetByteCount(module), library.Length, 500 << 10);
            shared.Add(library);
            rowKernels.UnionWith(Regex.Split(module[library.Length..], @"^(?=//[^\n]*\nKERNEL)", RegexOptions.Multiline).Where(text => text.Contains("KERNEL(")));
        }

        Assert.NotEmpty(rowKernels);
        var all = new StringBuilder(KernelLibrary.Text(64));
        int number = 0;
        foreach (string kernel in rowKernels)
        {
            all.Append(Regex.Replace(kernel, @"(KERNEL\(\d+\) \w+)\(", string.Create(CultureInfo.InvariantCulture, $"$1_{number++}("))).Append('\n');
        }

        string[] texts = [.. shared, all.ToString()];
        Parallel.ForEach(
            from text in texts from architecture in new[] { "sm_80", "sm_90" } from define in new[] { "EMBEDDINGS_FLOAT", KernelLibrary.BFloat16Macro } select (text, architecture, define),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            job => CheckShared(Compile(job.text, job.architecture, job.define)));
    }

    private static string Compile(string text, string architecture, string define)
    {
        string folder = Directory.CreateTempSubdirectory("embeddings-clang-").FullName;
        try
        {
            string source = Path.Combine(folder, "kernels.cu"), assembly = Path.Combine(folder, "kernels.ptx");
            File.WriteAllText(source, text);
            string? failure = Run(
                s_clang.Value!, "-x", "cuda", "--cuda-device-only", "--cuda-gpu-arch=" + architecture, "-nocudainc", "-nocudalib", "-S", "-O3",
                "-Wall", "-Wno-unused-function", "-Werror", "-D" + define, source, "-o", assembly);
            Assert.True(File.Exists(assembly), $"{architecture}, {define}: {failure}");
            return File.ReadAllText(assembly);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>No function declares more shared memory than every block may have without asking.</summary>
    private static void CheckShared(string assembly)
    {
        foreach (var function in Regex.Matches(assembly, @"\.shared \.align \d+ \.b8 _ZZL?\d+([A-Za-z]+)\w*\[(\d+)\];")
            .GroupBy(match => match.Groups[1].Value, match => int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)))
        {
            Assert.True(function.Sum() <= MostStaticSharedBytes, $"{function.Key} takes {function.Sum()} bytes of shared memory.");
        }
    }

    /// <summary>Runs a program; its output, or null where there is no such program.</summary>
    private static string? Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return output + error.Result;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
