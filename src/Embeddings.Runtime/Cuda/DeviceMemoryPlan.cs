using System.Collections.Immutable;
using System.Globalization;
using Embeddings.Models;

namespace Embeddings.Cuda;

/// <summary>What a model will ask of a device's memory, known before any is taken.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Batch">Sequences in a pass.</param>
/// <param name="Items">What it asks for.</param>
public sealed record DeviceMemoryPlan(string Model, int Batch, ImmutableArray<PlannedMemory> Items)
{
    /// <summary>Bytes in all.</summary>
    public long Bytes => Items.Sum(item => item.Bytes);

    /// <summary>The plan of a model's instance.</summary>
    /// <param name="description">The model.</param>
    /// <param name="plan">What its generated step asks for.</param>
    /// <param name="options">Batch and type of elements.</param>
    public static DeviceMemoryPlan Of(ModelDescription description, CudaPlan plan, CudaModelOptions options)
    {
        long tokens = (long)options.Batch * description.Architecture.Context;
        long parameters = description.ParameterCount;
        long trainable = description.TrainableCount;
        long element = options.Element.Bytes();
        long scatter = plan.Scatters.Sum(table => ScatterPlan.DeviceBytes(
            checked((int)tokens * (table.By == RowsBy.Spelling ? options.Spelling!.LongestToken : 1)), table.Rows, table.Columns));
        long muon = plan.LargestMuonMatrix > 0 ? KernelLibrary.MuonBytes(plan.LargestMuonMatrix, plan.LargestMuonSide, options.Element) : 0;
        return new DeviceMemoryPlan(
            description.Name,
            options.Batch,
            [
                new PlannedMemory("master weights", sizeof(float) * parameters, false),
                new PlannedMemory("weights", options.Element == CudaElement.Single ? 0 : element * parameters, false),
                new PlannedMemory("gradients", sizeof(float) * trainable, false),
                new PlannedMemory("moments", 2 * sizeof(float) * trainable, false),
                new PlannedMemory("activations", plan.ElementsPerToken * element * tokens, true),
                new PlannedMemory("row statistics", sizeof(float) * (plan.StatisticsPerToken + plan.Heads) * tokens, true),
                new PlannedMemory("sums of attention's gradients", AttentionSums(description, options), true),
                new PlannedMemory("tokens and losses", (new IdPlanes(description).Count * sizeof(int) + sizeof(float)) * tokens + scatter, true),
                new PlannedMemory("bytes of tokens", BytesOfTokens(description.Architecture) * tokens, true),
                new PlannedMemory("bytes of targets", DecoderBytes(description, options), true),
                new PlannedMemory("logits", element * plan.LogitStride * Math.Min(tokens, options.LogitRows), false),
                new PlannedMemory("orthogonal steps", muon, false),
                new PlannedMemory("partial sums", sizeof(float) * KernelLibrary.MostTiles * (long)plan.PartialColumns, false),
            ]);
    }

    /// <summary>Bytes of what a head of bytes takes for its places; 0 for other heads.</summary>
    private static long DecoderBytes(ModelDescription description, CudaModelOptions options) => description.Architecture.DecoderWidth > 0
        ? DeviceByteDecoder.DeviceBytes(
            description.Architecture, CudaModel.TargetSpelling(description, options), options.Batch * description.Architecture.Context,
            options.LogitRows, options.Element, PassInput.TargetKinds(description))
        : 0;

    /// <summary>Bytes, for each token, of what is known of a token's own bytes, where input rows are computed from them.</summary>
    private static long BytesOfTokens(ArchitectureDescription shape) =>
        shape.BytesRead > 0 ? sizeof(int) * (shape.BytesRead + 2L) + 2 * sizeof(float) * (long)shape.BytesRead : 0;

    /// <summary>Bytes of working memory of attention's backward in one pass; 0 where it takes two.</summary>
    internal static long AttentionSums(ModelDescription description, CudaModelOptions options)
    {
        ArchitectureDescription shape = description.Architecture;
        return new AttentionTiling(shape.Width / shape.Heads).InOnePass(options.Element, options.Device.Info, options.Batch, shape.KeyValueHeads)
            ? (long)sizeof(float) * shape.Width * options.Batch * shape.Context
            : 0;
    }

    /// <summary>Refuses a model that cannot fit.</summary>
    /// <exception cref="OutOfDeviceMemoryException">It needs more than is free; the message tells the largest batch that fits.</exception>
    public void Require(CudaDeviceInfo device)
    {
        if (Bytes <= device.FreeBytes)
        {
            return;
        }

        long perSequence = Items.Where(item => item.GrowsWithBatch).Sum(item => item.Bytes) / Batch;
        long rest = device.FreeBytes - Items.Where(item => !item.GrowsWithBatch).Sum(item => item.Bytes);
        long fits = rest < 0 ? 0 : rest / Math.Max(1, perSequence);
        string what = fits > 0
            ? string.Create(CultureInfo.InvariantCulture, $"a batch of at most {fits} fits")
            : "not even a batch of 1 fits, so declare a smaller model or take a larger device";
        throw new OutOfDeviceMemoryException(string.Create(
            CultureInfo.InvariantCulture,
            $"{Model} needs {Gigabytes(Bytes)} at a batch of {Batch} and {Gigabytes(device.FreeBytes)} are free on {device.Name}: {what}."));
    }

    private static string Gigabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0##} GB");
}

/// <summary>One part of a model's memory.</summary>
/// <param name="Name">What it is for.</param>
/// <param name="Bytes">How much.</param>
/// <param name="GrowsWithBatch">Whether it is in proportion to the batch.</param>
public sealed record PlannedMemory(string Name, long Bytes, bool GrowsWithBatch);
