using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Embeddings.Cuda;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>Compiles the text of a module for the processor, with <c>emulator.h</c> in place of the device's instructions.</summary>
internal static class EmulatorCompiler
{
    /// <summary>Set by the run of the tests under the address sanitizer.</summary>
    public const string SanitizeVariable = "EMBEDDINGS_EMULATOR_SANITIZE";

    private static readonly string[] s_candidates = ["g++", "clang++", "clang++-19", "clang++-16", "clang++-14", "c++"];
    private static readonly Lazy<string?> s_compiler = new(() => s_candidates.FirstOrDefault(Works));
    private static readonly ConcurrentDictionary<string, Lazy<nint>> s_libraries = [];

    /// <summary>Whether modules are built with the address sanitizer.</summary>
    public static bool Sanitizes => Environment.GetEnvironmentVariable(SanitizeVariable) == "1";

    /// <summary>A C++ compiler, or null where this machine has none.</summary>
    public static string? Compiler => s_compiler.Value;

    /// <summary>Skips the test where there is no compiler.</summary>
    public static void Require() =>
        Assert.SkipWhen(Compiler is null, "There is no C++ compiler on this machine: install g++ or clang++ to run kernels in the emulator.");

    /// <summary>A loaded library of a module; the same for the same text.</summary>
    public static nint Load(string source, string name, IReadOnlyList<string> defines)
    {
        var text = new StringBuilder();
        foreach (string define in defines.Prepend("EMBEDDINGS_EMULATOR"))
        {
            text.Append("#define ").AppendLine(define.Replace('=', ' '));
        }

        text.Append("#line 1 \"").Append(name).AppendLine("\"").AppendLine(source);
        foreach (KernelSignature kernel in KernelSignature.Of(source))
        {
            // Weak, because a kernel may stand behind a condition that this module does not meet.
            text.AppendLine($"extern \"C\" __attribute__((weak)) void {kernel.Name}({kernel.ParameterText});");
            text.Append("EMULATOR_ENTRY(").Append(kernel.Name).AppendLine(")");
        }

        return s_libraries.GetOrAdd(text.ToString(), complete => new Lazy<nint>(() => NativeLibrary.Load(Build(complete, name)))).Value;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code and all that it printed.</returns>
    public static (int Code, string Output) Run(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? variables = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string variable, string value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[variable] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    /// <summary>The folder of <c>emulator.h</c>.</summary>
    public static string Headers => Path.Combine(AppContext.BaseDirectory, "Cuda", "Emulator");

    /// <summary>Compiles a library, unless the same text was compiled in the same way before.</summary>
    /// <param name="text">C++.</param>
    /// <param name="name">Its name in messages.</param>
    /// <param name="more">Arguments of the compiler beside the usual ones.</param>
    /// <returns>Its path.</returns>
    public static string Build(string text, string name, params string[] more)
    {
        string[] flags =
        [
            "-std=c++17", Sanitizes ? "-O1" : "-O2", "-g1", "-shared", "-fPIC", "-fvisibility=hidden", "-ffp-contract=off", "-w", "-I", Headers,
            .. Sanitizes ? ["-fsanitize=address,alignment", "-fno-sanitize-recover=all"] : Array.Empty<string>(),
            .. more,
        ];
        byte[] all = Encoding.UTF8.GetBytes($"{Compiler}\n{string.Join(' ', flags)}\n{text}\n{File.ReadAllText(Path.Combine(Headers, "emulator.h"))}");
        string folder = Path.Combine(Path.GetTempPath(), $"embeddings-emulator-{Environment.UserName}");
        Directory.CreateDirectory(folder);
        string library = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(all))[..24] + ".so");
        if (!File.Exists(library))
        {
            string unique = $"{library}.{Guid.NewGuid():N}";
            File.WriteAllText(unique + ".cpp", text);
            (int code, string output) = Run(Compiler!, [.. flags, unique + ".cpp", "-o", unique]);
            File.Delete(unique + ".cpp");
            if (code != 0)
            {
                throw new CudaException($"{name} does not compile for the emulator: {output}");
            }

            File.Move(unique, library, overwrite: true);
        }

        return library;
    }

    private static bool Works(string compiler)
    {
        try
        {
            return Run(compiler, ["--version"]).Code == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
