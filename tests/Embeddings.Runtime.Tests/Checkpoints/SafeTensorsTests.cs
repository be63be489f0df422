using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Embeddings.Checkpoints;
using Embeddings.Models;
using Embeddings.Runtime.Tests.Training;

namespace Embeddings.Runtime.Tests.Checkpoints;

public sealed class SafeTensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tensors_and_metadata_come_back()
    {
        using Arena<float> values = Arena(0.5f, float.NaN, float.NegativeInfinity, -0f, 7, 8);
        string path = _folder["a.safetensors"];
        SafeTensorsWriter.Write(
            path,
            [TensorSource.Of("matrix", [2, 2], values, 0), TensorSource.Of("vector ü", [2], values, 4)],
            [new("note", "line\nend \"quoted\" ü")]);

        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        Assert.Equal(["matrix", "vector ü"], file.Tensors.Select(tensor => tensor.Name));
        Assert.Equal("line\nend \"quoted\" ü", file.Metadata["note"]);
        file.Require<float>("matrix", [2, 2]);
        file.VerifyHash();
        using var read = new Arena<float>(6);
        file.Read("vector ü", read, 0);
        file.Read("matrix", read, 2);
        Assert.Equal([7f, 8, 0.5f, float.NaN, float.NegativeInfinity, -0f], read.Slice(0, 6).ToArray());
    }

    [Fact]
    public void The_file_is_laid_out_as_the_format_says()
    {
        using Arena<float> values = Arena(1, 2);
        string path = _folder["a.safetensors"];
        SafeTensorsWriter.Write(path, [TensorSource.Of("x", [2], values, 0)], []);
        byte[] bytes = File.ReadAllBytes(path);
        long header = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal(0, (8 + header) % 64);
        Assert.Equal(8 + header + 8, bytes.Length);
        string json = Encoding.UTF8.GetString(bytes, 8, (int)header);
        Assert.StartsWith("{\"__metadata__\":{", json, StringComparison.Ordinal);
        Assert.Contains("\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}", json, StringComparison.Ordinal);
        Assert.Equal(1f, BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(bytes.Length - 8)));
    }

    [Theory]
    [InlineData("{}", 0)]
    [InlineData("{\"a\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[0,2]}}", 2)]
    [InlineData("{\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[4,6]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}   ", 6)]
    [InlineData("{\"e\":{\"dtype\":\"I64\",\"shape\":[0,7],\"data_offsets\":[0,0]}}", 0)]
    public void Files_of_other_programs_are_read(string json, int data)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(Raw(json, data));
        Assert.Equal(data, file.Tensors.Count == 0 ? 0 : file.Tensors[^1].End);
    }

    [Theory]
    [InlineData("", 0, "not a JSON object")]
    [InlineData("[]", 0, "not a JSON object")]
    [InlineData("{", 0, "not well-formed")]
    [InlineData("{\"a\":1}", 0, "not well-formed")]
    [InlineData("{\"a\":{\"dtype\":\"F32\"}}", 0, "not well-formed")]
    [InlineData("{\"__metadata__\":{\"x\":1}}", 0, "not well-formed")]
    [InlineData("{\"__metadata__\":{\"x\":null}}", 0, "metadata is null")]
    [InlineData("{\"a\":{\"dtype\":\"F99\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "unknown element type 'F99'")]
    [InlineData("{\"a\":{\"dtype\":\"11\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "unknown element type '11'")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "does not fit its offsets")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "impossible shape")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,9223372036854775807,4],\"data_offsets\":[0,4]}}", 4, "impossible shape")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", 4, "not well-formed")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "does not fit its offsets")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", 4, "does not have two offsets")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", 4, "does not fit its offsets")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "overlaps another")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "leaves a gap")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "twice")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 3, "1 bytes are missing")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 5, "1 bytes too many")]
    public void Unsound_headers_are_refused(string json, int data, string part) => Refused(Raw(json, data), part);

    [Fact]
    public void Files_that_are_cut_off_or_claim_huge_headers_are_refused()
    {
        Refused(_folder.Write("empty", ""), "it has only 0 bytes");
        Refused(_folder.Write("short", "1234567"), "it has only 7 bytes");
        Refused(_folder.Write("huge", [255, 255, 255, 255, 255, 255, 255, 255, (byte)'{']), "claims 18446744073709551615 bytes");
        Refused(_folder.Write("long", [200, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}']), "cut off inside its header of 200 bytes");
        Refused(_folder.Write("text", "this is some text and no tensor file"), "header claims");
        Refused(_folder.Path, "There is no file");
    }

    [Fact]
    public void No_damage_ends_in_anything_but_a_sentence_or_a_file()
    {
        using Arena<float> values = Arena(1, 2, 3);
        string path = _folder["a.safetensors"];
        SafeTensorsWriter.Write(path, [TensorSource.Of("x", [3], values, 0)], [new("format", "x")]);
        byte[] good = File.ReadAllBytes(path);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Sample((place, value, length) =>
        {
            byte[] bad = good[..length];
            if (place < length)
            {
                bad[place] = value;
            }

            string damaged = _folder[$"{Guid.NewGuid()}"];
            File.WriteAllBytes(damaged, bad);
            try
            {
                using SafeTensorsFile file = SafeTensorsFile.Open(damaged);
                file.VerifyHash();
            }
            catch (UserError)
            {
            }
        }, iter: 500);
    }

    [Fact]
    public void A_changed_element_does_not_match_the_hash()
    {
        using Arena<float> values = Arena(1, 2, 3);
        string path = _folder["a.safetensors"];
        SafeTensorsWriter.Write(path, [TensorSource.Of("x", [3], values, 0)], []);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^5] ^= 1;
        File.WriteAllBytes(path, bytes);
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        Assert.Contains("is damaged", Assert.Throws<UserError>(file.VerifyHash).Message, StringComparison.Ordinal);
    }

    private static Arena<float> Arena(params float[] values)
    {
        var arena = new Arena<float>(values.Length);
        values.CopyTo(arena.Slice(0, values.Length));
        return arena;
    }

    private static void Refused(string path, string part)
    {
        string message = Assert.Throws<UserError>(() => SafeTensorsFile.Open(path)).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.Contains(path, message, StringComparison.Ordinal);
    }

    private string Raw(string json, int data)
    {
        byte[] header = Encoding.UTF8.GetBytes(json);
        return _folder.Write("raw.safetensors", [.. BitConverter.GetBytes((long)header.Length), .. header, .. new byte[data]]);
    }
}
