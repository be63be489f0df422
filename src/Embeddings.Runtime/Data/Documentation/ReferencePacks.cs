using System.Runtime.InteropServices;

namespace Embeddings.Data.Documentation;

/// <summary>Finds the XML documentation that the SDK carries beside its reference assemblies.</summary>
internal static class ReferencePacks
{
    private static readonly string[] s_packs = ["Microsoft.NETCore.App.Ref", "Microsoft.AspNetCore.App.Ref"];

    /// <summary>Folders that may be the root of a .NET installation: the running one first.</summary>
    public static IEnumerable<string> Roots()
    {
        // The running runtime is <root>/shared/Microsoft.NETCore.App/<version>; `dotnet` sets the other two for what it starts.
        var runtime = new DirectoryInfo(RuntimeEnvironment.GetRuntimeDirectory());
        string?[] candidates =
        [
            runtime.Parent?.Parent?.Parent?.FullName,
            Environment.GetEnvironmentVariable("DOTNET_ROOT"),
            Path.GetDirectoryName(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")),
            Path.GetDirectoryName(Environment.ProcessPath),
            OnSearchPath(),
        ];
        return candidates.OfType<string>().Where(root => root.Length > 0).Distinct();
    }

    /// <summary>
    /// The documentation files of the newest version of each pack, in ordinal order of names: those of the first root that has any.
    /// </summary>
    /// <param name="roots">Folders to look in.</param>
    /// <returns>Paths; empty where no root has documentation.</returns>
    public static IReadOnlyList<string> Documentation(IEnumerable<string> roots)
    {
        foreach (string root in roots)
        {
            var files = s_packs.SelectMany(pack => NewestDocumentation(Path.Combine(root, "packs", pack))).ToList();
            if (files.Count > 0)
            {
                return files;
            }
        }

        return [];
    }

    private static string[] NewestDocumentation(string pack)
    {
        if (!Directory.Exists(pack))
        {
            return [];
        }

        foreach (string version in Directory.GetDirectories(pack).OrderByDescending(VersionOf))
        {
            string reference = Path.Combine(version, "ref");
            if (!Directory.Exists(reference))
            {
                continue;
            }

            foreach (string framework in Directory.GetDirectories(reference).OrderByDescending(path => path, StringComparer.Ordinal))
            {
                string[] files = Directory.GetFiles(framework, "*.xml");
                if (files.Length > 0)
                {
                    Array.Sort(files, (a, b) => string.CompareOrdinal(Path.GetFileName(a), Path.GetFileName(b)));
                    return files;
                }
            }
        }

        return [];
    }

    /// <summary>A key that orders versions: releases after previews of the same number.</summary>
    private static (Version Number, bool Released, string Label) VersionOf(string folder)
    {
        string name = Path.GetFileName(folder);
        int dash = name.IndexOf('-', StringComparison.Ordinal);
        string number = dash < 0 ? name : name[..dash];
        return (Version.TryParse(number, out Version? version) ? version : new Version(0, 0), dash < 0, name);
    }

    private static string? OnSearchPath()
    {
        string program = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
        {
            string path = Path.Combine(folder, program);
            if (folder.Length > 0 && File.Exists(path))
            {
                return Path.GetDirectoryName(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
            }
        }

        return null;
    }
}
