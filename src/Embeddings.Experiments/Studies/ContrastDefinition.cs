using Embeddings.Experiments.Statistics;

namespace Embeddings.Experiments.Studies;

/// <summary>A comparison that was written down before any run.</summary>
/// <param name="Name">Stable name.</param>
/// <param name="Title">What is compared, in words.</param>
/// <param name="Family">Contrasts that Holm's correction treats together.</param>
/// <param name="PredictedSign">The sign that supports the claim; 0 where no difference is predicted.</param>
/// <param name="Contrast">Cells and factors; in bits per byte.</param>
public sealed record ContrastDefinition(string Name, string Title, string Family, int PredictedSign, LinearContrast Contrast);
