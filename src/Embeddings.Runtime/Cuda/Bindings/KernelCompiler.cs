using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Embeddings.Cuda.Bindings;

/// <summary>
/// NVRTC: compiles CUDA C for a device. A device that this NVRTC knows gets machine code; a newer one gets code for the newest
/// that it knows, which the driver then translates.
/// </summary>
internal sealed unsafe class KernelCompiler
{
    private readonly delegate* unmanaged<int*, int*, int> _version;
    private readonly delegate* unmanaged<int*, int> _getNumSupportedArchs;
    private readonly delegate* unmanaged<int*, int> _getSupportedArchs;
    private readonly delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int> _createProgram;
    private readonly delegate* unmanaged<nint, int, byte**, int> _compileProgram;
    private readonly delegate* unmanaged<nint*, int> _destroyProgram;
    private readonly delegate* unmanaged<nint, nuint*, int> _getCubinSize;
    private readonly delegate* unmanaged<nint, byte*, int> _getCubin;
    private readonly delegate* unmanaged<nint, nuint*, int> _getPtxSize;
    private readonly delegate* unmanaged<nint, byte*, int> _getPtx;
    private readonly delegate* unmanaged<nint, nuint*, int> _getProgramLogSize;
    private readonly delegate* unmanaged<nint, byte*, int> _getProgramLog;
    private readonly delegate* unmanaged<int, byte*> _getErrorString;

    /// <summary>Finds the functions.</summary>
    /// <param name="library">The loaded NVRTC.</param>
    /// <exception cref="CudaException">It does not work.</exception>
    public KernelCompiler(nint library)
    {
        var functions = new NativeFunctions(library, NativeCandidates.Compiler.Purpose);
        _version = (delegate* unmanaged<int*, int*, int>)functions["nvrtcVersion"];
        _getNumSupportedArchs = (delegate* unmanaged<int*, int>)functions["nvrtcGetNumSupportedArchs"];
        _getSupportedArchs = (delegate* unmanaged<int*, int>)functions["nvrtcGetSupportedArchs"];
        _createProgram = (delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int>)functions["nvrtcCreateProgram"];
        _compileProgram = (delegate* unmanaged<nint, int, byte**, int>)functions["nvrtcCompileProgram"];
        _destroyProgram = (delegate* unmanaged<nint*, int>)functions["nvrtcDestroyProgram"];
        _getCubinSize = (delegate* unmanaged<nint, nuint*, int>)functions["nvrtcGetCUBINSize"];
        _getCubin = (delegate* unmanaged<nint, byte*, int>)functions["nvrtcGetCUBIN"];
        _getPtxSize = (delegate* unmanaged<nint, nuint*, int>)functions["nvrtcGetPTXSize"];
        _getPtx = (delegate* unmanaged<nint, byte*, int>)functions["nvrtcGetPTX"];
        _getProgramLogSize = (delegate* unmanaged<nint, nuint*, int>)functions["nvrtcGetProgramLogSize"];
        _getProgramLog = (delegate* unmanaged<nint, byte*, int>)functions["nvrtcGetProgramLog"];
        _getErrorString = (delegate* unmanaged<int, byte*>)functions["nvrtcGetErrorString"];
        int major;
        int minor;
        Check(_version(&major, &minor), "nvrtcVersion", "");
        Version = 1000 * major + 10 * minor;
    }

    /// <summary>1000 · major + 10 · minor.</summary>
    public int Version { get; }

    /// <summary>Compiles a text.</summary>
    /// <param name="source">CUDA C.</param>
    /// <param name="name">Its name in messages.</param>
    /// <param name="defines">Macros, each <c>NAME</c> or <c>NAME=value</c>.</param>
    /// <param name="capability">The device's compute capability, such as 90.</param>
    /// <returns>Machine code, or a text of PTX with a zero behind it, as cuModuleLoadData takes either.</returns>
    /// <exception cref="CudaException">It does not compile; the message holds the compiler's.</exception>
    public byte[] Compile(string source, string name, IReadOnlyList<string> defines, int capability)
    {
        string[] options = Options(defines, capability, out bool exact);
        nint program;
        fixed (byte* text = Encoding.UTF8.GetBytes(source + "\0"), title = Encoding.UTF8.GetBytes(name + "\0"))
        {
            Check(_createProgram(&program, text, title, 0, null, null), "nvrtcCreateProgram", name);
        }

        try
        {
            CompileProgram(program, options, name);
            nuint size;
            Check(exact ? _getCubinSize(program, &size) : _getPtxSize(program, &size), exact ? "nvrtcGetCUBINSize" : "nvrtcGetPTXSize", name);
            var image = new byte[size];
            fixed (byte* pointer = image)
            {
                Check(exact ? _getCubin(program, pointer) : _getPtx(program, pointer), exact ? "nvrtcGetCUBIN" : "nvrtcGetPTX", name);
            }

            return image;
        }
        finally
        {
            _destroyProgram(&program);
        }
    }

    /// <summary>Says all that the result of <see cref="Compile"/> depends on.</summary>
    /// <param name="source">CUDA C.</param>
    /// <param name="defines">Macros.</param>
    /// <param name="capability">The device's compute capability.</param>
    public string Key(string source, IReadOnlyList<string> defines, int capability) => string.Create(
        CultureInfo.InvariantCulture, $"NVRTC {Version} {string.Join(' ', Options(defines, capability, out _))}\n{source}");

    /// <summary>The compiler's options.</summary>
    /// <param name="defines">Macros.</param>
    /// <param name="capability">The device's compute capability.</param>
    /// <param name="exact">Whether they ask for machine code.</param>
    private string[] Options(IReadOnlyList<string> defines, int capability, out bool exact)
    {
        int newest = NewestUpTo(capability);
        exact = newest == capability;
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"--gpu-architecture={(exact ? "sm" : "compute")}_{newest}"),
            "--std=c++17",
            .. defines.Select(define => $"--define-macro={define}"),
        ];
    }

    private void CompileProgram(nint program, string[] options, string name)
    {
        byte** pointers = stackalloc byte*[options.Length];
        for (int i = 0; i < options.Length; i++)
        {
            pointers[i] = (byte*)Marshal.StringToCoTaskMemUTF8(options[i]);
        }

        int status = _compileProgram(program, options.Length, pointers);
        for (int i = 0; i < options.Length; i++)
        {
            Marshal.FreeCoTaskMem((nint)pointers[i]);
        }

        if (status != 0)
        {
            throw new CudaException("nvrtcCompileProgram", StatusName(status), status, name, Log(program));
        }
    }

    private string Log(nint program)
    {
        nuint size;
        if (_getProgramLogSize(program, &size) != 0 || size <= 1)
        {
            return "";
        }

        var log = new byte[size];
        fixed (byte* pointer = log)
        {
            return _getProgramLog(program, pointer) == 0 ? Encoding.UTF8.GetString(log).TrimEnd('\0', '\n') : "";
        }
    }

    private int NewestUpTo(int capability)
    {
        int count;
        Check(_getNumSupportedArchs(&count), "nvrtcGetNumSupportedArchs", "");
        var known = new int[count];
        fixed (int* pointer = known)
        {
            Check(_getSupportedArchs(pointer), "nvrtcGetSupportedArchs", "");
        }

        return known.Where(architecture => architecture <= capability).DefaultIfEmpty(capability).Max();
    }

    private void Check(int status, string call, string subject)
    {
        if (status != 0)
        {
            throw new CudaException(call, StatusName(status), status, subject);
        }
    }

    private string StatusName(int status)
    {
        byte* name = _getErrorString(status);
        return name == null ? "an unknown status" : Marshal.PtrToStringUTF8((nint)name)!;
    }
}
