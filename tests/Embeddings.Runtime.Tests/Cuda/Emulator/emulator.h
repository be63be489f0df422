// The kernels' vocabulary on the processor, for tests: what prelude.cu writes as PTX stands here in C++, with the same names.
//
// A block runs on one thread of the host, one block after the other. Each of its threads is a fiber with a stack of its own, which runs
// until it waits: at a barrier for the block, at a shuffle, fragment load or matrix product for the other lanes of its warp. The order of
// blocks and of warps is drawn from a seed, for kernels whose results must not depend on it.
//
// Found and told, with the kernel's name, as the launch's failure: threads that wait for ever; lanes that left, or are at another
// operation, when their warp exchanges values; misaligned copies, fragments and vectors. Shown as wrong numbers: a missing wait or barrier
// after an asynchronous copy, since nothing is copied before the wait; shared memory that nobody wrote, since it starts as NaN. Built
// with the address sanitizer, every access outside an allocation or a shared array ends the program.
#pragma once

#include <sys/mman.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EMULATOR_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define EMULATOR_SANITIZED
#endif

#if defined(EMULATOR_SANITIZED)
#include <sanitizer/common_interface_defs.h>
#endif

#define ALIGNED(bytes) __attribute__((aligned(bytes)))
#define KERNEL(threads) extern "C" void
#define DEVICE static inline __attribute__((unused))
#define RESTRICT __restrict
#define UNROLL

// Shared arrays are set to NaN before each block, except under the sanitizer, which puts red zones only around plain variables.
#if defined(EMULATOR_SANITIZED)
#define SHARED static
#else
#define SHARED static __attribute__((section("emulator_shared")))
#endif
#define DYNAMIC_SHARED(type, name) type* name = (type*)emulator::g_block.dynamicShared

typedef unsigned short bfloat16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

namespace emulator
{
const int WarpLanes = 32;
const int MostThreads = 1024;
const size_t StackBytes = 256 << 10;

// One launch, as the tests' EmulatedDevice lays it out.
struct Launch
{
    int gridX, gridY, gridZ, blockX, sharedBytes, seed;
};

struct PendingCopy
{
    void* shared;
    const void* global;
    int group;
};

#if defined(__x86_64__)
typedef void* Context;
#else
typedef ucontext_t Context;
#endif

struct Lane
{
    Context context;
    int thread;
    bool done;
    const u32* waitsFor; // null while it can run
    u32 waitsWhile;      // it can run once *waitsFor differs from this
    const char* operation;
    void* fakeStack;
    int group;
    std::vector<PendingCopy> copies;
};

// What the lanes of a warp bring to an operation together. Two of each, used in turn, so that a lane may go on to the next
// operation while others still read what came out of this one.
struct Meeting
{
    u64 value[WarpLanes];
    u32 a[WarpLanes][4];
    u32 b[WarpLanes][2];
    float sums[WarpLanes][4];
};

struct Warp
{
    int live;
    int arrived;
    u32 generation;
    Meeting meetings[2];
};

struct Block
{
    int x, y, z, threads, live, arrived;
    u32 generation;
    int gridX, gridY, gridZ;
    unsigned char* dynamicShared;
    Context scheduler;
    const void* schedulerStack;
    size_t schedulerStackBytes;
    void (*body)(const void*);
    const void* bodyState;
};

static Block g_block;
static Lane g_lanes[MostThreads];
static Warp g_warps[MostThreads / WarpLanes];
static Lane* g_lane;
static unsigned char* g_stacks;
static char g_failure[256];

// Keeps the first failure of a launch.
static inline void fail(const char* what)
{
    if (g_failure[0] == 0)
    {
        snprintf(g_failure, sizeof g_failure, "%s (block %d, %d, %d, thread %d)", what, g_block.x, g_block.y, g_block.z,
            g_lane == nullptr ? -1 : g_lane->thread);
    }
}

static inline bool aligned(const void* pointer, size_t bytes) { return ((uintptr_t)pointer & (bytes - 1)) == 0; }

#if defined(__x86_64__)
// Saves the callee's registers on the present stack, its top in *save, and goes on with the stack whose top is `to`.
__attribute__((naked, noinline)) static void switchStacks(void** save, void* to)
{
    asm("pushq %rbp\n pushq %rbx\n pushq %r12\n pushq %r13\n pushq %r14\n pushq %r15\n"
        "movq %rsp, (%rdi)\n movq %rsi, %rsp\n"
        "popq %r15\n popq %r14\n popq %r13\n popq %r12\n popq %rbx\n popq %rbp\n ret");
}
static inline void switchTo(Context* save, Context* to) { switchStacks(save, *to); }
#else
static inline void switchTo(Context* save, Context* to) { swapcontext(save, to); }
#endif

static inline void toScheduler(Lane* lane, bool last)
{
#if defined(EMULATOR_SANITIZED)
    __sanitizer_start_switch_fiber(last ? nullptr : &lane->fakeStack, g_block.schedulerStack, g_block.schedulerStackBytes);
#else
    (void)last;
#endif
    switchTo(&lane->context, &g_block.scheduler);
#if defined(EMULATOR_SANITIZED)
    __sanitizer_finish_switch_fiber(lane->fakeStack, &g_block.schedulerStack, &g_block.schedulerStackBytes);
#endif
}

static inline void waitWhile(const u32* counter, u32 value, const char* operation)
{
    Lane* lane = g_lane;
    lane->waitsFor = counter;
    lane->waitsWhile = value;
    lane->operation = operation;
    toScheduler(lane, false);
    lane->waitsFor = nullptr;
}

// All lanes of the warp come to the same operation; the last does it for all. Returns what they brought and what came out.
template <class Last>
static inline Meeting& meet(const char* operation, Meeting& (*deposit)(Meeting&, const void*), const void* brought, Last last)
{
    Lane* lane = g_lane;
    Warp& warp = g_warps[lane->thread / WarpLanes];
    Meeting& meeting = deposit(warp.meetings[warp.generation & 1], brought);
    lane->operation = operation;
    if (warp.live != WarpLanes)
    {
        fail("a warp exchanges values after some of its lanes have left");
    }

    if (++warp.arrived < warp.live)
    {
        waitWhile(&warp.generation, warp.generation, operation);
        return meeting;
    }

    int first = lane->thread / WarpLanes * WarpLanes;
    for (int i = 0; i < WarpLanes; i++)
    {
        if (!g_lanes[first + i].done && strcmp(g_lanes[first + i].operation, operation) != 0)
        {
            fail("the lanes of a warp are at different operations");
        }
    }

    last(meeting);
    warp.arrived = 0;
    warp.generation++;
    return meeting;
}

static inline Meeting& depositValue(Meeting& meeting, const void* value)
{
    meeting.value[g_lane->thread % WarpLanes] = *(const u64*)value;
    return meeting;
}

// Brings a value of at most 8 bytes and returns those of all lanes.
static inline const u64* exchange(const char* operation, u64 value)
{
    return meet(operation, depositValue, &value, [](Meeting&) {}).value;
}

static inline u32 bitsOf(float value)
{
    u32 bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float floatOf(u32 bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline float flushed(float x) { return fabsf(x) < 1.17549435e-38f ? copysignf(0.0f, x) : x; }

static inline u32 shuffle(const char* operation, u32 value, int source)
{
    const u64* values = exchange(operation, value);
    return (u32)values[source & (WarpLanes - 1)];
}

static inline void loadFragments(u32* fragment, const void* row, int matrices, bool transposed)
{
    if (!aligned(row, 16))
    {
        fail("a row of a fragment is not aligned to 16 bytes");
    }

    const u64* rows = exchange(transposed ? "loadMatricesTransposed" : "loadMatrices", (u64)(uintptr_t)row);
    int lane = g_lane->thread % WarpLanes;
    for (int matrix = 0; matrix < matrices; matrix++)
    {
        bfloat16 pair[2];
        for (int i = 0; i < 2; i++)
        {
            int r = transposed ? lane % 4 * 2 + i : lane / 4;
            int c = transposed ? lane / 4 : lane % 4 * 2 + i;
            pair[i] = ((const bfloat16*)(uintptr_t)rows[matrix * 8 + r])[c];
        }

        fragment[matrix] = pair[0] | (u32)pair[1] << 16;
    }
}

struct Fragments
{
    const u32* a;
    const u32* b;
    const float* sums;
};

static inline Meeting& depositFragments(Meeting& meeting, const void* brought)
{
    const Fragments& fragments = *(const Fragments*)brought;
    int lane = g_lane->thread % WarpLanes;
    memcpy(meeting.a[lane], fragments.a, sizeof meeting.a[lane]);
    memcpy(meeting.b[lane], fragments.b, sizeof meeting.b[lane]);
    memcpy(meeting.sums[lane], fragments.sums, sizeof meeting.sums[lane]);
    return meeting;
}

static inline float half(u32 pair, int which) { return floatOf((pair >> 16 * which & 0xffff) << 16); }

// sums[16, 8] += a[16, 16] · b[16, 8], gathered from the fragments of all lanes and put back.
static inline void multiplyFragments(Meeting& meeting)
{
    float a[16][16], b[16][8];
    for (int lane = 0; lane < WarpLanes; lane++)
    {
        int g = lane / 4, t = lane % 4;
        for (int i = 0; i < 2; i++)
        {
            a[g][2 * t + i] = half(meeting.a[lane][0], i);
            a[g + 8][2 * t + i] = half(meeting.a[lane][1], i);
            a[g][2 * t + 8 + i] = half(meeting.a[lane][2], i);
            a[g + 8][2 * t + 8 + i] = half(meeting.a[lane][3], i);
            b[2 * t + i][g] = half(meeting.b[lane][0], i);
            b[2 * t + 8 + i][g] = half(meeting.b[lane][1], i);
        }
    }

    for (int lane = 0; lane < WarpLanes; lane++)
    {
        for (int i = 0; i < 4; i++)
        {
            int row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
            float sum = meeting.sums[lane][i];
            for (int k = 0; k < 16; k++)
            {
                sum += a[row][k] * b[k][column];
            }

            meeting.sums[lane][i] = sum;
        }
    }
}

// The outermost function of a fiber; never returns.
static inline void runLane()
{
#if defined(EMULATOR_SANITIZED)
    __sanitizer_finish_switch_fiber(nullptr, &g_block.schedulerStack, &g_block.schedulerStackBytes);
#endif
    g_block.body(g_block.bodyState);
    Lane* lane = g_lane;
    lane->done = true;
    Warp& warp = g_warps[lane->thread / WarpLanes];
    warp.live--;
    g_block.live--;
    if (warp.arrived > 0)
    {
        fail("a lane left while others of its warp wait for it");
    }

    if (g_block.live > 0 && g_block.arrived == g_block.live)
    {
        g_block.arrived = 0;
        g_block.generation++;
    }

    toScheduler(lane, true);
    abort();
}

static inline void prepareLane(int thread)
{
    Lane& lane = g_lanes[thread];
    lane.thread = thread;
    lane.done = false;
    lane.waitsFor = nullptr;
    lane.operation = "";
    lane.fakeStack = nullptr;
    lane.group = 0;
    lane.copies.clear();
    unsigned char* stack = g_stacks + thread * StackBytes;
#if defined(__x86_64__)
    void** top = (void**)(stack + StackBytes);
    *--top = nullptr;
    *--top = (void*)runLane;
    for (int i = 0; i < 6; i++)
    {
        *--top = nullptr;
    }

    lane.context = top;
#else
    getcontext(&lane.context);
    lane.context.uc_stack.ss_sp = stack;
    lane.context.uc_stack.ss_size = StackBytes;
    lane.context.uc_link = nullptr;
    makecontext(&lane.context, runLane, 0);
#endif
}

static inline void resume(int thread)
{
    g_lane = &g_lanes[thread];
#if defined(EMULATOR_SANITIZED)
    void* fakeStack = nullptr;
    __sanitizer_start_switch_fiber(&fakeStack, g_stacks + thread * StackBytes, StackBytes);
#endif
    switchTo(&g_block.scheduler, &g_lane->context);
#if defined(EMULATOR_SANITIZED)
    __sanitizer_finish_switch_fiber(fakeStack, nullptr, nullptr);
#endif
    g_lane = nullptr;
}

// Runs a block to its end. A warp goes on until all of its lanes wait for others, so that exchanges of values cost few switches.
static inline void runBlock(int firstWarp)
{
    int warps = g_block.threads / WarpLanes;
    g_block.live = g_block.threads;
    g_block.arrived = 0;
    g_block.generation = 0;
    for (int warp = 0; warp < warps; warp++)
    {
        g_warps[warp].live = WarpLanes;
        g_warps[warp].arrived = 0;
        g_warps[warp].generation = 0;
    }

    for (int thread = 0; thread < g_block.threads; thread++)
    {
        prepareLane(thread);
    }

    while (g_block.live > 0)
    {
        bool any = false;
        for (int i = 0; i < warps; i++)
        {
            int first = (i + firstWarp) % warps * WarpLanes;
            bool ran = true;
            while (ran)
            {
                ran = false;
                for (int thread = first; thread < first + WarpLanes; thread++)
                {
                    Lane& lane = g_lanes[thread];
                    if (!lane.done && (lane.waitsFor == nullptr || *lane.waitsFor != lane.waitsWhile))
                    {
                        resume(thread);
                        ran = any = true;
                    }
                }
            }
        }

        if (!any)
        {
            fail("some threads of a block wait for others for ever");
            return;
        }
    }
}

#if !defined(EMULATOR_SANITIZED)
static unsigned char s_placeholder __attribute__((section("emulator_shared"), used));
extern "C" __attribute__((visibility("hidden"))) unsigned char __start_emulator_shared[], __stop_emulator_shared[];
#endif

static inline void forgetShared(int dynamicBytes)
{
    const int NaNs = 0xff;
#if !defined(EMULATOR_SANITIZED)
    memset(__start_emulator_shared, NaNs, __stop_emulator_shared - __start_emulator_shared);
#endif
    if (dynamicBytes > 0)
    {
        memset(g_block.dynamicShared, NaNs, dynamicBytes);
    }
}

// Runs every block. Returns null, or what went wrong.
template <class Body>
static inline const char* run(const Launch& launch, const Body& body)
{
    g_failure[0] = 0;
    if (g_stacks == nullptr)
    {
        g_stacks = (unsigned char*)mmap(
            nullptr, MostThreads * StackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    }

    if (launch.blockX % WarpLanes != 0)
    {
        return "a block is not a whole number of warps";
    }

    g_block.threads = launch.blockX;
    g_block.gridX = launch.gridX;
    g_block.gridY = launch.gridY;
    g_block.gridZ = launch.gridZ;
    g_block.body = [](const void* state) { (*(const Body*)state)(); };
    g_block.bodyState = &body;
    const size_t SharedAlignment = 128;
    size_t room = ((size_t)launch.sharedBytes + SharedAlignment - 1) / SharedAlignment * SharedAlignment;
    g_block.dynamicShared = room == 0 ? nullptr : (unsigned char*)aligned_alloc(SharedAlignment, room);

    int total = launch.gridX * launch.gridY * launch.gridZ;
    std::vector<int> order(total);
    for (int i = 0; i < total; i++)
    {
        order[i] = i;
    }

    u64 random = (u64)launch.seed * 2862933555777941757ull + 3037000493ull;
    int warps = launch.blockX / WarpLanes;
    for (int i = total - 1; launch.seed != 0 && i > 0; i--)
    {
        random = random * 6364136223846793005ull + 1442695040888963407ull;
        std::swap(order[i], order[(random >> 33) % (i + 1)]);
    }

    for (int i = 0; i < total && g_failure[0] == 0; i++)
    {
        g_block.x = order[i] % launch.gridX;
        g_block.y = order[i] / launch.gridX % launch.gridY;
        g_block.z = order[i] / launch.gridX / launch.gridY;
        forgetShared(launch.sharedBytes);
        random = random * 6364136223846793005ull + 1442695040888963407ull;
        runBlock(launch.seed == 0 ? 0 : (int)((random >> 33) % warps));
    }

    free(g_block.dynamicShared);
    return g_failure[0] == 0 ? nullptr : g_failure;
}

template <class... Parameters, size_t... Index>
static inline void call(void (*kernel)(Parameters...), void** arguments, std::index_sequence<Index...>)
{
    kernel(*(std::remove_reference_t<Parameters>*)arguments[Index]...);
}

template <class... Parameters>
static inline const char* launch(void (*kernel)(Parameters...), const Launch& shape, void** arguments)
{
    return run(shape, [=] { call(kernel, arguments, std::make_index_sequence<sizeof...(Parameters)>()); });
}

// Bytes of each parameter; returns their number.
template <class... Parameters>
static inline int sizes(void (*)(Parameters...), int* bytes)
{
    int all[] = {0, (int)sizeof(Parameters)...};
    memcpy(bytes, all + 1, sizeof...(Parameters) * sizeof(int));
    return sizeof...(Parameters);
}
} // namespace emulator

// What a module exports for each of its kernels.
#define EMULATOR_ENTRY(name)                                                                                                     \
    extern "C" __attribute__((visibility("default"))) const char* emulator_launch_##name(const emulator::Launch* shape, void** arguments) \
    {                                                                                                                            \
        return emulator::launch(name, *shape, arguments);                                                                        \
    }                                                                                                                            \
    extern "C" __attribute__((visibility("default"))) int emulator_sizes_##name(int* bytes) { return emulator::sizes(name, bytes); }

DEVICE int threadX() { return emulator::g_lane->thread; }
DEVICE int blockX() { return emulator::g_block.x; }
DEVICE int blockY() { return emulator::g_block.y; }
DEVICE int blockZ() { return emulator::g_block.z; }
DEVICE int gridX() { return emulator::g_block.gridX; }
DEVICE int gridY() { return emulator::g_block.gridY; }
DEVICE int blockThreads() { return emulator::g_block.threads; }

DEVICE void blockBarrier()
{
    emulator::Block& block = emulator::g_block;
    if (++block.arrived == block.live)
    {
        block.arrived = 0;
        block.generation++;
        return;
    }

    emulator::waitWhile(&block.generation, block.generation, "blockBarrier");
}

DEVICE float shuffleXor(float value, int mask)
{
    return emulator::floatOf(emulator::shuffle("shuffleXor", emulator::bitsOf(value), (emulator::g_lane->thread % emulator::WarpLanes) ^ mask));
}

DEVICE float widen(bfloat16 value) { return emulator::floatOf((u32)value << 16); }

DEVICE bfloat16 narrow(float value)
{
    u32 bits = emulator::bitsOf(value);
    bool number = (bits & 0x7fffffff) <= 0x7f800000;
    return number ? (bfloat16)((bits + 0x7fff + (bits >> 16 & 1)) >> 16) : (bfloat16)0x7fff;
}

DEVICE u32 narrowPair(float first, float second) { return narrow(first) | (u32)narrow(second) << 16; }

DEVICE float powerOfTwo(float x) { return emulator::flushed(exp2f(emulator::flushed(x))); }
DEVICE float logarithmOfTwo(float x) { return log2f(emulator::flushed(x)); }
DEVICE float reciprocalSquareRoot(float x) { return 1.0f / sqrtf(emulator::flushed(x)); }
DEVICE float squareRoot(float x) { return sqrtf(x); }

// With the 11 bits of the device's instruction, so that tolerances are honest.
DEVICE float coarseHyperbolicTangent(float x)
{
    return emulator::floatOf((emulator::bitsOf(tanhf(x)) + 0x800) & 0xfffff000);
}

DEVICE void copyAsync16(void* shared, const void* global, bool inside)
{
    if (!emulator::aligned(shared, 16) || (inside && !emulator::aligned(global, 16)))
    {
        emulator::fail("an asynchronous copy is not aligned to 16 bytes");
    }

    emulator::g_lane->copies.push_back({shared, inside ? global : nullptr, emulator::g_lane->group});
}

DEVICE void copyCommit() { emulator::g_lane->group++; }

template <int Pending>
DEVICE void copyWait()
{
    emulator::Lane& lane = *emulator::g_lane;
    size_t kept = 0;
    for (const emulator::PendingCopy& copy : lane.copies)
    {
        if (copy.group >= lane.group - Pending)
        {
            lane.copies[kept++] = copy;
        }
        else if (copy.global == nullptr)
        {
            memset(copy.shared, 0, 16);
        }
        else
        {
            memcpy(copy.shared, copy.global, 16);
        }
    }

    lane.copies.resize(kept);
}

DEVICE void loadMatrices(u32* fragment, const void* tile, int bytes = 0)
{
    emulator::loadFragments(fragment, (const char*)tile + bytes, 4, false);
}

DEVICE void loadMatricesTransposed(u32* fragment, const void* tile, int bytes = 0)
{
    emulator::loadFragments(fragment, (const char*)tile + bytes, 4, true);
}

DEVICE void multiplyMatrices(float* sums, const u32* a, const u32* b)
{
    emulator::Fragments fragments = {a, b, sums};
    emulator::Meeting& meeting =
        emulator::meet("multiplyMatrices", emulator::depositFragments, &fragments, emulator::multiplyFragments);
    memcpy(sums, meeting.sums[emulator::g_lane->thread % emulator::WarpLanes], 4 * sizeof(float));
}
