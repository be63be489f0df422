using Embeddings.Checkpoints;
using Embeddings.Cpu;
using Embeddings.Data;
using Embeddings.Models;
using Embeddings.Runtime.Tests.Training;

namespace Embeddings.Runtime.Tests.Checkpoints;

public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WorkerPool _pool = new(1);

    public void Dispose()
    {
        _pool.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Parameters_moments_and_state_come_back()
    {
        Variant variant = SmallModel.Variant();
        (CompiledModel<float> model, OptimizerState<float> optimizer) = Filled(variant, seed: 1);
        (CompiledModel<float> other, OptimizerState<float> otherOptimizer) = Filled(variant, seed: 2);
        CheckpointInfo info = Info(variant) with
        {
            Step = 12, Position = new StreamPosition(3, 4, 5, 6), Seconds = 0.1 + 0.2, TrainLoss = 1.0 / 3, EvaluationPending = true,
        };
        Checkpoint.Save(_folder["c"], model, optimizer, info);
        CheckpointInfo read = Checkpoint.Load(_folder["c"], other, otherOptimizer);
        Assert.Equal(info, read);
        Assert.Equal(info, Checkpoint.Describe(_folder["c"]));
        Assert.Equal(Values(model.Parameters), Values(other.Parameters));
        Assert.Equal(Values(optimizer.FirstMoment), Values(otherOptimizer.FirstMoment));
        Assert.Equal(Values(optimizer.SecondMoment), Values(otherOptimizer.SecondMoment));
        Assert.Equal(optimizer.Step, otherOptimizer.Step);
    }

    [Fact]
    public void Layers_have_names_of_their_own_and_frozen_parameters_have_no_moments()
    {
        (CompiledModel<float> model, OptimizerState<float> optimizer) = Filled(SmallModel.Variant(), seed: 1);
        Checkpoint.Save(_folder["c"], model, optimizer, Info(SmallModel.Variant()));
        using SafeTensorsFile file = SafeTensorsFile.Open(_folder["c"]);
        string[] parameters = ["Embedding.Table", "Head.Weight", "Blocks.0.Scale", "Blocks.1.Scale", "Embedding.Code"];
        Assert.Equal(
            [.. parameters, .. parameters[..4].Select(name => "optimizer.first." + name), .. parameters[..4].Select(name => "optimizer.second." + name)],
            file.Tensors.Select(tensor => tensor.Name));
        Assert.Equal("[6]", file.Find("Blocks.1.Scale")!.ShapeText);
        Assert.Equal("[256, 6]", file.Find("Head.Weight")!.ShapeText);
    }

    [Fact]
    public void A_checkpoint_of_another_declaration_is_refused()
    {
        (CompiledModel<float> model, OptimizerState<float> optimizer) = Filled(SmallModel.Variant(), seed: 1);
        Checkpoint.Save(_folder["c"], model, optimizer, Info(SmallModel.Variant()));
        (CompiledModel<float> later, _) = Filled(SmallModel.Variant(learningRate: 1), seed: 1);
        (CompiledModel<float> other, _) = Filled(SmallModel.Variant(name: "Other", learningRate: 1), seed: 1);
        Assert.Contains("an earlier declaration of it", Refused(later), StringComparison.Ordinal);
        Assert.Contains("not a checkpoint of Other as declared now, but of SmallModel", Refused(other), StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_of_another_shape_or_name_are_refused_and_the_model_is_unchanged()
    {
        (CompiledModel<float> model, OptimizerState<float> optimizer) = Filled(SmallModel.Variant(), seed: 1);
        float[] before = Values(model.Parameters);
        CheckpointInfo info = Info(SmallModel.Variant());
        Write(info, ("Embedding.Table", 256, 5));
        Assert.Contains("'Embedding.Table' of", Refused(model), StringComparison.Ordinal);
        Assert.Contains("is F32 [256, 5], not F32 [256, 6].", Refused(model), StringComparison.Ordinal);
        Write(info, ("Embedding.Table", 256, 6));
        Assert.Contains("has no tensor 'Head.Weight'", Refused(model), StringComparison.Ordinal);
        Checkpoint.Save(_folder["c"], model, optimizer, info);
        byte[] bytes = File.ReadAllBytes(_folder["c"]);
        bytes[^1] ^= 64;
        File.WriteAllBytes(_folder["c"], bytes);
        model.Parameters.Slice(0, 1)[0] = before[0] = 77;
        Assert.Contains("is damaged", Refused(model), StringComparison.Ordinal);
        Assert.Equal(before, Values(model.Parameters));
    }

    [Fact]
    public void Foreign_and_incomplete_files_are_refused()
    {
        (CompiledModel<float> model, _) = Filled(SmallModel.Variant(), seed: 1);
        using var values = new Arena<float>(1);
        SafeTensorsWriter.Write(_folder["c"], [TensorSource.Of("x", [1], values, 0)], []);
        Assert.Contains("not a checkpoint of this program", Refused(model), StringComparison.Ordinal);
        SafeTensorsWriter.Write(_folder["c"], [TensorSource.Of("x", [1], values, 0)], [new("format", "embeddings-checkpoint-9")]);
        Assert.Contains("of the format 'embeddings-checkpoint-9'", Refused(model), StringComparison.Ordinal);
        foreach (string missing in Info(SmallModel.Variant()).ToMetadata().Keys.Where(key => key != "format"))
        {
            Dictionary<string, string> metadata = Info(SmallModel.Variant()).ToMetadata();
            metadata.Remove(missing);
            SafeTensorsWriter.Write(_folder["c"], [TensorSource.Of("x", [1], values, 0)], metadata);
            Assert.Contains("its metadata is incomplete", Refused(model), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_folder_or_a_file_names_a_checkpoint()
    {
        _folder.Write("run/checkpoint.safetensors", "x");
        Assert.Equal(_folder["run/checkpoint.safetensors"], Checkpoint.Locate(_folder["run"]));
        Assert.Equal(_folder["run/checkpoint.safetensors"], Checkpoint.Locate(_folder["run/checkpoint.safetensors"]));
        Assert.Contains("holds no checkpoint.safetensors", Assert.Throws<UserError>(() => Checkpoint.Locate(_folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("There is no checkpoint", Assert.Throws<UserError>(() => Checkpoint.Locate(_folder["x"])).Message, StringComparison.Ordinal);
    }

    private static float[] Values(Arena<float> arena) => arena.Slice(0, (int)arena.Length).ToArray();

    private static CheckpointInfo Info(Variant variant) => new()
    {
        Identity = new RunIdentity
        {
            Variant = variant.Name, DeclarationHash = variant.Description.Hash, Tokenizer = "bytes", TrainingData = "a", ValidationData = "b",
            Seed = ulong.MaxValue,
        },
    };

    private void Write(CheckpointInfo info, params (string Name, int Rows, int Columns)[] tensors)
    {
        using var values = new Arena<float>(tensors.Max(tensor => tensor.Rows * tensor.Columns));
        SafeTensorsWriter.Write(
            _folder["c"], [.. tensors.Select(tensor => TensorSource.Of(tensor.Name, [tensor.Rows, tensor.Columns], values, 0))], info.ToMetadata());
    }

    private string Refused(CompiledModel<float> model) => Assert.Throws<UserError>(() => Checkpoint.Load(_folder["c"], model)).Message;

    private (CompiledModel<float> Model, OptimizerState<float> Optimizer) Filled(Variant variant, ulong seed)
    {
        CompiledModel<float> model = variant.CreateSingle(new ModelOptions(_pool, 4));
        Initializer.Initialize(model, seed);
        var optimizer = new OptimizerState<float>(variant.Description) { Step = (long)seed * 100 };
        var random = new RandomStream(seed, "moments");
        foreach (Arena<float> moments in new[] { optimizer.FirstMoment, optimizer.SecondMoment })
        {
            foreach (ref float value in moments.Slice(0, (int)moments.Length))
            {
                value = (float)random.NextNormal();
            }
        }

        return (model, optimizer);
    }
}
