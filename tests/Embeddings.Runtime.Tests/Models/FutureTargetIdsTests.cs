using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Models;

/// <summary>Targets further ahead than the next token, as both devices read them.</summary>
public sealed class FutureTargetIdsTests
{
    private const int Context = 5;
    private const int Batch = 3;

    private static readonly int[] s_targets = [.. Enumerable.Range(0, Batch * Context).Select(row => 100 + row)];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(Context)]
    public void A_position_has_the_target_of_a_later_one_of_its_own_sequence_or_none(int ahead)
    {
        ReadOnlySpan<int> found = new FutureTargetIds(s_targets.Length, Context).Find(s_targets, ahead);
        for (int sequence = 0; sequence < Batch; sequence++)
        {
            int[] own = s_targets[(sequence * Context)..((sequence + 1) * Context)];
            Assert.Equal(
                [.. own.Skip(ahead), .. Enumerable.Repeat(LanguageModel<float>.IgnoredTarget, ahead)], found.Slice(sequence * Context, Context).ToArray());
        }
    }

    [Fact]
    public void A_pass_takes_no_memory()
    {
        var ids = new FutureTargetIds(s_targets.Length, Context);
        Spelling spelling = Spelling.Of(EmbeddingKind.Recurrent, 1, [[1], [2, 3]])!;
        int[] bytes = new int[2];
        Pass();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Pass();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Pass()
        {
            ids.Find(s_targets, 2);
            spelling.BytesAt(1, 2, [1, 0], bytes);
        }
    }

    [Fact]
    public void Bytes_go_into_as_many_places_as_there_are_tokens()
    {
        Spelling spelling = Spelling.Of(EmbeddingKind.Recurrent, 1, [[1], [2, 3]])!;
        int[] bytes = new int[3];
        spelling.BytesAt(1, 2, [1, 0, 1], bytes);
        Assert.Equal([3, 256, 3], bytes);
        Assert.Contains("2 tokens", Assert.Throws<ArgumentException>(() => spelling.BytesAt(1, 2, [1, 0], bytes)).Message);
    }
}
