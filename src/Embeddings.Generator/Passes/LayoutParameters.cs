using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Lowering;

namespace Embeddings.Generator.Passes;

/// <summary>Where one parameter stands in the flat arena.</summary>
internal sealed record ParameterPlace(ParameterSpec Parameter, long Offset, long LayerStride);

/// <summary>A contiguous stretch with one set of optimizer settings.</summary>
/// <param name="StopsAfter">Steps after which it is no longer trained; 0 is never.</param>
/// <param name="StartsAfter">Steps after which it is trained; 0 is from the start.</param>
internal sealed record SegmentPlace(ParameterGroup Group, bool Decays, long Offset, long Count, int StopsAfter, int StartsAfter);

/// <summary>The flat arena of a model.</summary>
internal sealed record ParameterLayout(
    IReadOnlyList<ParameterPlace> Places, IReadOnlyList<SegmentPlace> Segments, long Count, long TrainableCount)
{
    public ParameterPlace this[string name] => Places.First(place => place.Parameter.Name == name);
}

/// <summary>
/// Orders parameters so that everything one AdamW call updates is contiguous: by group, matrices (which decay) before vectors, the
/// repeated block's copies layer by layer; frozen parameters last, where no gradient exists.
/// </summary>
internal static class LayoutParameters
{
    public static ParameterLayout Run(ParameterTable table)
    {
        var places = new List<ParameterPlace>();
        var segments = new List<SegmentPlace>();
        long offset = 0;
        foreach (var segment in table.All.Where(parameter => !parameter.Frozen)
            .GroupBy(parameter => (parameter.Group, parameter.IsMatrix, parameter.StopsAfter, parameter.SharesUntil))
            .OrderBy(group => group.Key.Group).ThenBy(group => !group.Key.IsMatrix).ThenBy(group => group.Key.StopsAfter))
        {
            long start = offset;
            offset = Place(segment, offset, places);
            segments.Add(new SegmentPlace(segment.Key.Group, segment.Key.IsMatrix, start, offset - start, segment.Key.StopsAfter, segment.Key.SharesUntil));
        }

        long trainable = offset;
        offset = Place(table.All.Where(parameter => parameter.Frozen), offset, places);
        return new ParameterLayout(places, segments, offset, trainable);
    }

    private static long Place(IEnumerable<ParameterSpec> parameters, long offset, List<ParameterPlace> places)
    {
        foreach (IGrouping<int, ParameterSpec> copied in parameters.GroupBy(parameter => parameter.Layers).OrderBy(group => group.Key))
        {
            long stride = copied.Sum(parameter => parameter.Count);
            long inner = offset;
            foreach (ParameterSpec parameter in copied)
            {
                places.Add(new ParameterPlace(parameter, inner, copied.Key == 1 ? 0 : stride));
                inner += parameter.Count;
            }

            offset += stride * copied.Key;
        }

        return offset;
    }
}
