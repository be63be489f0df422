using Embeddings.Cuda;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>What a kernel finds of the bytes of tokens, against their definition; tokens shorter than what is read, as long and longer.</summary>
public sealed unsafe class TokenBytesKernelTests
{
    private const int Places = 3;
    private const int Rows = 300;

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public void Bytes_their_presence_and_their_shares_are_those_of_each_token(int seed)
    {
        const int HeadWidth = 16;
        using ICudaDevice device = TestDevice.OrSkip(seed);
        byte[][] vocabulary = [.. Enumerable.Range(0, 50).Select(id => Enumerable.Range(0, 1 + id % 5).Select(place => (byte)(id * 7 + place * 90)).ToArray())];
        using var spelling = new DeviceSpelling(device, Spelling.Of(EmbeddingKind.Recurrent, 1, vocabulary)!);
        var library = new KernelLibrary(device, device.LoadModule(KernelLibrary.Text(HeadWidth), "bytes.cu", []), CudaElement.Single, HeadWidth);
        int[] tokens = [.. Enumerable.Range(0, Rows).Select(row => row * 13 % 50)];
        nint ids = device.Allocate(sizeof(int) * Rows, "tokens"), bytes = device.Allocate(sizeof(int) * Rows * (Places + 2), "bytes");
        nint exists = device.Allocate(sizeof(float) * Rows * Places, "presence"), shares = device.Allocate(sizeof(float) * Rows * Places, "shares");
        fixed (int* pointer = tokens)
        {
            device.Upload(ids, pointer, sizeof(int) * Rows);
        }

        library.TokenBytes(Rows, Places, ids, spelling, bytes, exists, shares);
        int[] found = Get<int>(device, bytes, Rows * (Places + 2));
        float[] presence = Get<float>(device, exists, Rows * Places), share = Get<float>(device, shares, Rows * Places);
        for (int row = 0; row < Rows; row++)
        {
            byte[] read = [.. vocabulary[tokens[row]].Take(Places)];
            Assert.Equal([256, .. read.Select(value => (int)value), .. Enumerable.Repeat(256, Places + 1 - read.Length)], Of(found, Places + 2, row));
            Assert.Equal(Enumerable.Range(0, Places).Select(place => place < read.Length ? 1f : 0f), Of(presence, Places, row));
            Assert.Equal(Enumerable.Range(0, Places).Select(place => place < read.Length ? 1 / MathF.Sqrt(read.Length) : 0), Of(share, Places, row));
        }

        var expected = new int[Rows];
        for (int place = -1; place <= Places; place++)
        {
            spelling.Host.BytesAt(place, Places, tokens, expected);
            Assert.Equal(expected, found[((place + 1) * Rows)..((place + 2) * Rows)]);
        }
    }

    /// <summary>The values of a row at each place.</summary>
    private static IEnumerable<T> Of<T>(T[] values, int places, int row) => Enumerable.Range(0, places).Select(place => values[place * Rows + row]);

    private static T[] Get<T>(ICudaDevice device, nint memory, int count)
        where T : unmanaged
    {
        var values = new T[count];
        fixed (T* pointer = values)
        {
            device.Download(pointer, memory, (long)count * sizeof(T));
        }

        return values;
    }
}
