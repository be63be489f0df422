using System;

namespace Embeddings.Generator.Cuda;

/// <summary>A model needs something that has no CUDA form; its text names it in a few words, to follow "it needs". Such a model is
/// compiled for the CPU alone.</summary>
internal sealed class CudaUnsupportedException(string message) : Exception(message);
