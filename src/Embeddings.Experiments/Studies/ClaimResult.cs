using Embeddings.Experiments.Statistics;

namespace Embeddings.Experiments.Studies;

/// <summary>A claim of the essay and what the study says about it.</summary>
/// <param name="Id">The claim's number in the list of claims.</param>
/// <param name="Statement">The claim in words.</param>
/// <param name="Rule">How the verdict follows from measurements; fixed before any run.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="Explanation">The measurements in words.</param>
public sealed record ClaimResult(string Id, string Statement, string Rule, Verdict Verdict, string Explanation);
