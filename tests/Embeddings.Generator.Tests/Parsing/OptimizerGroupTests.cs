using Embeddings.Generator.Model;

namespace Embeddings.Generator.Tests.Parsing;

public sealed class OptimizerGroupTests
{
    [Fact]
    public void A_group_overrides_only_what_it_says()
    {
        TrainingSpec spec = GeneratorHarness.Parse("""
            [Transformer]
            [AdamW(LearningRate = 0.25, WeightDecay = 0.5)]
            [AdamW(ParameterGroup.InputEmbedding, LearningRate = 4)]
            partial class Model;
            """)["Model"].Training;

        Assert.Equal(new GroupSpec(ParameterGroup.InputEmbedding, 4, 0.9, 0.95, 1e-8, 0.5), spec.Group(ParameterGroup.InputEmbedding));
        Assert.Equal(new GroupSpec(ParameterGroup.OutputHead, 0.25, 0.9, 0.95, 1e-8, 0.5), spec.Group(ParameterGroup.OutputHead));
        Assert.Equal(new GroupSpec(ParameterGroup.Body, 0.25, 0.9, 0.95, 1e-8, 0.5), spec.Group(ParameterGroup.Body));
    }

    [Fact]
    public void Groups_stand_in_the_order_of_the_spec_whatever_the_order_of_the_source()
    {
        TrainingSpec spec = GeneratorHarness.Parse("""
            [Transformer]
            [AdamW(ParameterGroup.Body, Beta1 = 0.1)]
            [AdamW(ParameterGroup.InputEmbedding, Beta1 = 0.2)]
            [AdamW(ParameterGroup.OutputHead, Beta1 = 0.3)]
            partial class Model;
            """)["Model"].Training;

        Assert.Equal(
            [(ParameterGroup.InputEmbedding, 0.2), (ParameterGroup.OutputHead, 0.3), (ParameterGroup.Body, 0.1)],
            spec.Groups.Select(group => (group.Group, group.Beta1)));
    }

    [Fact]
    public void A_variant_that_changes_all_groups_leaves_what_its_base_said_of_one()
    {
        TrainingSpec spec = GeneratorHarness.Parse("""
            [Transformer]
            [AdamW(LearningRate = 1, Beta1 = 0.1)]
            [AdamW(ParameterGroup.OutputHead, LearningRate = 2)]
            partial class Baseline;

            [VariantOf<Baseline>, AdamW(LearningRate = 3, Beta2 = 0.5)]
            partial class Faster;
            """)["Faster"].Training;

        Assert.Equal(new GroupSpec(ParameterGroup.InputEmbedding, 3, 0.1, 0.5, 1e-8, 0.1), spec.Group(ParameterGroup.InputEmbedding));
        Assert.Equal(new GroupSpec(ParameterGroup.OutputHead, 2, 0.1, 0.5, 1e-8, 0.1), spec.Group(ParameterGroup.OutputHead));
        Assert.Equal(new GroupSpec(ParameterGroup.Body, 3, 0.1, 0.5, 1e-8, 0.1), spec.Group(ParameterGroup.Body));
    }

    [Fact]
    public void A_variant_overrides_a_group_property_by_property()
    {
        TrainingSpec spec = GeneratorHarness.Parse("""
            [Transformer]
            [AdamW(ParameterGroup.InputEmbedding, LearningRate = 2, WeightDecay = 0)]
            partial class Baseline;

            [VariantOf<Baseline>, AdamW(ParameterGroup.InputEmbedding, LearningRate = 4)]
            partial class Faster;
            """)["Faster"].Training;

        Assert.Equal(new GroupSpec(ParameterGroup.InputEmbedding, 4, 0.9, 0.95, 1e-8, 0), spec.Group(ParameterGroup.InputEmbedding));
    }

    [Fact]
    public void The_group_may_be_named_and_all_may_be_said()
    {
        TrainingSpec spec = GeneratorHarness.Parse("""
            [Transformer]
            [AdamW(group: ParameterGroup.All, Epsilon = 0.5)]
            [AdamW(group: ParameterGroup.Body, Epsilon = 0.25)]
            partial class Model;
            """)["Model"].Training;

        Assert.Equal([0.5, 0.5, 0.25], spec.Groups.Select(group => group.Epsilon));
    }
}
