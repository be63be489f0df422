using System.Text.Json.Serialization;

namespace Embeddings.Experiments.Studies;

/// <summary>How results are written and read: camel case, indented.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(StudyResults))]
[JsonSerializable(typeof(RunResult))]
internal sealed partial class StudyJson : JsonSerializerContext;
