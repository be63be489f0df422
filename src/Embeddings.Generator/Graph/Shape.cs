using System.Globalization;

namespace Embeddings.Generator.Graph;

/// <summary>
/// A static shape. Activations have R·<see cref="Rows"/> rows, where R = B·T is the number of tokens in a pass, known only at run time;
/// everything else is a constant.
/// </summary>
/// <param name="Kind">Which axes exist.</param>
/// <param name="Rows">Rows of a matrix, or rows per token of an activation; 1 otherwise.</param>
/// <param name="Columns">Length of the last axis; 1 for a scalar.</param>
internal readonly record struct Shape(ShapeKind Kind, int Rows, int Columns)
{
    public static readonly Shape Scalar = new(ShapeKind.Scalar, 1, 1);

    public static Shape Vector(int columns) => new(ShapeKind.Vector, 1, columns);

    public static Shape Matrix(int rows, int columns) => new(ShapeKind.Matrix, rows, columns);

    /// <summary>[R·perToken, columns].</summary>
    public static Shape Activation(int columns, int perToken = 1) => new(ShapeKind.Activation, perToken, columns);

    public bool IsActivation => Kind == ShapeKind.Activation;

    /// <summary>Whether it holds one number per row.</summary>
    public bool IsRowScalar => IsActivation && Columns == 1;

    /// <summary>Elements per token of an activation.</summary>
    public int PerToken => Rows * Columns;

    public override string ToString() => Kind switch
    {
        ShapeKind.Scalar => "[]",
        ShapeKind.Vector => string.Format(CultureInfo.InvariantCulture, "[{0}]", Columns),
        ShapeKind.Matrix => string.Format(CultureInfo.InvariantCulture, "[{0}, {1}]", Rows, Columns),
        _ when Rows == 1 => string.Format(CultureInfo.InvariantCulture, "[R, {0}]", Columns),
        _ => string.Format(CultureInfo.InvariantCulture, "[R*{0}, {1}]", Rows, Columns),
    };
}

/// <summary>Which axes a shape has.</summary>
internal enum ShapeKind
{
    /// <summary>One number.</summary>
    Scalar,

    /// <summary>A parameter of one axis.</summary>
    Vector,

    /// <summary>A parameter of two axes.</summary>
    Matrix,

    /// <summary>Rows for every token of the pass.</summary>
    Activation,
}
