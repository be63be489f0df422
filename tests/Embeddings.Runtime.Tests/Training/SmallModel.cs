using System.Collections.Immutable;
using Embeddings.Models;
using Embeddings.Tokenization;

namespace Embeddings.Runtime.Tests.Training;

/// <summary>
/// A bigram model in plain loops, independent of generated code: logits = W·h with h = (table[token] + frozen[token]) ⊙ scale₀ ⊙ scale₁.
/// It has what checkpoints must tell apart: a table, an untied head, a vector per layer of a repeated block, and a frozen parameter.
/// </summary>
internal unsafe class SmallModel(ModelDescription description, ModelOptions options) : CompiledModel<float>(description, options)
{
    public const int Width = 6;
    public const int Layers = 2;

    public static Variant Variant(
        int vocabulary = 256, int context = 8, int batch = 4, int accumulation = 1, double learningRate = 0.02, double clipNorm = 1,
        ScheduleKind schedule = ScheduleKind.Cosine, string name = "SmallModel")
    {
        ModelDescription description = Describe(vocabulary, context, batch, accumulation, learningRate, clipNorm, schedule, name);
        return new Variant(description, options => new SmallModel(description, options), _ => throw new NotSupportedException());
    }

    public static Variant VariantFor(Tokenizer tokenizer) => Variant(vocabulary: tokenizer.VocabularySize);

    private static ModelDescription Describe(
        int vocabulary, int context, int batch, int accumulation, double learningRate, double clipNorm, ScheduleKind schedule, string name)
    {
        long table = (long)vocabulary * Width;
        GroupSettings Group(ParameterGroup group) => new(group, learningRate, 0.9, 0.99, 1e-8, 0.01);
        return new ModelDescription
        {
            Name = name,
            Declaration = $"vocabulary {vocabulary} context {context} batch {batch} accumulation {accumulation} rate {learningRate} "
                + $"clip {clipNorm} schedule {schedule}",
            Architecture = new ArchitectureDescription
            {
                Layers = Layers, Width = Width, Heads = 1, KeyValueHeads = 1, Context = context, FeedForwardWidth = Width,
                Norm = NormKind.LayerNorm, Positions = PositionKind.None, FeedForward = FeedForwardKind.Gelu, Biases = false,
                QueryKeyNorm = false, LogitSoftCap = 0, EmbeddingNorm = false, InputEmbedding = EmbeddingKind.Table,
                SpellingPositions = 1, Head = HeadKind.Untied,
            },
            Tokenizer = new TokenizerDescription(TokenizerKind.Bytes, vocabulary, PreTokenization.None),
            Training = new TrainingDescription
            {
                BatchSize = batch, AccumulationSteps = accumulation, ClipNorm = clipNorm, Schedule = schedule,
                WarmupFraction = 0.1, DecayFraction = 0.2, FinalFraction = 0.1,
                Groups = [Group(ParameterGroup.InputEmbedding), Group(ParameterGroup.OutputHead), Group(ParameterGroup.Body)],
            },
            Parameters =
            [
                new("Embedding.Table", vocabulary, Width, 0, 1, 0, ParameterGroup.InputEmbedding, Normal(0.5), false),
                new("Head.Weight", vocabulary, Width, table, 1, 0, ParameterGroup.OutputHead, Normal(0.5), false),
                new("Block.Scale", 1, Width, 2 * table, Layers, Width, ParameterGroup.Body, new(InitializationKind.Ones), false),
                new("Embedding.Code", vocabulary, Width, 2 * table + Layers * Width, 1, 0, ParameterGroup.InputEmbedding, Normal(0.1), true),
            ],
            Segments =
            [
                new(ParameterGroup.InputEmbedding, true, 0, table),
                new(ParameterGroup.OutputHead, true, table, table),
                new(ParameterGroup.Body, false, 2 * table, Layers * Width),
            ],
            MatMulParameters = table,
            ActivationsPerToken = 1,
        };
    }

    private static Initialization Normal(double deviation) => new(InitializationKind.Normal, deviation);

    protected override void ForwardBackward(int* tokens, int* targets, float gradientScale)
    {
        Span<double> hidden = stackalloc double[Width];
        Span<double> hiddenGradient = stackalloc double[Width];
        var probabilities = new double[Description.VocabularySize];
        for (int row = 0; row < Tokens; row++)
        {
            Losses.Pointer[row] = (float)Loss(tokens[row], targets[row], hidden, probabilities);
            if (targets[row] < 0)
            {
                continue;
            }

            hiddenGradient.Clear();
            probabilities[targets[row]] -= 1;
            for (int v = 0; v < probabilities.Length; v++)
            {
                double gradient = probabilities[v] * gradientScale;
                for (int c = 0; c < Width; c++)
                {
                    Gradients.Pointer[HeadAt(v, c)] += (float)(gradient * hidden[c]);
                    hiddenGradient[c] += gradient * Parameters.Pointer[HeadAt(v, c)];
                }
            }

            for (int c = 0; c < Width; c++)
            {
                double scale0 = Parameters.Pointer[ScaleAt(0, c)], scale1 = Parameters.Pointer[ScaleAt(1, c)];
                double embedding = hidden[c] / (scale0 * scale1);
                Gradients.Pointer[TableAt(tokens[row], c)] += (float)(hiddenGradient[c] * scale0 * scale1);
                Gradients.Pointer[ScaleAt(0, c)] += (float)(hiddenGradient[c] * embedding * scale1);
                Gradients.Pointer[ScaleAt(1, c)] += (float)(hiddenGradient[c] * embedding * scale0);
            }
        }
    }

    protected override void ForwardLosses(int* tokens, int* targets)
    {
        Span<double> hidden = stackalloc double[Width];
        var probabilities = new double[Description.VocabularySize];
        for (int row = 0; row < Tokens; row++)
        {
            Losses.Pointer[row] = (float)Loss(tokens[row], targets[row], hidden, probabilities);
        }
    }

    protected override void ForwardLogits(int* tokens, int row, float* logits)
    {
        Span<double> hidden = stackalloc double[Width];
        Logits(tokens[row], hidden, logits);
    }

    protected override void Optimize(OptimizerState<float> state, double rateFactor, double gradientFactor)
    {
        foreach (OptimizerSegment segment in Description.Segments)
        {
            GroupSettings settings = Description.Training.Group(segment.Group);
            double rate = settings.LearningRate * rateFactor;
            double decay = segment.Decays ? settings.WeightDecay : 0;
            for (long i = segment.Offset; i < segment.Offset + segment.Count; i++)
            {
                double gradient = Gradients.Pointer[i] * gradientFactor;
                double first = settings.Beta1 * state.FirstMoment.Pointer[i] + (1 - settings.Beta1) * gradient;
                double second = settings.Beta2 * state.SecondMoment.Pointer[i] + (1 - settings.Beta2) * gradient * gradient;
                state.FirstMoment.Pointer[i] = (float)first;
                state.SecondMoment.Pointer[i] = (float)second;
                double step = first / (1 - Math.Pow(settings.Beta1, state.Step))
                    / (Math.Sqrt(second / (1 - Math.Pow(settings.Beta2, state.Step))) + settings.Epsilon);
                Parameters.Pointer[i] -= (float)(rate * (step + decay * Parameters.Pointer[i]));
            }
        }
    }

    private double Loss(int token, int target, Span<double> hidden, double[] probabilities)
    {
        if (target < 0)
        {
            return 0;
        }

        var logits = new float[probabilities.Length];
        fixed (float* pointer = logits)
        {
            Logits(token, hidden, pointer);
        }

        double largest = logits.Max();
        double sum = 0;
        for (int v = 0; v < logits.Length; v++)
        {
            sum += probabilities[v] = Math.Exp(logits[v] - largest);
        }

        for (int v = 0; v < logits.Length; v++)
        {
            probabilities[v] /= sum;
        }

        return Math.Log(sum) + largest - logits[target];
    }

    private void Logits(int token, Span<double> hidden, float* logits)
    {
        for (int c = 0; c < Width; c++)
        {
            double row = (double)Parameters.Pointer[TableAt(token, c)] + Parameters.Pointer[CodeAt(token, c)];
            hidden[c] = row * Parameters.Pointer[ScaleAt(0, c)] * Parameters.Pointer[ScaleAt(1, c)];
        }

        for (int v = 0; v < Description.VocabularySize; v++)
        {
            double sum = 0;
            for (int c = 0; c < Width; c++)
            {
                sum += hidden[c] * Parameters.Pointer[HeadAt(v, c)];
            }

            logits[v] = (float)sum;
        }
    }

    private static long TableAt(int token, int column) => (long)token * Width + column;

    private long HeadAt(int token, int column) => Description.Parameters[1].Offset + (long)token * Width + column;

    private long ScaleAt(int layer, int column) => Description.Parameters[2].LayerOffset(layer) + column;

    private long CodeAt(int token, int column) => Description.Parameters[3].Offset + (long)token * Width + column;
}
