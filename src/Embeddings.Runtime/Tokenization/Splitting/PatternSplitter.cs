using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Embeddings.Tokenization;

/// <summary>
/// Cuts with any regular expression: each match is a pre-token, and so is each stretch between matches. Characters above U+FFFF are shown to
/// the expression as one character of the same Unicode category, so that it sees whole code points, as the scanners do; a byte that is not
/// UTF-8 is shown as U+FFFD.
/// </summary>
public sealed class PatternSplitter : Splitter
{
    private static readonly char[] s_standIns = StandIns();
    private readonly string _pattern;
    private readonly Lazy<Regex> _regex;

    /// <summary>A splitter of a pattern.</summary>
    /// <param name="pattern">A .NET regular expression, without characters above U+FFFF.</param>
    /// <exception cref="UserError">It is not one.</exception>
    public PatternSplitter(string pattern)
    {
        if (pattern.Length == 0 || pattern.Any(char.IsSurrogate))
        {
            throw new UserError(pattern.Length == 0
                ? "The pre-tokenisation pattern is empty; give a regular expression, or PreTokenization.None."
                : "The pre-tokenisation pattern contains a character above U+FFFF; write a class such as \\p{So} for it.");
        }

        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant);
            _pattern = pattern;
            _regex = new Lazy<Regex>(() => new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled));
        }
        catch (ArgumentException problem)
        {
            throw new UserError($"The pre-tokenisation pattern is not a regular expression: {problem.Message.ReplaceLineEndings(" ").TrimEnd('.')}.", problem);
        }
    }

    /// <inheritdoc/>
    public override string Name => _pattern;

    /// <inheritdoc/>
    public override string Pattern => _pattern;

    /// <inheritdoc/>
    public override bool CutsAfterWords => false;

    /// <inheritdoc/>
    public override unsafe void Split(ReadOnlySpan<byte> document, PreTokenSink sink)
    {
        char[] text = Decode(document);
        fixed (byte* bytes = document)
        {
            var cuts = new Cuts(sink, bytes, bytes + document.Length);
            int end = 0;
            foreach (ValueMatch match in _regex.Value.EnumerateMatches(text))
            {
                cuts.Advance(match.Index - end);
                cuts.Advance(match.Length);
                end = match.Index + match.Length;
            }

            cuts.Advance(text.Length - end);
            cuts.Flush();
        }
    }

    private static unsafe char[] Decode(ReadOnlySpan<byte> document)
    {
        var text = new char[document.Length];
        int count = 0;
        fixed (byte* bytes = document)
        {
            byte* end = bytes + document.Length;
            for (byte* position = bytes; position < end;)
            {
                int code = CharacterKinds.Decode(position, end, out int length);
                text[count++] = code < 0x10000 ? (char)code : s_standIns[(int)CharUnicodeInfo.GetUnicodeCategory(code)];
                position += length;
            }
        }

        return text[..count];
    }

    /// <summary>For each category one character of it; the last that there is, so that few patterns name it.</summary>
    private static char[] StandIns()
    {
        var characters = new char[30];
        Array.Fill(characters, '\uFFFD');
        for (int code = 0xA0; code < 0xFFFE; code++)
        {
            characters[(int)CharUnicodeInfo.GetUnicodeCategory((char)code)] = (char)code;
        }

        return characters;
    }

    /// <summary>Turns counts of characters into cuts in bytes.</summary>
    private unsafe ref struct Cuts
    {
        private readonly PreTokenSink _sink;
        private readonly byte* _first;
        private readonly byte* _end;
        private byte* _position;
        private int _start;
        private int _count;

        public Cuts(PreTokenSink sink, byte* first, byte* end)
        {
            _sink = sink;
            _first = first;
            _end = end;
            _position = first;
        }

        public void Advance(int characters)
        {
            if (characters == 0)
            {
                return;
            }

            for (; characters > 0; characters--)
            {
                CharacterKinds.Decode(_position, _end, out int length);
                _position += length;
            }

            _sink.Ends[_count++] = (int)(_position - _first);
            if (_count == _sink.Ends.Length)
            {
                Flush();
            }
        }

        public void Flush()
        {
            if (_count > 0)
            {
                _sink.Take(new ReadOnlySpan<byte>(_first, (int)(_end - _first)), _start, _sink.Ends[.._count]);
                _start = (int)(_position - _first);
                _count = 0;
            }
        }
    }
}
