using Embeddings.Evaluation;
using Embeddings.Models;
using Embeddings.Tokenization;

namespace Embeddings.Runtime.Tests.Evaluation;

public sealed class ScoredWindowsTests
{
    /// <summary>No token is scored twice and none is left out, at the end of the stream above all.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    public void Every_token_but_the_first_is_scored_once_behind_those_before_it(int context)
    {
        for (int length = 1; length < 6 * context + 3; length++)
        {
            int[] stream = [.. Enumerable.Range(100, length)];
            var scored = new int[length];
            var windows = new ScoredWindows(new AlignedText(stream, [stream]), context);
            int[] tokens = new int[context], targets = new int[context];
            for (int window = 0; window < windows.Count + 2; window++)
            {
                windows.WriteInputs(window, 0, tokens);
                windows.WriteTargets(window, targets);
                for (int i = 0; i < context; i++)
                {
                    if (targets[i] == LanguageModel<float>.IgnoredTarget)
                    {
                        continue;
                    }

                    scored[targets[i] - 100]++;
                    int seen = window == 0 ? 1 : Math.Max(1, context / 2);
                    Assert.InRange(i + 1, seen, context);
                    Assert.Equal(Enumerable.Range(targets[i] - i - 1, i + 1), tokens.Take(i + 1));
                }
            }

            Assert.Equal([0, .. Enumerable.Repeat(1, length - 1)], scored);
        }
    }
}
