using System.Collections;
using System.Reflection;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Models;

/// <summary>Every declared option, and every value of it, stands in a model whose whole gradient and bits are checked.</summary>
public sealed class CoverageTests
{
    public static TheoryData<string> Kinds =>
        [.. Properties.Where(property => property.PropertyType.IsEnum || property.PropertyType == typeof(bool)).Select(property => property.Name)];

    private static PropertyInfo[] Properties => typeof(ArchitectureDescription).GetProperties();

    private static ArchitectureDescription[] Checked =>
        [.. ModelFixture.All.Where(variant => variant.Description.Routes.IsWholeGradient).Select(variant => variant.Description.Architecture)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_value_of_an_option_is_checked(string name)
    {
        PropertyInfo property = Properties.Single(property => property.Name == name);
        IEnumerable values = property.PropertyType == typeof(bool) ? new[] { false, true } : Enum.GetValues(property.PropertyType);
        foreach (object value in values)
        {
            Assert.True(Checked.Any(shape => Equals(property.GetValue(shape), value)), $"No model of DeclaredModels.cs has {name} = {value}.");
        }
    }

    [Fact]
    public void Sizes_are_checked_on_both_sides_of_what_matters()
    {
        Assert.Contains(Checked, shape => shape.KeyValueHeads == shape.Heads);
        Assert.Contains(Checked, shape => shape.KeyValueHeads < shape.Heads && shape.KeyValueHeads > 1);
        Assert.Contains(Checked, shape => shape.KeyValueHeads == 1 && shape.Heads > 1);
        Assert.Contains(Checked, shape => shape.LogitSoftCap == 0);
        Assert.Contains(Checked, shape => shape.LogitSoftCap > 0);
        Assert.Contains(Checked, shape => shape.Layers == 1);
        Assert.Contains(Checked, shape => shape.Layers > 2);
        Assert.Contains(Checked, shape => shape.Width % 16 != 0 && shape.FeedForwardWidth % 16 != 0);
        Assert.Contains(Checked, shape => shape.FeedForwardWidth != 4 * shape.Width);
        Assert.Contains(Checked, shape => shape.Context == 1);
        Assert.Contains(Checked, shape => shape.InputEmbedding == EmbeddingKind.Composed && shape.SpellingPositions < 3);
        Assert.Contains(Checked, shape => shape.InputEmbedding == EmbeddingKind.Composed && shape.SpellingPositions >= 3);
    }
}
