using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace Embeddings.Checkpoints;

/// <summary>
/// The header of a safetensors file: a JSON object that maps each tensor's name to its type, shape and place, and <c>__metadata__</c> to
/// texts. It is preceded by its length in 8 bytes, little-endian; the tensors follow it without gaps.
/// </summary>
/// <param name="Metadata">Texts by name.</param>
/// <param name="Tensors">Tensors in the order of their places.</param>
internal sealed record SafeTensorsHeader(IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<TensorInfo> Tensors)
{
    /// <summary>Bytes of the length before the header.</summary>
    public const int LengthSize = 8;

    /// <summary>The limit that every reader of the format sets.</summary>
    public const long LongestHeader = 100_000_000;

    private const string MetadataName = "__metadata__";
    private const int Alignment = 64;

    /// <summary>The header as it stands in a file, its length before it, padded with spaces so that tensors begin at a multiple of 64.</summary>
    public byte[] ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject(MetadataName);
            foreach ((string name, string value) in Metadata)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            foreach (TensorInfo tensor in Tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.Element.ToString());
                json.WriteStartArray("shape");
                foreach (long dimension in tensor.Shape)
                {
                    json.WriteNumberValue(dimension);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(tensor.Begin);
                json.WriteNumberValue(tensor.End);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        int end = LengthSize + buffer.WrittenCount;
        int padded = (end + Alignment - 1) / Alignment * Alignment;
        var bytes = new byte[padded];
        BitConverter.TryWriteBytes(bytes, (long)(padded - LengthSize));
        buffer.WrittenSpan.CopyTo(bytes.AsSpan(LengthSize));
        bytes.AsSpan(end).Fill((byte)' ');
        return bytes;
    }

    /// <summary>Reads and checks a header.</summary>
    /// <param name="json">The bytes between length and tensors.</param>
    /// <param name="dataLength">Bytes of the file behind the header.</param>
    /// <exception cref="InvalidDataException">What is wrong with it, as part of a sentence.</exception>
    public static SafeTensorsHeader Parse(ReadOnlyMemory<byte> json, long dataLength)
    {
        if (json.IsEmpty || json.Span[0] != (byte)'{')
        {
            throw new InvalidDataException("its header is not a JSON object");
        }

        var metadata = new Dictionary<string, string>();
        var tensors = new List<TensorInfo>();
        var names = new HashSet<string>();
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (!names.Add(property.Name))
                {
                    throw new InvalidDataException($"its header lists '{Shorten(property.Name)}' twice");
                }

                if (property.Name == MetadataName)
                {
                    foreach (JsonProperty entry in property.Value.EnumerateObject())
                    {
                        metadata[entry.Name] = entry.Value.GetString() ?? throw new InvalidDataException("a text of its metadata is null");
                    }
                }
                else
                {
                    tensors.Add(ParseTensor(property));
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new InvalidDataException("its header is not well-formed", error);
        }

        tensors.Sort((a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
        CheckPlaces(tensors, dataLength);
        return new SafeTensorsHeader(metadata, tensors);
    }

    private static TensorInfo ParseTensor(JsonProperty property)
    {
        string name = Shorten(property.Name);
        string type = property.Value.GetProperty("dtype").GetString() ?? "";
        if (!Enum.TryParse(type, out TensorElement element) || element.ToString() != type)
        {
            throw new InvalidDataException($"tensor '{name}' has the unknown element type '{Shorten(type)}'");
        }

        ImmutableArray<long> shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(dimension => dimension.GetInt64())];
        JsonElement offsets = property.Value.GetProperty("data_offsets");
        if (offsets.GetArrayLength() != 2)
        {
            throw new InvalidDataException($"tensor '{name}' does not have two offsets");
        }

        long begin = offsets[0].GetInt64();
        long end = offsets[1].GetInt64();
        UInt128 size = (UInt128)element.Size();
        foreach (long dimension in shape)
        {
            size = dimension < 0 || size > long.MaxValue
                ? throw new InvalidDataException($"tensor '{name}' has an impossible shape")
                : size * (UInt128)dimension;
        }

        if (begin < 0 || end < begin || size != (UInt128)(end - begin))
        {
            throw new InvalidDataException($"the shape of tensor '{name}' does not fit its offsets");
        }

        return new TensorInfo(property.Name, element, shape, begin, end);
    }

    private static void CheckPlaces(List<TensorInfo> tensors, long dataLength)
    {
        long end = 0;
        foreach (TensorInfo tensor in tensors)
        {
            if (tensor.Begin != end)
            {
                string fault = tensor.Begin < end ? "overlaps another" : "leaves a gap before it";
                throw new InvalidDataException($"tensor '{Shorten(tensor.Name)}' {fault}");
            }

            end = tensor.End;
        }

        if (end != dataLength)
        {
            throw new InvalidDataException(
                end > dataLength ? $"it is cut off: {end - dataLength} bytes are missing at its end" : $"{dataLength - end} bytes too many follow its tensors");
        }
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..77] + "...";
}
