using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Embeddings.Cuda;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>Compiles the text of a module for the processor, with <c>emulator.h</c> in place of the device's instructions.</summary>
internal static class EmulatorCompiler
{
    /// <summary>Set by the run of the tests under the address sanitizer.</summary>
    public const string SanitizeVariable = "EMBEDDINGS_EMULATOR_SANITIZE";

    private const string HeaderName = "emulator.h";

    private static readonly string[] s_candidates = ["g++", "clang++", "clang++-19", "clang++-16", "clang++-14", "c++"];
    private static readonly Lazy<string?> s_compiler = new(() => s_candidates.FirstOrDefault(Works));
    private static readonly Lazy<string> s_header = new(CompileHeader);
    private static readonly ConcurrentDictionary<string, Lazy<nint>> s_libraries = [];

    /// <summary>Whether modules are built with the address sanitizer.</summary>
    public static bool Sanitizes => Environment.GetEnvironmentVariable(SanitizeVariable) == "1";

    /// <summary>A C++ compiler, or null where this machine has none.</summary>
    public static string? Compiler => s_compiler.Value;

    /// <summary>Skips the test where there is no compiler.</summary>
    public static void Require() =>
        Assert.SkipWhen(Compiler is null, "There is no C++ compiler on this machine: install g++ or clang++ to run kernels in the emulator.");

    /// <summary>
    /// The loaded libraries of a module: that of its own kernels, and that of the kernels which every model has (<see cref="KernelLibrary.Text"/>)
    /// where its text begins with them; these are most of a model's text and are compiled once. The same libraries for the same text.
    /// </summary>
    public static IReadOnlyList<nint> Load(string source, string name, IReadOnlyList<string> defines)
    {
        string shared = SharedText(source);
        string own = source[shared.Length..];
        return own.Length == 0 || shared.Length == 0
            ? [LoadPart("", source, name, defines)]
            : [LoadPart(shared, own, name, defines), LoadPart("", shared, "shared.cu", defines)];
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

    private static string HeaderText => File.ReadAllText(Path.Combine(Headers, HeaderName));

    private static string[] Flags =>
    [
        "-std=c++17", "-O1", "-g1", "-shared", "-fPIC", "-fvisibility=hidden", "-ffp-contract=off", "-w",
        .. Sanitizes ? ["-fsanitize=address,alignment", "-fno-sanitize-recover=all"] : Array.Empty<string>(),
    ];

    /// <summary>Compiles a library, unless the same text was compiled in the same way before.</summary>
    /// <param name="text">C++.</param>
    /// <param name="name">Its name in messages.</param>
    /// <param name="more">Arguments of the compiler beside the usual ones.</param>
    /// <returns>Its path.</returns>
    public static string Build(string text, string name, params string[] more) => Cached(".so", [text, .. more], library =>
    {
        File.WriteAllText(library + ".cpp", text);
        (int code, string output) = Run(Compiler!, [.. Flags, .. more, "-I", s_header.Value, library + ".cpp", "-o", library]);
        File.Delete(library + ".cpp");
        if (code != 0)
        {
            throw new CudaException($"{name} does not compile for the emulator: {output}");
        }
    });

    /// <summary>
    /// A folder with <c>emulator.h</c> and, where the compiler can, what it makes of it: reading the header and those of the standard library
    /// that it includes takes longer than the kernels of a model. A compiler that cannot use it, reads the header.
    /// </summary>
    private static string CompileHeader() => Cached(".headers", [], folder =>
    {
        Directory.CreateDirectory(folder);
        string header = Path.Combine(folder, HeaderName);
        File.WriteAllText(header, HeaderText);
        if (Compiler == "g++")
        {
            Run(Compiler, [.. Flags, "-x", "c++-header", header, "-o", header + ".gch"]);
        }
    });

    /// <summary>The path of what an action makes, a file or a folder, unless it was made of the same before.</summary>
    private static string Cached(string suffix, IEnumerable<string> of, Action<string> make)
    {
        byte[] all = Encoding.UTF8.GetBytes(string.Join('\n', [Compiler!, .. Flags, .. of, HeaderText]));
        string folder = Path.Combine(Path.GetTempPath(), $"embeddings-emulator-{Environment.UserName}");
        string made = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(all))[..24] + suffix);
        if (!Path.Exists(made))
        {
            Directory.CreateDirectory(folder);
            string unique = $"{made}.{Guid.NewGuid():N}";
            make(unique);
            try
            {
                Directory.Move(unique, made); // a file, too
            }
            catch (IOException) when (Path.Exists(made))
            {
                // Another process was first.
                if (Directory.Exists(unique))
                {
                    Directory.Delete(unique, recursive: true);
                }

                File.Delete(unique);
            }
        }

        return made;
    }

    /// <summary>The library of some kernels, compiled with a text before them whose own kernels it leaves out.</summary>
    private static nint LoadPart(string before, string kernels, string name, IReadOnlyList<string> defines)
    {
        var text = new StringBuilder();
        foreach (string define in defines.Prepend("EMBEDDINGS_EMULATOR"))
        {
            text.Append("#define ").AppendLine(define.Replace('=', ' '));
        }

        text.AppendLine($"#include \"{HeaderName}\"");
        if (before.Length > 0)
        {
            // Functions that nobody calls are read and forgotten.
            text.AppendLine("#undef KERNEL").AppendLine("#define KERNEL(threads) DEVICE void");
            text.AppendLine($"#line 1 \"{name}\"").AppendLine(before);
            text.AppendLine("#undef KERNEL").AppendLine("#define KERNEL(threads) extern \"C\" void");
        }

        text.AppendLine($"#line {before.Count(character => character == '\n') + 1} \"{name}\"").AppendLine(kernels);
        foreach (KernelSignature kernel in KernelSignature.Of(kernels))
        {
            // Weak, because a kernel may stand behind a condition that this module does not meet.
            text.AppendLine($"extern \"C\" __attribute__((weak)) void {kernel.Name}({kernel.ParameterText});");
            text.Append("EMULATOR_ENTRY(").Append(kernel.Name).AppendLine(")");
        }

        return s_libraries.GetOrAdd(text.ToString(), complete => new Lazy<nint>(() => NativeLibrary.Load(Build(complete, name)))).Value;
    }

    /// <summary>What a module's text begins with, where that is the text of <see cref="KernelLibrary"/>; else nothing.</summary>
    private static string SharedText(string source)
    {
        Match width = Regex.Match(source, @"\A#define HEAD_WIDTH (\d+)\n");
        string shared = width.Success ? KernelLibrary.Text(int.Parse(width.Groups[1].Value, CultureInfo.InvariantCulture)) : "";
        return source.StartsWith(shared, StringComparison.Ordinal) ? shared : "";
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
