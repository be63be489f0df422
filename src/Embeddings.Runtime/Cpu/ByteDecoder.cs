using System.Numerics;

namespace Embeddings.Cpu;

/// <summary>
/// A head that says a token as its bytes: the probability of bytes b₁ … b_n is Π_p P(b_p | state, b₁ … b_(p−1)) · P(end | state, b₁ … b_n),
/// so that the probabilities of all byte strings sum to 1. At each place the distribution over the 256 bytes and the end is
/// softmax(tanh(z_p) · symbolsᵀ) with z_p the state plus a prefix vector for each byte before the place. Places that exist are computed and no
/// others, by chunks; losses are in nats, and a target of −1 is ignored.
/// </summary>
public static unsafe class ByteDecoder
{
    /// <summary>The bytes and the end of a token.</summary>
    public const int Symbols = 257;

    private const int End = 256;

    /// <summary>Places of a chunk, of tokens that are not longer.</summary>
    private const int ChunkPlaces = 1 << 14;

    private const int RowsPerTile = 64;

    /// <summary>losses[r] = −log P(targets[r]).</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="rows">Tokens, R.</param>
    /// <param name="width">Width of the decoder, D.</param>
    /// <param name="spelling">Of the targets' vocabulary: for each byte of a token 256·place + byte, the row of its prefix vector.</param>
    /// <param name="states">[R, D].</param>
    /// <param name="prefix">Prefix vectors, [256·places, D].</param>
    /// <param name="symbols">[257, D].</param>
    /// <param name="targets">[R], −1 where there is no loss.</param>
    /// <param name="softCap">Largest logit, or 0.</param>
    /// <param name="losses">[R].</param>
    public static void Losses<T>(
        WorkerPool pool, int rows, int width, SpellingPointers spelling, T* states, T* prefix, T* symbols, int* targets, double softCap, T* losses)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var chunk = new Chunk<T>(width, spelling, states, width, prefix, losses);
        for (int first = 0; first < rows; first += chunk.Rows)
        {
            chunk.Lay(first, rows, targets, null);
            pool.RunRows(new ExpandKernel<T>(chunk), chunk.Rows, RowsPerTile);
            LinearCrossEntropy.Losses(pool, chunk.Places, width, Symbols, chunk.Activations, symbols, chunk.Targets, softCap, chunk.Losses);
            pool.RunRows(new SumKernel<T>(chunk), chunk.Rows, RowsPerTile);
        }
    }

    /// <summary>
    /// <see cref="Losses{T}"/>, and the gradient of gradientScale · Σ losses: written to <paramref name="stateGradient"/> and added to those of
    /// the parameters.
    /// </summary>
    /// <param name="pool">The threads.</param>
    /// <param name="rows">Tokens, R.</param>
    /// <param name="width">Width of the decoder, D.</param>
    /// <param name="spelling">Of the targets' vocabulary.</param>
    /// <param name="states">[R, D].</param>
    /// <param name="prefixRows">Prefix vectors.</param>
    /// <param name="prefix">[prefixRows, D].</param>
    /// <param name="symbols">[257, D].</param>
    /// <param name="targets">[R], −1 where there is no loss.</param>
    /// <param name="softCap">Largest logit, or 0.</param>
    /// <param name="gradientScale">Factor of every gradient.</param>
    /// <param name="losses">[R], without the factor.</param>
    /// <param name="stateGradient">[R, D], written; must not overlap the states.</param>
    /// <param name="prefixGradient">[prefixRows, D], added to; or null.</param>
    /// <param name="symbolGradient">[257, D], added to; or null.</param>
    /// <param name="lossWeights">[R], a further factor of the gradient of each loss; null where all are 1.</param>
    public static void LossesAndGradients<T>(
        WorkerPool pool, int rows, int width, SpellingPointers spelling, T* states, int prefixRows, T* prefix, T* symbols, int* targets,
        double softCap, T gradientScale, T* losses, T* stateGradient, T* prefixGradient, T* symbolGradient, T* lossWeights = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var chunk = new Chunk<T>(width, spelling, states, width, prefix, losses);
        for (int first = 0; first < rows; first += chunk.Rows)
        {
            chunk.Lay(first, rows, targets, lossWeights);
            pool.RunRows(new ExpandKernel<T>(chunk), chunk.Rows, RowsPerTile);
            LinearCrossEntropy.LossesAndGradients(
                pool, chunk.Places, width, Symbols, chunk.Activations, symbols, chunk.Targets, softCap, gradientScale, chunk.Losses, chunk.Sums,
                symbolGradient, lossWeights == null ? null : chunk.Weights);
            pool.RunRows(new SumKernel<T>(chunk), chunk.Rows, RowsPerTile);
            pool.RunRows(new GradientKernel<T>(chunk, stateGradient), chunk.Rows, RowsPerTile);
            int later = chunk.Places - chunk.Rows;
            if (prefixGradient != null && later > 0)
            {
                EmbeddingRows.ScatterAdd(pool, later, width, chunk.Keys, prefixRows, chunk.Sums + (long)chunk.Rows * width, prefixGradient);
            }
        }
    }

    /// <summary>log P of every token of the vocabulary after one state. They sum to less than 1 by what other byte strings have.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="width">Width of the decoder, D.</param>
    /// <param name="spelling">Of the vocabulary.</param>
    /// <param name="state">[D].</param>
    /// <param name="prefix">Prefix vectors, [256·places, D].</param>
    /// <param name="symbols">[257, D].</param>
    /// <param name="softCap">Largest logit, or 0.</param>
    /// <param name="logits">[V].</param>
    public static void LogProbabilities<T>(
        WorkerPool pool, int vocabulary, int width, SpellingPointers spelling, T* state, T* prefix, T* symbols, double softCap, T* logits)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int* tokens = Scratch.Take<int>(ScratchUse.DecoderTokens, vocabulary);
        for (int token = 0; token < vocabulary; token++)
        {
            tokens[token] = token;
        }

        var chunk = new Chunk<T>(width, spelling, state, 0, prefix, logits);
        for (int first = 0; first < vocabulary; first += chunk.Rows)
        {
            chunk.Lay(first, vocabulary, tokens, null);
            pool.RunRows(new ExpandKernel<T>(chunk), chunk.Rows, RowsPerTile);
            LinearCrossEntropy.Losses(pool, chunk.Places, width, Symbols, chunk.Activations, symbols, chunk.Targets, softCap, chunk.Losses);
            pool.RunRows(new SumKernel<T>(chunk), chunk.Rows, RowsPerTile);
        }

        for (int token = 0; token < vocabulary; token++)
        {
            logits[token] = -logits[token];
        }
    }

    /// <summary>
    /// Rows whose places are computed together. The first place of every row stands first, then the later places row by row, so that these
    /// are one stretch, each with the prefix vector that it is the first to have.
    /// </summary>
    private struct Chunk<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly int _capacity;
        private readonly long _stateStride;
        private readonly SpellingPointers _spelling;
        private readonly T* _states;
        private readonly T* _losses;
        private int _first;

        public Chunk(int width, SpellingPointers spelling, T* states, long stateStride, T* prefix, T* losses)
        {
            Width = width;
            Prefix = prefix;
            _spelling = spelling;
            _states = states;
            _stateStride = stateStride;
            _losses = losses;
            _capacity = Math.Max(ChunkPlaces, spelling.Longest + 1);
            Activations = Scratch.Take<T>(ScratchUse.DecoderActivations, 2L * _capacity * width + 2L * _capacity);
            Sums = Activations + (long)_capacity * width;
            Losses = Sums + (long)_capacity * width;
            Weights = Losses + _capacity;
            Targets = Scratch.Take<int>(ScratchUse.DecoderPlaces, 3L * _capacity + 1);
            Keys = Targets + _capacity;
            Later = Keys + _capacity;
        }

        public int Width { get; }

        public T* Prefix { get; }

        /// <summary>tanh(z), [places, D].</summary>
        public T* Activations { get; }

        /// <summary>z, then its gradient, then for each place the sum of the gradients from it on, [places, D].</summary>
        public T* Sums { get; }

        /// <summary>The loss of each place.</summary>
        public T* Losses { get; }

        /// <summary>The loss weight of each place.</summary>
        public T* Weights { get; }

        /// <summary>The symbol at each place.</summary>
        public int* Targets { get; }

        /// <summary>For each later place the prefix vector of the byte before it.</summary>
        public int* Keys { get; }

        /// <summary>Where the later places of each row begin; one more entry is their end.</summary>
        public int* Later { get; }

        /// <summary>Rows of the chunk.</summary>
        public int Rows { get; private set; }

        /// <summary>Places of all of them.</summary>
        public int Places { get; private set; }

        /// <summary>The place of a row by its number.</summary>
        public readonly long At(int row, int place) => (place == 0 ? row : Later[row] + place - 1) * (long)Width;

        public readonly int PlacesOf(int row) => 1 + Later[row + 1] - Later[row];

        public readonly T* State(int row) => _states + (_first + row) * _stateStride;

        public readonly T* RowLoss(int row) => _losses + _first + row;

        /// <summary>The row's number in the pass.</summary>
        public readonly long InPass(int row) => _first + row;

        /// <summary>Takes as many rows as fit, and says what stands at each place.</summary>
        public void Lay(int first, int rows, int* targets, T* weights)
        {
            _first = first;
            Rows = 0;
            Places = 0;
            while (first + Rows < rows && Places + 1 + Length(targets[first + Rows]) <= _capacity)
            {
                Places += 1 + Length(targets[first + Rows++]);
            }

            int next = Rows;
            for (int row = 0; row < Rows; row++)
            {
                int token = targets[first + row];
                int length = Length(token);
                int* spelled = length == 0 ? null : _spelling.Rows + _spelling.Starts[token];
                Later[row] = next;
                Targets[row] = length == 0 ? token : spelled[0] & byte.MaxValue;
                for (int place = 1; place <= length; place++, next++)
                {
                    Targets[next] = place < length ? spelled[place] & byte.MaxValue : End;
                    Keys[next - Rows] = spelled[place - 1];
                }

                if (weights != null)
                {
                    Weights[row] = weights[first + row];
                    new Span<T>(Weights + Later[row], length).Fill(weights[first + row]);
                }
            }

            Later[Rows] = next;
        }

        private readonly int Length(int token) => token < 0 ? 0 : _spelling.Starts[token + 1] - _spelling.Starts[token];
    }

    private readonly struct ExpandKernel<T>(Chunk<T> chunk) : IRowKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(int tile, int first, int end)
        {
            int width = chunk.Width;
            for (int row = first; row < end; row++)
            {
                T* z = chunk.State(row);
                for (int place = 0; place < chunk.PlacesOf(row); place++)
                {
                    T* here = chunk.Sums + chunk.At(row, place);
                    new ReadOnlySpan<T>(z, width).CopyTo(new Span<T>(here, width));
                    if (place > 0)
                    {
                        RowLoops.Add(width, chunk.Prefix + (long)chunk.Keys[chunk.Later[row] + place - 1 - chunk.Rows] * width, here);
                    }

                    Tanh(width, here, chunk.Activations + chunk.At(row, place));
                    z = here;
                }
            }
        }

        private static void Tanh(int width, T* z, T* target)
        {
            int i = 0;
            for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
            {
                Lanes.Store(target + i, Lanes.Tanh(Lanes.Load(z + i)));
            }

            for (; i < width; i++)
            {
                target[i] = Lanes.Tanh(z[i]);
            }
        }
    }

    /// <summary>The loss of a row is the sum over its places, in their order.</summary>
    private readonly struct SumKernel<T>(Chunk<T> chunk) : IRowKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(int tile, int first, int end)
        {
            for (int row = first; row < end; row++)
            {
                T sum = chunk.Losses[row];
                for (int place = chunk.Later[row]; place < chunk.Later[row + 1]; place++)
                {
                    sum += chunk.Losses[place];
                }

                *chunk.RowLoss(row) = sum;
            }
        }
    }

    /// <summary>dz_p = da_p·(1 − a_p²); a vector that enters at a place is in all z from there on.</summary>
    private readonly struct GradientKernel<T>(Chunk<T> chunk, T* stateGradient) : IRowKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(int tile, int first, int end)
        {
            int width = chunk.Width;
            for (int row = first; row < end; row++)
            {
                for (int place = chunk.PlacesOf(row) - 1; place >= 0; place--)
                {
                    T* gradient = chunk.Sums + chunk.At(row, place);
                    ThroughTanh(width, chunk.Activations + chunk.At(row, place), gradient);
                    if (place + 1 < chunk.PlacesOf(row))
                    {
                        RowLoops.Add(width, chunk.Sums + chunk.At(row, place + 1), gradient);
                    }
                }

                new ReadOnlySpan<T>(chunk.Sums + chunk.At(row, 0), width).CopyTo(new Span<T>(stateGradient + chunk.InPass(row) * width, width));
            }
        }

        private static void ThroughTanh(int width, T* activation, T* gradient)
        {
            int i = 0;
            for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
            {
                Vector<T> a = Lanes.Load(activation + i);
                Lanes.Store(gradient + i, Lanes.Load(gradient + i) * (Vector<T>.One - a * a));
            }

            for (; i < width; i++)
            {
                gradient[i] *= T.One - activation[i] * activation[i];
            }
        }
    }
}
