using System;
using Embeddings.Generator.Diagnostics;

namespace Embeddings.Generator.Parsing;

/// <summary>Rules that many properties share. Each returns whether it holds.</summary>
internal static class Rules
{
    /// <summary>A size from 1, or from another smallest one, to its limit.</summary>
    public static bool Size(Setting<int> setting, int limit, Reporter reporter, int smallest = 1)
    {
        bool holds = setting.Value >= smallest && setting.Value <= limit;
        if (!holds)
        {
            reporter.Report(Descriptors.SizeOutOfRange, setting, setting.Name, setting.Value, smallest, limit);
        }

        return holds;
    }

    /// <summary>A named value of its enumeration.</summary>
    public static bool Defined<T>(Setting<T> setting, Reporter reporter)
        where T : struct, Enum
    {
        bool holds = Enum.IsDefined(typeof(T), setting.Value);
        if (!holds)
        {
            reporter.Report(
                Descriptors.UndefinedEnumValue,
                setting,
                setting.Name,
                Convert.ToInt32(setting.Value),
                typeof(T).Name,
                string.Join(", ", Enum.GetNames(typeof(T))));
        }

        return holds;
    }

    /// <summary>Neither infinite nor not-a-number.</summary>
    public static bool Finite(Setting<double> setting, Reporter reporter)
    {
        bool holds = !double.IsNaN(setting.Value) && !double.IsInfinity(setting.Value);
        if (!holds)
        {
            reporter.Report(Descriptors.NotFinite, setting, setting.Name, setting.Value);
        }

        return holds;
    }
}
