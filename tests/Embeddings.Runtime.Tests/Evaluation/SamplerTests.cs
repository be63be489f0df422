using Embeddings.Evaluation;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Evaluation;

public sealed class SamplerTests
{
    private static readonly float[] s_logits = [1, 3, float.NaN, 2, 3, float.NegativeInfinity];

    [Fact]
    public void Without_temperature_the_first_of_the_likeliest_is_taken()
    {
        Assert.Equal(1, Choose(new SamplerOptions { Temperature = 0 }, seed: 1));
        Assert.Equal(1, Choose(new SamplerOptions { TopK = 1 }, seed: 1));
    }

    [Fact]
    public void Tokens_come_as_often_as_the_softmax_says()
    {
        const int Draws = 40_000;
        foreach ((double temperature, int top, int[] kept) in new[] { (1.0, 0, new[] { 0, 1, 3, 4 }), (2.0, 3, [1, 3, 4]) })
        {
            var options = new SamplerOptions { Temperature = temperature, TopK = top };
            var random = new RandomStream(1, "test");
            var counts = new double[s_logits.Length];
            for (int i = 0; i < Draws; i++)
            {
                counts[Sampler.Choose<float>(s_logits, options, random)]++;
            }

            double sum = kept.Sum(id => Math.Exp(s_logits[id] / temperature));
            for (int id = 0; id < counts.Length; id++)
            {
                double expected = kept.Contains(id) ? Math.Exp(s_logits[id] / temperature) / sum : 0;
                Assert.Equal(expected, counts[id] / Draws, 4 * Math.Sqrt(0.25 / Draws));
                Assert.True(expected > 0 || counts[id] == 0);
            }
        }
    }

    [Fact]
    public void A_model_that_predicts_no_numbers_is_told()
    {
        UserError error = Assert.Throws<UserError>(() => Sampler.Choose<float>([float.NaN, float.NaN], new SamplerOptions(), new RandomStream(1, "test")));
        Assert.Contains("has diverged", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 0, 1)]
    [InlineData(double.NaN, 0, 1)]
    [InlineData(1, -1, 1)]
    [InlineData(1, 0, 0)]
    public void Options_out_of_range_are_refused(double temperature, int top, int tokens) =>
        Assert.Throws<UserError>(() => new SamplerOptions { Temperature = temperature, TopK = top, Tokens = tokens }.Check());

    private static int Choose(SamplerOptions options, ulong seed) => Sampler.Choose<float>(s_logits, options, new RandomStream(seed, "test"));
}
