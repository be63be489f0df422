using System;
using System.Linq;

namespace Embeddings.Generator.Passes;

/// <summary>Checks a plan: two temporaries that are live at the same step never share memory.</summary>
internal static class PlanVerifier
{
    /// <exception cref="InvalidOperationException">Two live buffers overlap.</exception>
    public static void Verify(StagePlan plan)
    {
        TemporaryLifetime[] all = [.. plan.Lifetimes];
        for (int i = 0; i < all.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                TemporaryLifetime a = all[i];
                TemporaryLifetime b = all[j];
                bool live = a.Phase == b.Phase && a.FirstStep <= b.LastStep && b.FirstStep <= a.LastStep;
                bool overlap = a.Buffer.Offset < b.Buffer.Offset + b.Buffer.PerToken && b.Buffer.Offset < a.Buffer.Offset + a.Buffer.PerToken;
                if (live && overlap)
                {
                    throw new InvalidOperationException($"{a.Buffer.Name} and {b.Buffer.Name} are live together and overlap.");
                }
            }
        }
    }
}
