using Embeddings.Checkpoints;
using Embeddings.Runtime.Tests.Training;

namespace Embeddings.Runtime.Tests.Checkpoints;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_write_that_fails_leaves_the_old_content_and_nothing_beside_it()
    {
        string path = _folder.Write("file", "old");
        var full = new IOException("No space left on device");
        UserError error = Assert.Throws<UserError>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[5_000_000]);
            throw full;
        }));
        Assert.Equal($"Cannot write '{path}' (No space left on device); free some space or give another folder.", error.Message);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Readers_see_the_old_content_until_all_of_the_new_is_written()
    {
        string path = _folder.Write("file", "old");
        AtomicFile.Write(path, stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            Assert.Equal("old", File.ReadAllText(path));
        });
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Mistakes_of_the_program_are_not_turned_into_sentences_for_the_user()
    {
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(_folder["file"], _ => throw new InvalidOperationException()));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_folder_in_the_place_of_the_file_is_one_sentence()
    {
        Directory.CreateDirectory(_folder["taken"]);
        Assert.Throws<UserError>(() => AtomicFile.Write(_folder["taken"], stream => stream.Write("x"u8)));
        Assert.Throws<UserError>(() => AtomicFile.Write(_folder["missing/file"], stream => stream.Write("x"u8)));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }
}
