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
    /// <param name="batch">Sequences in a pass.</param>
    /// <param name="element">Type of activations.</param>
    /// <param name="needs">What its generated step asks for.</param>
    public static DeviceMemoryPlan Of(ModelDescription description, int batch, CudaElement element, CudaModelNeeds needs)
    {
        long tokens = (long)batch * description.Architecture.Context;
        long parameters = description.ParameterCount;
        long trainable = description.TrainableCount;
        return new DeviceMemoryPlan(
            description.Name,
            batch,
            [
                new PlannedMemory("master weights", sizeof(float) * parameters, false),
                new PlannedMemory("weights", element == CudaElement.BFloat16 ? sizeof(ushort) * parameters : 0, false),
                new PlannedMemory("gradients", sizeof(float) * trainable, false),
                new PlannedMemory("moments", 2 * sizeof(float) * trainable, false),
                new PlannedMemory("activations", needs.BytesPerToken * tokens, true),
                new PlannedMemory("tokens and losses", (2 * sizeof(int) + sizeof(float)) * tokens, true),
                new PlannedMemory("working memory", needs.WorkingBytes, false),
            ]);
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
