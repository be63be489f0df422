using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Diagnostics;

/// <content>The class that carries a declaration, and the attributes as a set.</content>
internal static partial class Descriptors
{
    public static readonly DiagnosticDescriptor ClassNotPartial = new(
        "EMB0001",
        "A model class must be partial",
        "Class '{0}' declares a model but is not partial; add the modifier 'partial' so that the generator can complete it",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor ClassNested = new(
        "EMB0002",
        "A model class must not be nested",
        "Class '{0}' declares a model inside '{1}'; move it to a namespace",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor ClassGeneric = new(
        "EMB0003",
        "A model class must not be generic",
        "Class '{0}' declares a model but has type parameters; remove them",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor ClassStatic = new(
        "EMB0004",
        "A model class must not be static",
        "Class '{0}' declares a model but is static and cannot implement IVariant; remove the modifier 'static'",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor ClassAbstract = new(
        "EMB0005",
        "A model class must not be abstract",
        "Class '{0}' declares a model but is abstract; remove the modifier 'abstract', since a base of variants is compiled like any model",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor ClassRecord = new(
        "EMB0006",
        "A model must be a class, not a record",
        "Record '{0}' declares a model; make it a class, since a model has no value of its own to compare",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor ClassFileLocal = new(
        "EMB0007",
        "A model class must not be file-local",
        "Class '{0}' declares a model but is visible in its file only, where generated code is not; replace the modifier 'file' by 'internal'",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor ClassNamedByKeyword = new(
        "EMB0008",
        "A model class must not have a keyword as its name",
        "Class '@{0}' declares a model but its name is a keyword; rename it",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor ClassInheritsFromModel = new(
        "EMB0009",
        "A model class must not derive from another one",
        "Class '{0}' derives from the model '{1}', which inherits no declaration; write [VariantOf<{1}>] instead of the base class",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor MemberNamedVariant = new(
        "EMB0010",
        "A model class must not have a member named Variant",
        "Class '{0}' has or inherits a member named 'Variant', which the generator adds; rename that member",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor NamesDifferInCaseOnly = new(
        "EMB0011",
        "Names of models must differ in more than case",
        "Models '{0}' and '{1}' differ in upper and lower case only, and so would their generated files; rename one of them",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor UnsafeCodeNotAllowed = new(
        "EMB0012",
        "The project must allow unsafe code",
        "The training step of '{0}' works on pointers but the project does not allow it; set <AllowUnsafeBlocks>true</AllowUnsafeBlocks> in the project file",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor LanguageVersionTooLow = new(
        "EMB0013",
        "The project must use C# 12 or later",
        "The training step of '{0}' is written in C# 12 but the project compiles C# {1}; remove <LangVersion> from the project file or set it to 12 or later",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor ClassNamedAsGenerated = new(
        "EMB0014",
        "A model class must not be named Variant or DeclaredVariants",
        "Class '{0}' declares a model but has the name of {1}; rename the class",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor ClassNamedAsAnother = new(
        "EMB0015",
        "A model class must not have the full name of a referenced class",
        "Class '{0}' declares a model but the referenced assembly {1} has a class of the same full name; rename it or move it to another namespace",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor SettingsWithoutDeclaration = new(
        "EMB0020",
        "The class declares no model",
        "[{0}] has no effect on '{1}' because the class declares no model; add [Transformer] or [VariantOf<TBase>]",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor VariantOfCycle = new(
        "EMB0021",
        "A model must not be a variant of itself",
        "The chain of variants {0} has no end; make one of these classes a [Transformer] without [VariantOf]",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor VariantOfUndeclared = new(
        "EMB0022",
        "The base of a variant must declare a model",
        "'{0}' is a variant of '{1}', which declares no model; add [Transformer] or [VariantOf<TBase>] to '{1}' or name another base",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor TwoTokenizers = new(
        "EMB0023",
        "A model must have one tokenizer",
        "'{0}' declares two tokenizers, [{1}] and [{2}]; remove one of them",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor DuplicateOptimizerGroup = new(
        "EMB0024",
        "A parameter group must have one optimizer",
        "'{0}' declares {1} for parameter group {2} twice; merge the two attributes into one",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor UndefinedEnumValue = new(
        "EMB0025",
        "The value is not one of the enumeration",
        "{0} = {1} is not a value of {2}; use one of {3}",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor NotFinite = new(
        "EMB0026",
        "The value is not a finite number",
        "{0} is {1}; give a finite number",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);
}
