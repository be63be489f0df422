using System.Globalization;

namespace Embeddings.Cuda;

/// <summary>
/// How the attention kernels of a head width cut their work, as <c>attention.cu</c> and the files after it do: with tensor cores where
/// elements are bf16 and the width is a multiple of 8 up to 128, else in float.
/// </summary>
/// <param name="headWidth">D.</param>
internal readonly struct AttentionTiling(int headWidth)
{
    private const int WidestTensorHead = 128;
    private const int KeysInOnePass = 128;
    private const int OwnRows = 64;

    /// <summary>The amounts of shared memory, for the kernels' text, which refuses others.</summary>
    public string Defines => string.Create(
        CultureInfo.InvariantCulture,
        $"#define BACKWARD_SHARED_BYTES {BackwardBytes}\n#define GRADIENT_SHARED_BYTES {OnePassBytes}\n");

    /// <summary>Dynamic shared memory of the kernels that do the gradients of queries, or of keys and values; with tensor cores.</summary>
    public int BackwardBytes => Bf16(2 * OwnRows * Pitch) + PassingBytes;

    /// <summary>Dynamic shared memory of the kernel that does all gradients in one pass.</summary>
    public int OnePassBytes => Bf16(2 * KeysInOnePass * Pitch) + PassingBytes + Bf16(KeysInOnePass * (Passing + Padding));

    private const int Padding = 8;

    /// <summary>Elements from a row of a tile to the next: whole fragments, and 16 bytes more.</summary>
    private int Pitch => (headWidth + 15) / 16 * 16 + Padding;

    /// <summary>Rows of a tile that passes by.</summary>
    private int Passing => headWidth <= 96 ? 64 : 32;

    /// <summary>Two tiles of two kinds of rows, and two statistics of each row.</summary>
    private int PassingBytes => 2 * (Bf16(2 * Passing * Pitch) + 2 * sizeof(float) * Passing);

    /// <summary>Whether tensor cores multiply.</summary>
    public bool HasTensorCores(CudaElement element) => element == CudaElement.BFloat16 && headWidth % 8 == 0 && headWidth <= WidestTensorHead;

    /// <summary>Queries of a block of the forward.</summary>
    public int ForwardRows(CudaElement element) => HasTensorCores(element) ? 128 : 64;

    /// <summary>Threads of a block of the forward.</summary>
    public int ForwardThreads(CudaElement element) => HasTensorCores(element) && headWidth > 64 ? 256 : 128;

    /// <summary>
    /// Whether all gradients are done in one pass, which computes scores once but has no more blocks than key-value heads of sequences: where
    /// these are as many as the device has multiprocessors.
    /// </summary>
    public bool InOnePass(CudaElement element, CudaDeviceInfo device, int batch, int keyValueHeads) =>
        HasTensorCores(element) && (long)batch * keyValueHeads >= device.Multiprocessors && OnePassBytes <= device.SharedBytesPerBlock;

    private static int Bf16(int elements) => sizeof(ushort) * elements;
}
