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
        ParameterSpec[] single = [.. parameters.Where(parameter => parameter.Layers == 1)];
        ParameterSpec[] repeated = [.. parameters.Except(single)];
        foreach (ParameterSpec parameter in single)
        {
            places.Add(new ParameterPlace(parameter, offset, 0));
            offset += parameter.Count;
        }

        long stride = repeated.Sum(parameter => parameter.Count);
        long inner = offset;
        foreach (ParameterSpec parameter in repeated)
        {
            places.Add(new ParameterPlace(parameter, inner, stride));
            inner += parameter.Count;
        }

        return offset + stride * (repeated.Length == 0 ? 0 : repeated[0].Layers);
    }
}
