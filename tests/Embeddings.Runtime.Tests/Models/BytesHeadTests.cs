using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Models;

/// <summary>That a head of bytes gives every token the probability of its bytes; its gradient is checked with those of all models.</summary>
public sealed class BytesHeadTests
{
    private const int Width = 7;
    private const int Positions = 2;

    /// <summary>The kernel against the definition, on tokens of one to four bytes and ignored targets, over several chunks' worth of rows.</summary>
    [Fact]
    public unsafe void The_loss_is_that_of_the_bytes_and_the_end()
    {
        byte[][] tokens = [.. Enumerable.Range(0, 40).Select(id => Enumerable.Range(0, 1 + id % 4).Select(place => (byte)(id * 31 + place * 7)).ToArray())];
        using var table = new SpellingTable(Spelling.Of(EmbeddingKind.Composed, Positions, tokens)!);
        using var pool = new WorkerPool(2);
        double[] states = Random(10_000 * Width, 1), prefix = Random(256 * Positions * Width, 2), symbols = Random(257 * Width, 3);
        int[] targets = [.. Enumerable.Range(0, 10_000).Select(row => row % 9 == 4 ? -1 : row * 7 % 40)];
        var losses = new double[10_000];
        fixed (double* s = states, p = prefix, w = symbols, l = losses)
        fixed (int* t = targets)
        {
            ByteDecoder.Losses(pool, 10_000, Width, table.Pointers, s, p, w, t, 0, l);
        }

        foreach (int row in new[] { 0, 1, 2, 3, 4, 77, 5_000, 9_998, 9_999 })
        {
            double expected = targets[row] < 0 ? 0 : -LogProbability(states.AsSpan(row * Width, Width).ToArray(), tokens[targets[row]], end: true);
            Assert.Equal(expected, losses[row], 1e-10);
        }

        var logProbabilities = new double[40];
        fixed (double* s = states, p = prefix, w = symbols, l = logProbabilities)
        {
            ByteDecoder.LogProbabilities(pool, 40, Width, table.Pointers, s, p, w, 0, l);
        }

        double[] state = states[..Width];
        Assert.All(Enumerable.Range(0, 40), token => Assert.Equal(LogProbability(state, tokens[token], end: true), logProbabilities[token], 1e-10));

        // All byte strings: the empty one, those of one byte, and whatever begins with two.
        double all = Math.Exp(LogProbability(state, [], end: true))
            + Enumerable.Range(0, 256).Sum(value => Math.Exp(LogProbability(state, [(byte)value], end: true)))
            + Enumerable.Range(0, 65_536).Sum(value => Math.Exp(LogProbability(state, [(byte)(value >> 8), (byte)value], end: false)));
        Assert.Equal(1, all, 1e-10);

        double LogProbability(double[] from, byte[] bytes, bool end)
        {
            double sum = 0;
            double[] z = [.. from];
            for (int place = 0; place < bytes.Length + (end ? 1 : 0); place++)
            {
                double[] logits = [.. Enumerable.Range(0, 257).Select(symbol => Enumerable.Range(0, Width).Sum(i => Math.Tanh(z[i]) * symbols[symbol * Width + i]))];
                sum += logits[place < bytes.Length ? bytes[place] : 256] - Math.Log(logits.Sum(Math.Exp));
                for (int i = 0; i < Width && place < bytes.Length; i++)
                {
                    z[i] += prefix[(256 * Math.Min(place, Positions - 1) + bytes[place]) * Width + i];
                }
            }

            return sum;
        }
    }

    /// <summary>What is predicted of each token is what evaluation charges for it, so that bits per byte compare.</summary>
    [Fact]
    public void Predictions_are_the_log_probabilities_that_evaluation_charges()
    {
        using var pool = new WorkerPool(1);
        ModelDescription description = WithBytesHead.Variant.Description;
        using CompiledModel<double> model = WithBytesHead.Variant.CreateDouble(ModelFixture.Options(description, pool, 1));
        Initializer.Initialize(model, 1);
        ModelFixture.Disturb(model, 0.1);
        (int[] tokens, int[] targets) = ModelFixture.Batch(model, 3);
        var logits = new double[300];
        model.Predict(tokens, 4, logits);
        foreach (int target in new[] { 0, 77, 256, 299 })
        {
            targets[4] = target;
            model.Evaluate(tokens, targets);
            Assert.Equal(-logits[target], model.Losses.Slice(4, 1)[0], 1e-12);
        }

        Assert.InRange(logits.Sum(Math.Exp), 1e-6, 1);
    }

    [Fact]
    public void The_head_has_the_parameters_of_its_decoder_and_no_matrix_of_tokens()
    {
        ModelDescription description = WithBytesHead.Variant.Description;
        Assert.Equal(20 * 32 + 2 * 256 * 20 + 257 * 20, description.GroupCount(ParameterGroup.OutputHead));
        Assert.Equal(6.0 * 257 * 20, description.OperationsPerPlace);
        Assert.Equal(Plain.Variant.Description.OperationsPerToken - 6.0 * 256 * 32 + 6.0 * 20 * 32, description.OperationsPerToken);
        Assert.Equal(10 * description.OperationsPerToken + 35 * description.OperationsPerPlace, description.Flops(tokens: 10, bytes: 25));
        using var pool = new WorkerPool(1);
        Assert.Throws<ArgumentException>(() => WithBytesHead.Variant.CreateSingle(new ModelOptions(pool, 1)));
    }

    private static double[] Random(int count, ulong seed)
    {
        var random = new RandomStream(seed, "decoder");
        return [.. Enumerable.Range(0, count).Select(_ => 0.5 * random.NextNormal())];
    }
}
