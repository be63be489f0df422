// A stand-in for the NVIDIA driver, NVRTC and cublasLt in one library, for machines without a device: the functions that Embeddings
// calls, by their names. Memory is the host's; NVRTC compiles with the processor's compiler against emulator.h; launches run in the
// emulator at once, or are put into a graph while one is captured; products are summed by loops. What is asked wrongly is refused
// with the status that the real library gives. Tests control it through the stub_ functions.
//
// Compile with -DEMULATOR_FOLDER="..." -DCOMPILER="...".

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace
{
typedef void* Handle;

enum Status
{
    Success = 0,
    InvalidValue = 1,
    OutOfMemory = 2,
    NotInitialized = 3,
    InvalidContext = 201,
    InvalidHandle = 400,
    NotFound = 500,
    IllegalAddress = 700,
    LaunchFailed = 719,
    CaptureUnsupported = 900,
};

struct Function
{
    std::string name;
    const char* (*launch)(const void*, void**);
    std::vector<int> sizes;
    int dynamicBytes = 48 << 10;
};

struct Graph
{
    std::vector<std::function<int()>> work;
};

struct Event
{
    double time = 0;
};

std::map<std::string, int> g_failures; // status that the next call of a function gives
std::map<std::string, long> g_calls;
std::map<uintptr_t, size_t> g_memory;
std::set<Handle> g_streams;
Graph* g_capture = nullptr;
bool g_initialized = false;
bool g_context = false;
double g_clock = 0; // milliseconds of simulated device time
size_t g_totalBytes = 8ull << 30;
int g_deviceCount = 1;
int g_epilogues = ~0; // those that cublasLt supports
double g_wayTimes[4] = {3, 1, 2, 2.5};
long g_wayRuns[4];
bool g_launchNothing = false;

size_t usedBytes()
{
    size_t used = 0;
    for (auto& entry : g_memory)
    {
        used += entry.second;
    }

    return used;
}

bool onDevice(uintptr_t address, size_t bytes)
{
    auto next = g_memory.upper_bound(address);
    if (next == g_memory.begin())
    {
        return false;
    }

    --next;
    return address + bytes <= next->first + next->second;
}

// Counts a call and takes an injected failure.
int called(const char* name)
{
    static const std::string none;
    g_calls[name]++;
    auto failure = g_failures.find(name);
    if (failure == g_failures.end())
    {
        return Success;
    }

    int status = failure->second;
    g_failures.erase(failure);
    return status;
}

#define ENTER(name)                     \
    if (int injected = called(name))    \
    {                                   \
        return injected;                \
    }

#define NEED(condition, status) \
    if (!(condition))           \
    {                           \
        return status;          \
    }

// Does work of the stream now, or puts it into the graph that is captured.
int perform(std::function<int()> work)
{
    if (g_capture != nullptr)
    {
        g_capture->work.push_back(work);
        return Success;
    }

    return work();
}
} // namespace

// Control.
EXPORT void stub_fail(const char* function, int status) { g_failures[function] = status; }
EXPORT long stub_calls(const char* function) { return g_calls[function]; }
EXPORT void stub_memory(size_t total) { g_totalBytes = total; }
EXPORT void stub_devices(int count) { g_deviceCount = count; }
EXPORT void stub_epilogues(int mask) { g_epilogues = mask; }
EXPORT void stub_way_time(int way, double milliseconds) { g_wayTimes[way] = milliseconds; }
EXPORT long stub_way_runs(int way) { return g_wayRuns[way]; }
EXPORT void stub_launch_nothing(int nothing) { g_launchNothing = nothing != 0; }
EXPORT long stub_allocations() { return (long)g_memory.size(); }
EXPORT void stub_reset()
{
    g_failures.clear();
    for (auto& entry : g_calls)
    {
        entry.second = 0;
    }

    g_totalBytes = 8ull << 30;
    g_deviceCount = 1;
    g_epilogues = ~0;
    double times[4] = {3, 1, 2, 2.5};
    std::copy(times, times + 4, g_wayTimes);
    std::fill(g_wayRuns, g_wayRuns + 4, 0);
    g_launchNothing = false;
}

// The driver.
EXPORT int cuInit(unsigned)
{
    ENTER("cuInit");
    g_initialized = true;
    return Success;
}

EXPORT int cuDriverGetVersion(int* version)
{
    ENTER("cuDriverGetVersion");
    *version = 12080;
    return Success;
}

EXPORT int cuDeviceGetCount(int* count)
{
    ENTER("cuDeviceGetCount");
    NEED(g_initialized, NotInitialized);
    *count = g_deviceCount;
    return Success;
}

EXPORT int cuDeviceGet(int* device, int ordinal)
{
    ENTER("cuDeviceGet");
    NEED(ordinal >= 0 && ordinal < g_deviceCount, 101);
    *device = ordinal;
    return Success;
}

EXPORT int cuDeviceGetName(char* name, int length, int)
{
    ENTER("cuDeviceGetName");
    snprintf(name, length, "Stub Device");
    return Success;
}

EXPORT int cuDeviceGetAttribute(int* value, int attribute, int)
{
    ENTER("cuDeviceGetAttribute");
    switch (attribute)
    {
    case 16: *value = 4; return Success;        // multiprocessors
    case 75: *value = 9; return Success;        // major
    case 76: *value = 0; return Success;        // minor
    case 97: *value = 227 << 10; return Success; // shared memory of a block, opted into
    default: return InvalidValue;
    }
}

EXPORT int cuDevicePrimaryCtxRetain(Handle* context, int)
{
    ENTER("cuDevicePrimaryCtxRetain");
    *context = &g_context;
    return Success;
}

EXPORT int cuDevicePrimaryCtxRelease_v2(int)
{
    ENTER("cuDevicePrimaryCtxRelease_v2");
    return Success;
}

EXPORT int cuCtxSetCurrent(Handle context)
{
    ENTER("cuCtxSetCurrent");
    NEED(context == &g_context, InvalidContext);
    g_context = true;
    return Success;
}

EXPORT int cuMemGetInfo_v2(size_t* freeBytes, size_t* total)
{
    ENTER("cuMemGetInfo_v2");
    *total = g_totalBytes;
    *freeBytes = g_totalBytes - std::min(g_totalBytes, usedBytes());
    return Success;
}

EXPORT int cuMemAlloc_v2(uintptr_t* memory, size_t bytes)
{
    ENTER("cuMemAlloc_v2");
    NEED(g_context, InvalidContext);
    NEED(bytes > 0, InvalidValue);
    NEED(g_capture == nullptr, CaptureUnsupported);
    NEED(usedBytes() + bytes <= g_totalBytes, OutOfMemory);
    *memory = (uintptr_t)aligned_alloc(256, (bytes + 255) / 256 * 256);
    memset((void*)*memory, 0xff, bytes); // as a device, nothing in particular
    g_memory[*memory] = bytes;
    return Success;
}

EXPORT int cuMemFree_v2(uintptr_t memory)
{
    ENTER("cuMemFree_v2");
    NEED(g_memory.erase(memory) == 1, InvalidValue);
    free((void*)memory);
    return Success;
}

EXPORT int cuMemHostAlloc(void** memory, size_t bytes, unsigned)
{
    ENTER("cuMemHostAlloc");
    *memory = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    return Success;
}

EXPORT int cuMemFreeHost(void* memory)
{
    ENTER("cuMemFreeHost");
    free(memory);
    return Success;
}

EXPORT int cuMemcpyHtoDAsync_v2(uintptr_t destination, const void* source, size_t bytes, Handle)
{
    ENTER("cuMemcpyHtoDAsync_v2");
    NEED(onDevice(destination, bytes), InvalidValue);
    return perform([=] { return memcpy((void*)destination, source, bytes), (int)Success; });
}

EXPORT int cuMemcpyHtoD_v2(uintptr_t destination, const void* source, size_t bytes)
{
    ENTER("cuMemcpyHtoD_v2");
    NEED(onDevice(destination, bytes) && g_capture == nullptr, InvalidValue);
    memcpy((void*)destination, source, bytes);
    return Success;
}

EXPORT int cuMemcpyDtoHAsync_v2(void* destination, uintptr_t source, size_t bytes, Handle)
{
    ENTER("cuMemcpyDtoHAsync_v2");
    NEED(onDevice(source, bytes), InvalidValue);
    return perform([=] { return memcpy(destination, (void*)source, bytes), (int)Success; });
}

EXPORT int cuMemcpyDtoDAsync_v2(uintptr_t destination, uintptr_t source, size_t bytes, Handle)
{
    ENTER("cuMemcpyDtoDAsync_v2");
    NEED(onDevice(source, bytes) && onDevice(destination, bytes), InvalidValue);
    return perform([=] { return memcpy((void*)destination, (void*)source, bytes), (int)Success; });
}

EXPORT int cuMemsetD8Async(uintptr_t destination, unsigned char value, size_t bytes, Handle)
{
    ENTER("cuMemsetD8Async");
    NEED(onDevice(destination, bytes), InvalidValue);
    return perform([=] { return memset((void*)destination, value, bytes), (int)Success; });
}

EXPORT int cuStreamCreate(Handle* stream, unsigned)
{
    ENTER("cuStreamCreate");
    NEED(g_context, InvalidContext);
    *stream = malloc(1);
    g_streams.insert(*stream);
    return Success;
}

EXPORT int cuStreamDestroy_v2(Handle stream)
{
    ENTER("cuStreamDestroy_v2");
    NEED(g_streams.erase(stream) == 1, InvalidHandle);
    free(stream);
    return Success;
}

EXPORT int cuStreamSynchronize(Handle stream)
{
    ENTER("cuStreamSynchronize");
    NEED(g_streams.count(stream) == 1, InvalidHandle);
    NEED(g_capture == nullptr, CaptureUnsupported);
    return Success;
}

EXPORT int cuStreamBeginCapture_v2(Handle stream, int)
{
    ENTER("cuStreamBeginCapture_v2");
    NEED(g_streams.count(stream) == 1, InvalidHandle);
    NEED(g_capture == nullptr, InvalidValue);
    g_capture = new Graph();
    return Success;
}

EXPORT int cuStreamEndCapture(Handle, Graph** graph)
{
    Graph* captured = g_capture;
    g_capture = nullptr;
    ENTER("cuStreamEndCapture");
    NEED(captured != nullptr, InvalidValue);
    *graph = captured;
    return Success;
}

EXPORT int cuGraphInstantiateWithFlags(Graph** executable, Graph* graph, unsigned long long)
{
    ENTER("cuGraphInstantiateWithFlags");
    *executable = new Graph(*graph);
    return Success;
}

EXPORT int cuGraphLaunch(Graph* executable, Handle)
{
    ENTER("cuGraphLaunch");
    for (auto& work : executable->work)
    {
        if (int status = work())
        {
            return status;
        }
    }

    return Success;
}

EXPORT int cuGraphExecDestroy(Graph* executable)
{
    ENTER("cuGraphExecDestroy");
    delete executable;
    return Success;
}

EXPORT int cuGraphDestroy(Graph* graph)
{
    ENTER("cuGraphDestroy");
    delete graph;
    return Success;
}

EXPORT int cuEventCreate(Event** event, unsigned)
{
    ENTER("cuEventCreate");
    *event = new Event();
    return Success;
}

EXPORT int cuEventRecord(Event* event, Handle)
{
    ENTER("cuEventRecord");
    event->time = g_clock;
    return Success;
}

EXPORT int cuEventSynchronize(Event*)
{
    ENTER("cuEventSynchronize");
    return Success;
}

EXPORT int cuEventElapsedTime(float* milliseconds, Event* first, Event* second)
{
    ENTER("cuEventElapsedTime");
    *milliseconds = (float)(second->time - first->time);
    return Success;
}

EXPORT int cuEventDestroy_v2(Event* event)
{
    ENTER("cuEventDestroy_v2");
    delete event;
    return Success;
}

// An image is the path of a library.
EXPORT int cuModuleLoadData(Handle* module, const char* image)
{
    ENTER("cuModuleLoadData");
    *module = dlopen(image, RTLD_NOW | RTLD_LOCAL);
    return *module == nullptr ? 200 : Success;
}

EXPORT int cuModuleUnload(Handle)
{
    ENTER("cuModuleUnload");
    return Success; // functions found in it may still be in graphs
}

EXPORT int cuModuleGetFunction(Function** function, Handle module, const char* name)
{
    ENTER("cuModuleGetFunction");
    auto launch = (const char* (*)(const void*, void**))dlsym(module, (std::string("emulator_launch_") + name).c_str());
    auto sizes = (int (*)(int*))dlsym(module, (std::string("emulator_sizes_") + name).c_str());
    NEED(launch != nullptr && sizes != nullptr, NotFound);
    int bytes[256];
    int count = sizes(bytes);
    *function = new Function{name, launch, std::vector<int>(bytes, bytes + count)};
    return Success;
}

EXPORT int cuFuncSetAttribute(Function* function, int attribute, int value)
{
    ENTER("cuFuncSetAttribute");
    NEED(attribute == 8 && value <= 227 << 10, InvalidValue);
    function->dynamicBytes = value;
    return Success;
}

EXPORT int cuLaunchKernel(Function* function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ,
    unsigned sharedBytes, Handle stream, void** arguments, void** extra)
{
    static long* count = &g_calls["cuLaunchKernel"];
    if (g_launchNothing)
    {
        ++*count;
        return Success;
    }

    ENTER("cuLaunchKernel");
    NEED(g_streams.count(stream) == 1, InvalidHandle);
    NEED(extra == nullptr && blockY == 1 && blockZ == 1, InvalidValue);
    NEED(gridX >= 1 && gridX < 1u << 31 && gridY >= 1 && gridY < 65536 && gridZ >= 1 && gridZ < 65536, InvalidValue);
    NEED(blockX >= 1 && blockX <= 1024 && (int)sharedBytes <= function->dynamicBytes, InvalidValue);
    std::vector<std::vector<char>> values;
    for (size_t i = 0; i < function->sizes.size(); i++)
    {
        values.emplace_back((char*)arguments[i], (char*)arguments[i] + function->sizes[i]);
    }

    return perform([=]() mutable {
        std::vector<void*> pointers;
        for (auto& value : values)
        {
            pointers.push_back(value.data());
        }

        int shape[6] = {(int)gridX, (int)gridY, (int)gridZ, (int)blockX, (int)sharedBytes, 0};
        const char* failure = function->launch(shape, pointers.data());
        if (failure != nullptr)
        {
            fprintf(stderr, "stub: %s: %s\n", function->name.c_str(), failure);
            return (int)LaunchFailed;
        }

        g_clock += 0.01;
        return (int)Success;
    });
}

EXPORT int cuGetErrorName(int status, const char** name)
{
    static const std::map<int, const char*> names = {
        {0, "CUDA_SUCCESS"}, {1, "CUDA_ERROR_INVALID_VALUE"}, {2, "CUDA_ERROR_OUT_OF_MEMORY"}, {3, "CUDA_ERROR_NOT_INITIALIZED"},
        {100, "CUDA_ERROR_NO_DEVICE"}, {101, "CUDA_ERROR_INVALID_DEVICE"}, {200, "CUDA_ERROR_INVALID_IMAGE"},
        {201, "CUDA_ERROR_INVALID_CONTEXT"}, {400, "CUDA_ERROR_INVALID_HANDLE"}, {500, "CUDA_ERROR_NOT_FOUND"},
        {700, "CUDA_ERROR_ILLEGAL_ADDRESS"}, {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"}, {719, "CUDA_ERROR_LAUNCH_FAILED"},
        {900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"}, {999, "CUDA_ERROR_UNKNOWN"}};
    auto entry = names.find(status);
    NEED(entry != names.end(), InvalidValue);
    *name = entry->second;
    return Success;
}

// NVRTC.
namespace
{
struct Program
{
    std::string source, name, log, image;
};

std::string g_lastOptions;
} // namespace

EXPORT const char* stub_options() { return g_lastOptions.c_str(); }

EXPORT int nvrtcVersion(int* major, int* minor)
{
    ENTER("nvrtcVersion");
    *major = 12;
    *minor = 8;
    return Success;
}

EXPORT int nvrtcGetNumSupportedArchs(int* count)
{
    ENTER("nvrtcGetNumSupportedArchs");
    *count = 3;
    return Success;
}

EXPORT int nvrtcGetSupportedArchs(int* architectures)
{
    ENTER("nvrtcGetSupportedArchs");
    architectures[0] = 80;
    architectures[1] = 89;
    architectures[2] = 90;
    return Success;
}

EXPORT int nvrtcCreateProgram(Program** program, const char* source, const char* name, int headers, const char**, const char**)
{
    ENTER("nvrtcCreateProgram");
    NEED(headers == 0, 3);
    *program = new Program{source, name, "", ""};
    return Success;
}

EXPORT int nvrtcDestroyProgram(Program** program)
{
    ENTER("nvrtcDestroyProgram");
    delete *program;
    *program = nullptr;
    return Success;
}

// Knows the options --gpu-architecture, --std and --define-macro.
EXPORT int nvrtcCompileProgram(Program* program, int count, const char** options)
{
    const int InvalidOption = 5, Compilation = 6;
    ENTER("nvrtcCompileProgram");
    std::ostringstream text;
    text << "#define EMBEDDINGS_EMULATOR\n";
    g_lastOptions.clear();
    for (int i = 0; i < count; i++)
    {
        std::string option = options[i];
        g_lastOptions += option + "\n";
        const std::string define = "--define-macro=";
        if (option.rfind(define, 0) == 0)
        {
            std::string macro = option.substr(define.size());
            std::replace(macro.begin(), macro.end(), '=', ' ');
            text << "#define " << macro << "\n";
        }
        else if (option.rfind("--gpu-architecture=", 0) != 0 && option != "--std=c++17")
        {
            program->log = "unknown option " + option;
            return InvalidOption;
        }
    }

    text << "#line 1 \"" << program->name << "\"\n" << program->source << "\n";
    static const std::regex kernel("^KERNEL\\([^()]*\\)\\s*(\\w+)\\s*\\(([^{;]*)\\)\\s*\\{", std::regex::multiline);
    std::map<std::string, std::string> kernels; // parameters by name, which may stand in several branches of a text
    for (std::sregex_iterator match(program->source.begin(), program->source.end(), kernel), end; match != end; ++match)
    {
        kernels.emplace((*match)[1].str(), (*match)[2].str());
    }

    for (const auto& [name, parameters] : kernels)
    {
        // Weak, because a kernel may stand behind a condition that this module does not meet.
        text << "extern \"C\" __attribute__((weak)) void " << name << "(" << parameters << ");\n";
        text << "EMULATOR_ENTRY(" << name << ")\n";
    }

    // The same text is compiled once, whoever asks.
    std::ifstream header(std::string(EMULATOR_FOLDER) + "/emulator.h");
    std::string vocabulary((std::istreambuf_iterator<char>(header)), {});
    std::string folder = std::string(getenv("TMPDIR") != nullptr ? getenv("TMPDIR") : "/tmp");
    std::string stem = folder + "/embeddings-stub-" + std::to_string(getuid()) + "-" + std::to_string(std::hash<std::string>()(text.str() + vocabulary));
    program->image = stem + ".so";
    if (access(program->image.c_str(), R_OK) != 0)
    {
        std::string mine = stem + "." + std::to_string(getpid());
        std::ofstream(mine + ".cpp") << text.str();
        std::string command = std::string(COMPILER) + " -std=c++17 -O2 -shared -fPIC -fvisibility=hidden -ffp-contract=off -w -I \"" + EMULATOR_FOLDER
            + "\" -o " + mine + ".so " + mine + ".cpp 2> " + mine + ".log";
        int code = system(command.c_str());
        std::ifstream log(mine + ".log");
        program->log.assign(std::istreambuf_iterator<char>(log), {});
        unlink((mine + ".cpp").c_str());
        unlink((mine + ".log").c_str());
        NEED(code == 0, Compilation);
        rename((mine + ".so").c_str(), program->image.c_str());
    }

    return Success;
}

EXPORT int nvrtcGetCUBINSize(Program* program, size_t* size)
{
    ENTER("nvrtcGetCUBINSize");
    *size = program->image.size() + 1;
    return Success;
}

EXPORT int nvrtcGetCUBIN(Program* program, char* image)
{
    ENTER("nvrtcGetCUBIN");
    memcpy(image, program->image.c_str(), program->image.size() + 1);
    return Success;
}

EXPORT int nvrtcGetPTXSize(Program* program, size_t* size)
{
    ENTER("nvrtcGetPTXSize");
    *size = program->image.size() + 1;
    return Success;
}

EXPORT int nvrtcGetPTX(Program* program, char* image)
{
    ENTER("nvrtcGetPTX");
    memcpy(image, program->image.c_str(), program->image.size() + 1);
    return Success;
}

EXPORT int nvrtcGetProgramLogSize(Program* program, size_t* size)
{
    ENTER("nvrtcGetProgramLogSize");
    *size = program->log.size() + 1;
    return Success;
}

EXPORT int nvrtcGetProgramLog(Program* program, char* log)
{
    ENTER("nvrtcGetProgramLog");
    memcpy(log, program->log.c_str(), program->log.size() + 1);
    return Success;
}

EXPORT const char* nvrtcGetErrorString(int status)
{
    static const char* names[] = {"NVRTC_SUCCESS", "NVRTC_ERROR_OUT_OF_MEMORY", "NVRTC_ERROR_PROGRAM_CREATION_FAILURE", "NVRTC_ERROR_INVALID_INPUT",
        "NVRTC_ERROR_INVALID_PROGRAM", "NVRTC_ERROR_INVALID_OPTION", "NVRTC_ERROR_COMPILATION"};
    return status >= 0 && status <= 6 ? names[status] : "NVRTC_ERROR unknown";
}

// cublasLt, by columns: D[m, n] = epilogue(alpha · op(A) · op(B) + beta · C).
namespace
{
struct Layout
{
    int type;
    uint64_t rows, columns;
    int64_t leading;
};

struct Description
{
    int compute, scale, transposeA = 0, transposeB = 0, epilogue = 1, auxiliaryType = -1, biasType = -1;
    char* bias = nullptr;
    char* auxiliary = nullptr;
    int64_t auxiliaryLeading = 0;
};

struct Preference
{
    uint64_t workspace = 0;
    unsigned schemes = 7, alignments[4] = {256, 256, 256, 256};
};

struct Algorithm
{
    uint64_t data[8];
};

struct Heuristic
{
    Algorithm algorithm;
    size_t workspace;
    int state;
    float waves;
    int reserved[4];
};

const uint64_t Magic = 0x5752; // in every algorithm of this library
const int NotSupported = 15, BlasInvalid = 7;

float readElement(const char* address, int type, int64_t index)
{
    if (type == 0)
    {
        return ((const float*)address)[index];
    }

    uint32_t bits = (uint32_t)((const uint16_t*)address)[index] << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

void writeElement(char* address, int type, int64_t index, float value)
{
    if (type == 0)
    {
        ((float*)address)[index] = value;
        return;
    }

    uint32_t bits;
    memcpy(&bits, &value, 4);
    ((uint16_t*)address)[index] = std::isnan(value) ? 0x7fff : (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

bool extent(const char* address, const Layout& layout)
{
    size_t bytes = ((layout.columns - 1) * layout.leading + layout.rows) * (layout.type == 0 ? 4 : 2);
    return layout.leading >= (int64_t)layout.rows && onDevice((uintptr_t)address, bytes);
}

bool apart(const char* one, const char* other, const Layout& layout)
{
    size_t bytes = ((layout.columns - 1) * layout.leading + layout.rows) * (layout.type == 0 ? 4 : 2);
    return one + bytes <= other || other + bytes <= one;
}

float gelu(float x) { return 0.5f * x * (1 + tanhf(0.7978845608f * (x + 0.044715f * x * x * x))); }

float geluSlope(float x)
{
    float tanh = tanhf(0.7978845608f * (x + 0.044715f * x * x * x));
    return 0.5f * (1 + tanh) + 0.5f * x * (1 - tanh * tanh) * 0.7978845608f * (1 + 3 * 0.044715f * x * x);
}

// op(A) by columns, [rows, columns] without gaps.
std::vector<float> gather(const char* address, const Layout& layout, bool transposed)
{
    uint64_t rows = transposed ? layout.columns : layout.rows, columns = transposed ? layout.rows : layout.columns;
    std::vector<float> values(rows * columns);
    for (uint64_t j = 0; j < layout.columns; j++)
    {
        for (uint64_t i = 0; i < layout.rows; i++)
        {
            values[transposed ? i * rows + j : j * rows + i] = readElement(address, layout.type, j * layout.leading + i);
        }
    }

    return values;
}

int product(Description d, float alpha, const char* a, Layout la, const char* b, Layout lb, float beta, const char* addend, char* c, Layout lc)
{
    std::vector<float> left = gather(a, la, d.transposeA), right = gather(b, lb, d.transposeB);
    uint64_t m = lc.rows, n = lc.columns, k = d.transposeA ? la.rows : la.columns;
    std::vector<float> sums(m), biasSums(m);
    bool hasBias = d.epilogue == 4 || d.epilogue == 164, hasGelu = d.epilogue == 160 || d.epilogue == 164;
    bool hasSlope = d.epilogue == 192 || d.epilogue == 208;
    for (uint64_t j = 0; j < n; j++)
    {
        std::fill(sums.begin(), sums.end(), 0.0f);
        for (uint64_t p = 0; p < k; p++)
        {
            float factor = right[j * k + p];
            const float* column = &left[p * m];
            for (uint64_t i = 0; i < m; i++)
            {
                sums[i] += factor * column[i];
            }
        }

        for (uint64_t i = 0; i < m; i++)
        {
            float x = alpha * sums[i] + (beta != 0 ? beta * readElement(addend, lc.type, j * lc.leading + i) : 0.0f);
            x += hasBias ? readElement(d.bias, d.biasType, i) : 0.0f;
            if (hasGelu)
            {
                writeElement(d.auxiliary, d.auxiliaryType, j * d.auxiliaryLeading + i, x);
                x = gelu(x);
            }

            x *= hasSlope ? geluSlope(readElement(d.auxiliary, d.auxiliaryType, j * d.auxiliaryLeading + i)) : 1.0f;
            biasSums[i] += x;
            writeElement(c, lc.type, j * lc.leading + i, x);
        }

        if (d.epilogue == 512)
        {
            float sum = 0;
            for (uint64_t p = 0; p < k; p++)
            {
                sum += right[j * k + p];
            }

            writeElement(d.bias, d.biasType, j, sum);
        }
    }

    for (uint64_t i = 0; d.epilogue == 208 && i < m; i++)
    {
        writeElement(d.bias, d.biasType, i, biasSums[i]);
    }

    return Success;
}
} // namespace

EXPORT size_t cublasLtGetVersion()
{
    called("cublasLtGetVersion");
    return 120803;
}

EXPORT const char* cublasLtGetStatusName(int status)
{
    switch (status)
    {
    case 0: return "CUBLAS_STATUS_SUCCESS";
    case 1: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case 3: return "CUBLAS_STATUS_ALLOC_FAILED";
    case 7: return "CUBLAS_STATUS_INVALID_VALUE";
    case 13: return "CUBLAS_STATUS_EXECUTION_FAILED";
    case 14: return "CUBLAS_STATUS_INTERNAL_ERROR";
    case 15: return "CUBLAS_STATUS_NOT_SUPPORTED";
    default: return nullptr;
    }
}

EXPORT int cublasLtCreate(Handle* handle)
{
    ENTER("cublasLtCreate");
    NEED(g_context, 1);
    *handle = malloc(1);
    return Success;
}

EXPORT int cublasLtDestroy(Handle handle)
{
    ENTER("cublasLtDestroy");
    free(handle);
    return Success;
}

EXPORT int cublasLtMatmulDescCreate(Description** description, int compute, int scale)
{
    ENTER("cublasLtMatmulDescCreate");
    NEED(compute == 68 && scale == 0, NotSupported);
    *description = new Description{compute, scale};
    return Success;
}

EXPORT int cublasLtMatmulDescDestroy(Description* description)
{
    ENTER("cublasLtMatmulDescDestroy");
    delete description;
    return Success;
}

EXPORT int cublasLtMatmulDescSetAttribute(Description* d, int attribute, const void* value, size_t bytes)
{
    ENTER("cublasLtMatmulDescSetAttribute");
    switch (attribute)
    {
    case 3: NEED(bytes == 4, BlasInvalid); memcpy(&d->transposeA, value, 4); return Success;
    case 4: NEED(bytes == 4, BlasInvalid); memcpy(&d->transposeB, value, 4); return Success;
    case 7: NEED(bytes == 4, BlasInvalid); memcpy(&d->epilogue, value, 4); return Success;
    case 8: NEED(bytes == 8, BlasInvalid); memcpy(&d->bias, value, 8); return Success;
    case 11: NEED(bytes == 8, BlasInvalid); memcpy(&d->auxiliary, value, 8); return Success;
    case 12: NEED(bytes == 8, BlasInvalid); memcpy(&d->auxiliaryLeading, value, 8); return Success;
    case 22: NEED(bytes == 4, BlasInvalid); memcpy(&d->auxiliaryType, value, 4); return Success;
    case 26: NEED(bytes == 4, BlasInvalid); memcpy(&d->biasType, value, 4); return Success;
    default: return BlasInvalid;
    }
}

EXPORT int cublasLtMatrixLayoutCreate(Layout** layout, int type, uint64_t rows, uint64_t columns, int64_t leading)
{
    ENTER("cublasLtMatrixLayoutCreate");
    NEED((type == 0 || type == 14) && rows > 0 && columns > 0 && leading >= (int64_t)rows, BlasInvalid);
    *layout = new Layout{type, rows, columns, leading};
    return Success;
}

EXPORT int cublasLtMatrixLayoutDestroy(Layout* layout)
{
    ENTER("cublasLtMatrixLayoutDestroy");
    delete layout;
    return Success;
}

EXPORT int cublasLtMatmulPreferenceCreate(Preference** preference)
{
    ENTER("cublasLtMatmulPreferenceCreate");
    *preference = new Preference();
    return Success;
}

EXPORT int cublasLtMatmulPreferenceDestroy(Preference* preference)
{
    ENTER("cublasLtMatmulPreferenceDestroy");
    delete preference;
    return Success;
}

EXPORT int cublasLtMatmulPreferenceSetAttribute(Preference* preference, int attribute, const void* value, size_t bytes)
{
    ENTER("cublasLtMatmulPreferenceSetAttribute");
    switch (attribute)
    {
    case 1: NEED(bytes == 8, BlasInvalid); memcpy(&preference->workspace, value, 8); return Success;
    case 3: NEED(bytes == 4, BlasInvalid); memcpy(&preference->schemes, value, 4); return Success;
    case 5: case 6: case 7: case 8: NEED(bytes == 4, BlasInvalid); memcpy(&preference->alignments[attribute - 5], value, 4); return Success;
    default: return BlasInvalid;
    }
}

EXPORT int cublasLtMatmulAlgoGetHeuristic(Handle, Description* d, Layout*, Layout*, Layout*, Layout*, Preference* preference, int most,
    Heuristic* results, int* count)
{
    ENTER("cublasLtMatmulAlgoGetHeuristic");
    *count = 0;
    NEED((preference->schemes & 1) == 0, BlasInvalid); // sums in place have no fixed order
    NEED((d->epilogue & g_epilogues) == d->epilogue, NotSupported);
    NEED(d->auxiliaryLeading % 8 == 0, NotSupported);
    for (int i = 0; i < std::min(most, 4); i++)
    {
        Heuristic& result = results[(*count)++];
        memset(&result, 0, sizeof result);
        result.algorithm.data[0] = Magic;
        result.algorithm.data[1] = i;
        result.workspace = 1024;
        result.state = i == 3 ? NotSupported : Success;
        result.waves = 1;
    }

    return Success;
}

EXPORT int cublasLtMatmulAlgoCheck(Handle, Description* d, Layout*, Layout*, Layout*, Layout*, const Algorithm* algorithm, Heuristic* result)
{
    ENTER("cublasLtMatmulAlgoCheck");
    NEED(algorithm->data[0] == Magic && (d->epilogue & g_epilogues) == d->epilogue, NotSupported);
    memset(result, 0, sizeof *result);
    result->workspace = 1024;
    return Success;
}

EXPORT int cublasLtMatmul(Handle, Description* d, const float* alpha, const char* a, Layout* la, const char* b, Layout* lb, const float* beta,
    const char* c, Layout* lc, char* result, Layout* lr, const Algorithm* algorithm, void* workspace, size_t workspaceBytes, Handle stream)
{
    ENTER("cublasLtMatmul");
    NEED(lc == lr && algorithm != nullptr && algorithm->data[0] == Magic, BlasInvalid);
    NEED(workspaceBytes >= 1024 && onDevice((uintptr_t)workspace, workspaceBytes) && g_streams.count(stream) == 1, BlasInvalid);
    uint64_t m = d->transposeA ? la->columns : la->rows, k = d->transposeA ? la->rows : la->columns;
    uint64_t k2 = d->transposeB ? lb->columns : lb->rows, n = d->transposeB ? lb->rows : lb->columns;
    NEED(m == lc->rows && n == lc->columns && k == k2, BlasInvalid);
    NEED(extent(a, *la) && extent(b, *lb) && extent(c, *lc) && extent(result, *lr), 13);
    NEED(c == result || apart(c, result, *lc), BlasInvalid);
    NEED(d->epilogue == 1 || d->epilogue == 160 || d->epilogue == 192 || (d->bias != nullptr && d->biasType >= 0), BlasInvalid);
    int way = (int)algorithm->data[1];
    Description description = *d;
    Layout first = *la, second = *lb, third = *lc;
    float alphaValue = *alpha, betaValue = *beta;
    return perform([=] {
        g_wayRuns[way]++;
        g_clock += g_wayTimes[way];
        return product(description, alphaValue, a, first, b, second, betaValue, c, result, third);
    });
}

// cuBLAS, of which ManagedCuda wraps what follows.
EXPORT int cublasCreate_v2(Handle* handle)
{
    ENTER("cublasCreate_v2");
    NEED(g_context, 1);
    *handle = malloc(1);
    return Success;
}

EXPORT int cublasDestroy_v2(Handle handle)
{
    ENTER("cublasDestroy_v2");
    free(handle);
    return Success;
}

EXPORT int cublasSetStream_v2(Handle, Handle stream)
{
    ENTER("cublasSetStream_v2");
    return g_streams.count(stream) == 1 ? Success : BlasInvalid;
}

EXPORT int cublasSetWorkspace_v2(Handle, void* workspace, size_t bytes)
{
    ENTER("cublasSetWorkspace_v2");
    return onDevice((uintptr_t)workspace, bytes) ? Success : BlasInvalid;
}

EXPORT int cublasGetVersion_v2(Handle, int* version)
{
    ENTER("cublasGetVersion_v2");
    *version = 120803;
    return Success;
}

EXPORT int cublasGemmEx(Handle, int transposeA, int transposeB, int m, int n, int k, const float* alpha, const char* a, int typeA, int leadingA,
    const char* b, int typeB, int leadingB, const float* beta, char* c, int typeC, int leadingC, int compute, int algorithm)
{
    ENTER("cublasGemmEx");
    NEED(compute == 68 && algorithm == -1 && m > 0 && n > 0 && k > 0, BlasInvalid);
    Layout first = {typeA, (uint64_t)(transposeA ? k : m), (uint64_t)(transposeA ? m : k), leadingA};
    Layout second = {typeB, (uint64_t)(transposeB ? n : k), (uint64_t)(transposeB ? k : n), leadingB};
    Layout third = {typeC, (uint64_t)m, (uint64_t)n, leadingC};
    NEED(extent(a, first) && extent(b, second) && extent(c, third), 13);
    Description description = {compute, 0, transposeA, transposeB};
    float alphaValue = *alpha, betaValue = *beta;
    return perform([=] { return product(description, alphaValue, a, first, b, second, betaValue, c, c, third); });
}
