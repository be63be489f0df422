// The vocabulary of every generated kernel: launch coordinates, bf16, shuffles, asynchronous copies and matrix fragments.
//
// Three compilers read this text. NVRTC (and nvcc) know CUDA's keywords and variables; clang reads it as CUDA without the toolkit's
// headers; the CPU emulator of the tests defines the same names in "emulator.h", where threads are fibers. Nothing else is included, and
// all inline PTX of the project stands here, so that one file needs an assembler's approval. Needs compute capability 8.0.
//
// A kernel is written KERNEL(threads) name(arguments) { ... }, has C linkage, a block of `threads` threads in one dimension, and no
// templates in its signature. Every lane of a warp reaches every shuffle, fragment load and matrix product.

#if defined(EMBEDDINGS_EMULATOR)
#include "emulator.h"
#else

#if !defined(__CUDACC__) && !defined(__CUDACC_RTC__)
#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#define __forceinline__ __inline__ __attribute__((always_inline))
#endif

#if defined(__clang__)
#define ALIGNED(bytes) __attribute__((aligned(bytes)))
#else
#define ALIGNED(bytes) __align__(bytes)
#endif

#define KERNEL(threads) extern "C" __global__ void __launch_bounds__(threads)
#define DEVICE static __device__ __forceinline__
#define SHARED __shared__
#define DYNAMIC_SHARED(type, name) extern __shared__ ALIGNED(16) unsigned char dynamicShared[]; type* name = (type*)dynamicShared
#define RESTRICT __restrict__
#define UNROLL _Pragma("unroll")

typedef unsigned short bfloat16; // the upper half of a float; storage only, arithmetic is in float
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

// Launch coordinates.
#if defined(__clang__)
DEVICE int threadX() { return __nvvm_read_ptx_sreg_tid_x(); }
DEVICE int blockX() { return __nvvm_read_ptx_sreg_ctaid_x(); }
DEVICE int blockY() { return __nvvm_read_ptx_sreg_ctaid_y(); }
DEVICE int blockZ() { return __nvvm_read_ptx_sreg_ctaid_z(); }
DEVICE int gridX() { return __nvvm_read_ptx_sreg_nctaid_x(); }
DEVICE int gridY() { return __nvvm_read_ptx_sreg_nctaid_y(); }
DEVICE int blockThreads() { return __nvvm_read_ptx_sreg_ntid_x(); }
#else
DEVICE int threadX() { return threadIdx.x; }
DEVICE int blockX() { return blockIdx.x; }
DEVICE int blockY() { return blockIdx.y; }
DEVICE int blockZ() { return blockIdx.z; }
DEVICE int gridX() { return gridDim.x; }
DEVICE int gridY() { return gridDim.y; }
DEVICE int blockThreads() { return blockDim.x; }
#endif

// Waits for every thread of the block, and makes their writes visible.
DEVICE void blockBarrier() { __syncthreads(); }

// The value of the lane whose number differs by the bits of mask.
DEVICE float shuffleXor(float value, int mask)
{
    float result;
    asm volatile("shfl.sync.bfly.b32 %0, %1, %2, 31, 0xffffffff;" : "=f"(result) : "f"(value), "r"(mask));
    return result;
}

// bf16: widening is exact, narrowing rounds to nearest even.
DEVICE float widen(bfloat16 value)
{
    float result;
    asm("{ .reg .b16 zero; mov.b16 zero, 0; mov.b32 %0, {zero, %1}; }" : "=f"(result) : "h"(value));
    return result;
}

DEVICE bfloat16 narrow(float value)
{
    bfloat16 result;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(result) : "f"(value));
    return result;
}

// Two bf16 in one register, the first in the lower half.
DEVICE u32 narrowPair(float first, float second)
{
    u32 result;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(result) : "f"(second), "f"(first));
    return result;
}

// Functions of one number: 2^x and log2 x to 2^-22, 1/sqrt x to 2^-22, sqrt x exactly rounded, tanh x to 2^-11.
DEVICE float powerOfTwo(float x)
{
    float result;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
    return result;
}

DEVICE float logarithmOfTwo(float x)
{
    float result;
    asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
    return result;
}

DEVICE float reciprocalSquareRoot(float x)
{
    float result;
    asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
    return result;
}

DEVICE float squareRoot(float x)
{
    float result;
    asm("sqrt.rn.f32 %0, %1;" : "=f"(result) : "f"(x));
    return result;
}

DEVICE float coarseHyperbolicTangent(float x)
{
    float result;
    asm("tanh.approx.f32 %0, %1;" : "=f"(result) : "f"(x));
    return result;
}

DEVICE u32 sharedAddress(const void* pointer)
{
    u64 address;
    asm("cvta.to.shared.u64 %0, %1;" : "=l"(address) : "l"(pointer));
    return (u32)address;
}

// Starts a copy of 16 bytes from global to shared memory, both aligned to 16; zeros where `inside` is false (nothing is read then).
// It is there after copyCommit, a copyWait that covers its group, and a barrier.
DEVICE void copyAsync16(void* shared, const void* global, bool inside)
{
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
        :: "r"(sharedAddress(shared)), "l"(global), "r"(inside ? 16 : 0) : "memory");
}

DEVICE void copyCommit() { asm volatile("cp.async.commit_group;" ::: "memory"); }

// Waits until at most `Pending` of this thread's groups are under way.
template <int Pending>
DEVICE void copyWait() { asm volatile("cp.async.wait_group %0;" :: "n"(Pending) : "memory"); }

// Four 8 x 8 matrices of bf16 from shared memory. Lane l gives the address of row l % 8 of matrix l / 8, as a tile and bytes from its start
// (so that many addresses need one register), and receives of matrix i the elements (l / 4, 2 (l % 4)) and the next, in fragment[i];
// transposed: the elements (2 (l % 4), l / 4) and the one below.
DEVICE void loadMatrices(u32* fragment, const void* tile, int bytes = 0)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
        : "=r"(fragment[0]), "=r"(fragment[1]), "=r"(fragment[2]), "=r"(fragment[3]) : "r"(sharedAddress(tile) + bytes) : "memory");
}

DEVICE void loadMatricesTransposed(u32* fragment, const void* tile, int bytes = 0)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
        : "=r"(fragment[0]), "=r"(fragment[1]), "=r"(fragment[2]), "=r"(fragment[3]) : "r"(sharedAddress(tile) + bytes) : "memory");
}

// sums[16, 8] += a[16, 16] · b[16, 8] over a warp, bf16 with sums in float. With g = lane / 4 and t = lane % 4:
// a: (g, 2t…), (g + 8, 2t…), (g, 2t + 8…), (g + 8, 2t + 8…), pairs along the row; b: (2t…, g), (2t + 8…, g), pairs along the column;
// sums: (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1).
DEVICE void multiplyMatrices(float* sums, const u32* a, const u32* b)
{
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

#endif // of the primitives; what follows is built on them and the same for every compiler

// Activations and the weights that products read are `element`: bf16 when EMBEDDINGS_BF16 is defined, else float. Row statistics, losses,
// gradients of parameters, master weights and moments are float in both.
#if defined(EMBEDDINGS_BF16)
typedef bfloat16 element;
#else
typedef float element;
#endif

DEVICE int lane() { return threadX() & 31; }
DEVICE int warp() { return threadX() >> 5; }

// Sum and largest over a warp; every lane receives the same bits.
DEVICE float warpSum(float value)
{
    UNROLL
    for (int mask = 16; mask > 0; mask >>= 1)
    {
        value += shuffleXor(value, mask);
    }

    return value;
}

// Sum over a block of eight warps, over lanes and then over warps in order, for its first thread; once in a kernel.
DEVICE float blockSum(float value)
{
    SHARED float meeting[8];
    value = warpSum(value);
    if (lane() == 0)
    {
        meeting[warp()] = value;
    }

    blockBarrier();
    float sum = 0;
    if (threadX() == 0)
    {
        for (int i = 0; i < 8; i++)
        {
            sum += meeting[i];
        }
    }

    return sum;
}

DEVICE float larger(float a, float b) { return a > b ? a : b; }

DEVICE float warpLargest(float value)
{
    UNROLL
    for (int mask = 16; mask > 0; mask >>= 1)
    {
        value = larger(value, shuffleXor(value, mask));
    }

    return value;
}

// Four neighbouring columns of a row. Row kernels compute on Four where a row's width and addresses are multiples of four elements, and
// on float elsewhere, in the same words.
struct Four
{
    float x, y, z, w;
};

DEVICE Four four(float x, float y, float z, float w)
{
    Four result = {x, y, z, w};
    return result;
}

// One value of the row, in each of the four columns.
DEVICE Four spread(float x) { return four(x, x, x, x); }

struct ALIGNED(16) FourFloats
{
    float x, y, z, w;
};

struct ALIGNED(8) FourBfloat16
{
    bfloat16 x, y, z, w;
};

// Reads and writes one element, or four of them in one access, aligned to four.
DEVICE float load1(const float* from) { return *from; }
DEVICE float load1(const bfloat16* from) { return widen(*from); }
DEVICE void store(float* to, float value) { *to = value; }
DEVICE void store(bfloat16* to, float value) { *to = narrow(value); }

DEVICE Four load4(const float* from)
{
    FourFloats v = *(const FourFloats*)from;
    return four(v.x, v.y, v.z, v.w);
}

DEVICE Four load4(const bfloat16* from)
{
    FourBfloat16 v = *(const FourBfloat16*)from;
    return four(widen(v.x), widen(v.y), widen(v.z), widen(v.w));
}

DEVICE void store(float* to, Four value)
{
    FourFloats v = {value.x, value.y, value.z, value.w};
    *(FourFloats*)to = v;
}

DEVICE void store(bfloat16* to, Four value)
{
    FourBfloat16 v = {narrow(value.x), narrow(value.y), narrow(value.z), narrow(value.w)};
    *(FourBfloat16*)to = v;
}

DEVICE Four operator+(Four a, Four b) { return four(a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w); }
DEVICE Four operator-(Four a, Four b) { return four(a.x - b.x, a.y - b.y, a.z - b.z, a.w - b.w); }
DEVICE Four operator*(Four a, Four b) { return four(a.x * b.x, a.y * b.y, a.z * b.z, a.w * b.w); }
DEVICE Four operator+(Four a, float b) { return four(a.x + b, a.y + b, a.z + b, a.w + b); }
DEVICE Four operator-(Four a, float b) { return four(a.x - b, a.y - b, a.z - b, a.w - b); }
DEVICE Four operator*(Four a, float b) { return four(a.x * b, a.y * b, a.z * b, a.w * b); }
DEVICE Four operator+(float a, Four b) { return b + a; }
DEVICE Four operator-(float a, Four b) { return four(a - b.x, a - b.y, a - b.z, a - b.w); }
DEVICE Four operator*(float a, Four b) { return b * a; }
DEVICE Four operator-(Four a) { return four(-a.x, -a.y, -a.z, -a.w); }

// Element-wise functions. tanh by its formula is good to 2^-22, which float needs and activations in bf16 do not.
#define LOG2_E 1.44269504f
#define LN_2 0.693147181f
DEVICE float exponential(float x) { return powerOfTwo(x * LOG2_E); }
DEVICE float logarithm(float x) { return logarithmOfTwo(x) * LN_2; }
DEVICE float logistic(float x) { return 1.0f / (1.0f + exponential(-x)); }
DEVICE float rectified(float x) { return x > 0.0f ? x : 0.0f; }
DEVICE float unitStep(float x) { return x > 0.0f ? 1.0f : 0.0f; }

DEVICE float fineHyperbolicTangent(float x) { return 1.0f - 2.0f / (1.0f + exponential(2.0f * x)); }

DEVICE float hyperbolicTangent(float x)
{
#if defined(EMBEDDINGS_BF16)
    return coarseHyperbolicTangent(x);
#else
    return fineHyperbolicTangent(x);
#endif
}

DEVICE Four exponential(Four x) { return four(exponential(x.x), exponential(x.y), exponential(x.z), exponential(x.w)); }
DEVICE Four logarithm(Four x) { return four(logarithm(x.x), logarithm(x.y), logarithm(x.z), logarithm(x.w)); }
DEVICE Four logistic(Four x) { return four(logistic(x.x), logistic(x.y), logistic(x.z), logistic(x.w)); }
DEVICE Four rectified(Four x) { return four(rectified(x.x), rectified(x.y), rectified(x.z), rectified(x.w)); }
DEVICE Four unitStep(Four x) { return four(unitStep(x.x), unitStep(x.y), unitStep(x.z), unitStep(x.w)); }

DEVICE Four hyperbolicTangent(Four x)
{
    return four(hyperbolicTangent(x.x), hyperbolicTangent(x.y), hyperbolicTangent(x.z), hyperbolicTangent(x.w));
}

DEVICE Four reciprocalSquareRoot(Four x)
{
    return four(reciprocalSquareRoot(x.x), reciprocalSquareRoot(x.y), reciprocalSquareRoot(x.z), reciprocalSquareRoot(x.w));
}

// The sum of a lane's columns, in a fixed order.
DEVICE float across(float x) { return x; }
DEVICE float across(Four x) { return (x.x + x.y) + (x.z + x.w); }
