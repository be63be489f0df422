using System.Collections.Generic;

namespace Embeddings.Generator.Parsing;

/// <summary>A property of a model together with the attribute that says it.</summary>
/// <param name="Name">Name of the attribute's property.</param>
/// <param name="Origin">The attribute; null where the default holds.</param>
internal abstract record Setting(string Name, Application? Origin);

/// <summary>A property of a model with its value.</summary>
internal sealed record Setting<T>(string Name, T Value, Application? Origin) : Setting(Name, Origin)
{
    /// <summary>
    /// Resolves one property by itself: the first attribute that says it holds, so that a variant inherits every property it does not say.
    /// </summary>
    public static Setting<T> Resolve(IEnumerable<Application> nearestFirst, string name, T whenNotSaid)
    {
        foreach (Application application in nearestFirst)
        {
            if (application.TryGet(name, out T value))
            {
                return new Setting<T>(name, value, application);
            }
        }

        return new Setting<T>(name, whenNotSaid, Origin: null);
    }
}
