using Embeddings.Tokenization;

namespace Embeddings.Runtime.Tests.Tokenization;

public class MergedTokensTests
{
    [Fact]
    public void A_token_is_found_by_its_bytes_whatever_parts_it_is_asked_for_with()
    {
        using var tokens = new MergedTokens(1000);
        foreach (byte value in "abc"u8)
        {
            tokens.Add(value);
        }

        int ab = tokens.FindOrAdd(0, 1, out bool isKnown);
        Assert.Equal((3, false), (ab, isKnown));
        int bc = tokens.FindOrAdd(1, 2, out _);
        int abc = tokens.FindOrAdd(ab, 2, out _);
        Assert.Equal((abc, true), (tokens.FindOrAdd(0, bc, out isKnown), isKnown));
        Assert.True(tokens.IsMadeOf(abc, ab, 2));
        Assert.False(tokens.IsMadeOf(abc, 0, bc));
        Assert.Equal(-1, tokens.Find(2, ab));
        Assert.Equal(3, tokens.LengthOf(abc));

        // Each a letter longer, so that parts nest as deep as a token is long.
        int chain = abc;
        for (int i = 0; i < 900; i++)
        {
            chain = tokens.FindOrAdd(chain, 0, out _);
        }

        Assert.Equal((chain, 903), (tokens.Find(chain - 1, 0), tokens.LengthOf(chain)));
        Assert.Equal(6 + 900, tokens.Count);
    }
}
