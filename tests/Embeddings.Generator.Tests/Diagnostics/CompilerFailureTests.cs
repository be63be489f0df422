using Embeddings.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Tests.Diagnostics;

public sealed class CompilerFailureTests
{
    private const string Source = "namespace N; [Transformer] partial class Good; [VariantOf<Good>] partial class Bad;";

    private readonly RecordingBackEnd _backEnd = new();

    [Fact]
    public void A_failing_pass_is_a_diagnostic_under_the_class()
    {
        GeneratorRun run = GeneratorHarness.Run(
            (spec, cancellation) => spec.Type.Name == "Bad"
                ? new CompilationResult(default, default, "PlanBuffers", "two buffers\r\noverlap")
                : _backEnd.Compile(spec, cancellation),
            Source);

        CheckOnlyBadFailed(run, "'N.Bad' could not be compiled: pass PlanBuffers failed with \"two buffers overlap\"");
    }

    [Fact]
    public void An_exception_is_a_diagnostic_under_the_class()
    {
        GeneratorRun run = GeneratorHarness.Run(
            (spec, cancellation) => spec.Type.Name == "Bad"
                ? throw new InvalidOperationException("no such op")
                : _backEnd.Compile(spec, cancellation),
            Source);

        CheckOnlyBadFailed(run, "'N.Bad' could not be compiled: pass Compile failed with \"InvalidOperationException: no such op\"");
    }

    [Fact]
    public void A_failure_moves_with_its_class()
    {
        CompilationResult Fail(ModelSpec spec, CancellationToken cancellation) => new(default, default, "Fuse", "broken");
        GeneratorRun first = GeneratorHarness.Run(Fail, "[Transformer] partial class Bad;");
        GeneratorRun second = first.Again("// A comment.\n[Transformer] partial class Bad;");

        Assert.Equal(28, Assert.Single(first.Diagnostics).Location.SourceSpan.Start);
        Assert.Equal(28 + "// A comment.\n".Length, Assert.Single(second.Diagnostics).Location.SourceSpan.Start);
    }

    [Fact]
    public void Cancellation_is_no_failure()
    {
        using var cancellation = new CancellationTokenSource();
        GeneratorDriver driver = GeneratorHarness.CreateDriver((spec, token) =>
        {
            cancellation.Cancel();
            token.ThrowIfCancellationRequested();
            return _backEnd.Compile(spec, token);
        });

        Assert.ThrowsAny<OperationCanceledException>(
            () => driver.RunGenerators(GeneratorHarness.Compile(Source), cancellation.Token));
    }

    private static void CheckOnlyBadFailed(GeneratorRun run, string message)
    {
        Diagnostic diagnostic = Assert.Single(run.Diagnostics);
        Assert.Equal(("EMB0900", "File0.cs", 79, "Bad"), Expect.Describe(diagnostic));
        Assert.StartsWith(message, diagnostic.GetMessage());
        Assert.Null(run.Result.Exception);
        Assert.Equal(["DeclaredVariants.g.cs", "N.Good.Step.g.cs", "N.Good.g.cs"], run.Files.Keys.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("Bad", run.Files["DeclaredVariants.g.cs"]);
        run.AssertCompiles();
    }
}
