using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Embeddings.Generator.Cuda;
using Embeddings.Generator.Emit;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Lowering;
using Embeddings.Generator.Model;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator;

/// <summary>A generated file.</summary>
internal sealed record GeneratedFile(string HintName, string Text);

/// <summary>What compiling a model gave: files, or the pass that failed and why.</summary>
internal sealed record CompilationResult(
    EquatableArray<GeneratedFile> PublicFiles, EquatableArray<GeneratedFile> ImplementationFiles, string? FailedPass, string? Failure);

/// <summary>The back end on one page: a spec goes through named passes, each verified, and comes out as C#.</summary>
internal static class Compiler
{
    public static CompilationResult Compile(ModelSpec spec, CancellationToken cancellation) =>
        Compile(spec, Lower.Run, FusionLimits.Default, cancellation);

    /// <summary>Compiles with another first pass, or with fusion limited, as tests do.</summary>
    internal static CompilationResult Compile(
        ModelSpec spec, Func<ModelSpec, LoweredModel> lower, FusionLimits limits, CancellationToken cancellation)
    {
        string pass = nameof(Lower);
        try
        {
            LoweredModel lowered = lower(spec);
            Verify(lowered.Stages.SelectMany(stage => new[] { Node.Reachable(stage.Losses) }));

            Enter(nameof(LayoutParameters));
            ParameterLayout layout = LayoutParameters.Run(lowered.Parameters);
            GradientPlan gradients = GradientPlan.Of(spec.Routes);
            CompiledSpec model = Plan(recomputes: true);
            CompiledSpec deviceModel = Plan(recomputes: false);

            Enter("Emit");
            (string step, string kernels) = StepEmitter.Emit(model);
            CudaStep cuda = CudaStep.Of(deviceModel);
            var implementation = new List<GeneratedFile>
            {
                new(GeneratedNames.Hint(spec.Type, ".Step.g.cs"), step),
                new(GeneratedNames.Hint(spec.Type, ".Kernels.g.cs"), kernels),
            };
            if (cuda.Text is { } text)
            {
                implementation.Add(new GeneratedFile(GeneratedNames.Hint(spec.Type, ".Cuda.g.cs"), text));
            }

            return new CompilationResult(
                new EquatableArray<GeneratedFile>(new[] { new GeneratedFile(GeneratedNames.Hint(spec.Type, ".g.cs"), DescriptionEmitter.Emit(model, cuda)) }),
                new EquatableArray<GeneratedFile>(implementation),
                null,
                null);

            // The passes from the lowered model to where every tensor lies, with or without computing again what is cheap.
            CompiledSpec Plan(bool recomputes)
            {
                Enter(nameof(Differentiate));
                DifferentiatedStage[] stages =
                    [.. lowered.Stages.Select(stage => Differentiate.Run(stage, lowered.Parameters, gradients, recomputes))];
                IReadOnlyList<DifferentiatedStage>[] routes =
                    [.. lowered.Stages.Select(stage => Differentiate.RunRoutes(stage, lowered.Parameters, gradients))];
                Verify(stages.Concat(routes.SelectMany(walks => walks))
                    .Select(stage => Node.Reachable(stage.BackwardRoots.Append(stage.Forward.Output))));

                Enter(nameof(Fuse));
                StageSchedule[] schedules = [.. stages.Zip(routes, (stage, walks) => Fuse.Run(stage, walks, limits))];

                Enter(nameof(PlanBuffers));
                StagePlan[] plans = [.. schedules.Select(schedule => PlanBuffers.Run(schedule, spec.Architecture.Context))];
                foreach (StagePlan plan in plans)
                {
                    PlanVerifier.Verify(plan);
                }

                Enter(nameof(PlanUpdates));
                return new CompiledSpec(
                    spec, layout, gradients, PlanUpdates.Run(spec, lowered.Parameters, gradients, plans),
                    new ActivationPlan(
                        plans, spec.Architecture.Layers, spec.Architecture.Width,
                        [gradients.Main.Name, .. gradients.Routes.Select(walk => walk.Name)], spec.Architecture.InputSkip)
                    {
                        Recompute = spec.Training.Recompute,
                    });
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return new CompilationResult(default, default, pass, failure.Message);
        }

        void Enter(string next)
        {
            cancellation.ThrowIfCancellationRequested();
            pass = next;
        }

        static void Verify(IEnumerable<IReadOnlyList<Node>> graphs)
        {
            foreach (IReadOnlyList<Node> graph in graphs)
            {
                GraphVerifier.Verify(graph);
            }
        }
    }
}
