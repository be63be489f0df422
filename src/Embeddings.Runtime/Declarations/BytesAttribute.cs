using System;

namespace Embeddings;

/// <summary>Declares that every byte is a token: a vocabulary of 256. The default tokenizer.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class BytesAttribute : Attribute;
