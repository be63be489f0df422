using Embeddings.Cpu.Products;

namespace Embeddings.Runtime.Tests.Cpu;

public sealed class PanelCutTests
{
    [Theory]
    [InlineData(48, 32)]
    [InlineData(24, 16)]
    [InlineData(12, 8)]
    [InlineData(16, 16)]
    public void Panels_follow_one_another_over_all_columns_and_stretches_end_at_panels(int wide, int narrow)
    {
        for (int columns = 1; columns <= 700; columns++)
        {
            var cut = new PanelCut(columns, wide, narrow);
            var starts = new HashSet<int> { columns };
            int next = 0;
            for (int panel = 0; panel < cut.Count; panel++)
            {
                Assert.Equal(next, cut.Start(panel));
                Assert.Equal(next < cut.WideEnd ? wide : narrow, cut.Width(panel));
                starts.Add(next);
                next += cut.Width(panel);
            }

            Assert.Equal(cut.Padded, next);
            Assert.InRange(next, columns, ProductPlan.RoundUp(columns, wide));
            int stretches = 0;
            for (int column = 0; column < columns; column = cut.End(column, 5 * wide, columns))
            {
                Assert.Contains(cut.End(column, 5 * wide, columns), starts);
                stretches++;
            }

            Assert.Equal(stretches, cut.Stretches(columns, 5 * wide));
        }
    }

    [Theory]
    [InlineData(128, 3, 96)]
    [InlineData(512, 11, 480)]
    [InlineData(256, 6, 192)]
    [InlineData(384, 8, 384)]
    public void Widths_of_models_leave_no_column_empty(int columns, int panels, int wideEnd)
    {
        var cut = new PanelCut(columns, 48, 32);
        Assert.Equal((panels, wideEnd, columns), (cut.Count, cut.WideEnd, cut.Padded));
    }
}
