using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Embeddings.Experiments.Reports;
using Embeddings.Experiments.Studies;
using Embeddings.Experiments.Tests.Studies;

namespace Embeddings.Experiments.Tests.Reports;

public sealed class VocabularyOutputTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("embeddings-report-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Page_fetches_nothing()
    {
        string page = Write();
        Assert.DoesNotMatch(@"<(script|link|iframe|img|object|embed)\b", page);
        Assert.DoesNotMatch(@"(src|href)\s*=\s*[""'](?!#)", page);
        Assert.DoesNotMatch(@"url\(|@import", page);
        string[] addresses = [.. Regex.Matches(page, @"https?://[^""\s<]+").Select(match => match.Value).Distinct()];
        Assert.Equal(["http://www.w3.org/2000/svg"], addresses);
    }

    [Fact]
    public void Page_is_well_formed()
    {
        string page = Write().Replace("<!DOCTYPE html>", "", StringComparison.Ordinal);
        page = Regex.Replace(page, "<meta [^>]*>|<br>", "");
        Assert.Equal("html", XDocument.Parse(page).Root!.Name.LocalName);
    }

    [Fact]
    public void Page_has_every_section_in_order_and_answers_before_it_explains()
    {
        string page = Write();
        string[] sections = ["question", "compared", "results", "costs", "claims", "floors", "method", "caveats", "runs"];
        Assert.Equal(sections, Regex.Matches(page, "<h2 id=\"([a-z]+)\"").Select(match => match.Groups[1].Value));
        int answer = page.IndexOf("class=\"answer\"", StringComparison.Ordinal);
        Assert.InRange(answer, 1, page.IndexOf("id=\"question\"", StringComparison.Ordinal));
        Assert.Equal(4, Regex.Count(page, "<svg class=\"chart\""));
    }

    [Fact]
    public void Numbers_on_the_page_are_those_of_the_results()
    {
        string page = Write();
        JsonElement results = Results();
        foreach (JsonElement contrast in results.GetProperty("contrasts").EnumerateArray())
        {
            string row = Row(page, contrast.GetProperty("title").GetString()!);
            Assert.Contains(">" + VocabularyWords.Signed(contrast.GetProperty("estimate").GetDouble()) + "<", row, StringComparison.Ordinal);
            Assert.Contains(
                VocabularyWords.Interval(contrast.GetProperty("low").GetDouble(), contrast.GetProperty("high").GetDouble()), row, StringComparison.Ordinal);
            Assert.Contains(">" + contrast.GetProperty("verdict").GetString() + "<", row, StringComparison.Ordinal);
        }

        foreach (JsonElement claim in results.GetProperty("claims").EnumerateArray())
        {
            Assert.Contains(">" + claim.GetProperty("verdict").GetString() + "<", Row(page, claim.GetProperty("id").GetString()!), StringComparison.Ordinal);
        }

        int runs = results.GetProperty("runs").GetArrayLength();
        Assert.Equal(runs, Regex.Count(page, @"<th scope=""row""><code>Vocabulary"));
    }

    [Fact]
    public void Results_have_the_stable_names()
    {
        Write();
        JsonElement results = Results();
        Assert.Equal("vocabulary", results.GetProperty("study").GetString());
        Assert.Equal("quick", results.GetProperty("tier").GetString());
        Assert.True(results.TryGetProperty("corpus", out _));
        foreach (string name in (string[])["variant", "seed", "validationBitsPerByte", "bytes", "tokens", "flops", "seconds"])
        {
            Assert.All(results.GetProperty("runs").EnumerateArray(), run => Assert.True(run.TryGetProperty(name, out _), name));
        }

        foreach (string name in (string[])["name", "estimate", "low", "high", "p", "verdict"])
        {
            Assert.All(results.GetProperty("contrasts").EnumerateArray(), contrast => Assert.True(contrast.TryGetProperty(name, out _), name));
        }

        Assert.All(results.GetProperty("claims").EnumerateArray(), claim =>
        {
            Assert.False(string.IsNullOrEmpty(claim.GetProperty("id").GetString()));
            Assert.Contains(claim.GetProperty("verdict").GetString(), (string[])["supported", "contradicted", "equivalent", "inconclusive"]);
        });
    }

    [Fact]
    public void Text_from_outside_is_escaped() => Assert.Contains("synthetic &lt;text&gt; &amp; more", Write(), StringComparison.Ordinal);

    [Fact]
    public void Headline_follows_the_primary_verdict()
    {
        Assert.Contains("<p>Yes, here:", Write(), StringComparison.Ordinal);
        Assert.Contains("<p>No, here: tokens whose rows are computed", Write(score: run =>
            SyntheticVocabulary.DefaultScore(run) + (run.Variant.Name == "Vocabulary4096" ? 0.1 : 0)), StringComparison.Ordinal);
        Assert.Contains("<p>Undecided, here:", Write(score: run =>
            SyntheticVocabulary.DefaultScore(run) + (run.Variant.Name == "Vocabulary4096" ? 0.2 * (run.Seed % 2) : 0)), StringComparison.Ordinal);
    }

    [Fact]
    public void One_seed_gives_a_page_without_intervals()
    {
        (VocabularyDesign design, StudyPlan plan, StudyAnalysis analysis) = SyntheticVocabulary.Study();
        RunResult[] runs = [.. analysis.Runs.Where(run => run.Seed == 1)];
        StudyAnalysis single = VocabularyStudy.Analyze(design, plan with { Seeds = [1] }, new SyntheticVocabulary(), runs);
        VocabularyOutput.Write(_directory, design, single, RateSweep.None, [], 2, DateTimeOffset.UnixEpoch, Assert.Fail);
        string page = File.ReadAllText(Path.Combine(_directory, VocabularyOutput.Report));
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        Assert.Contains("one seed, so no interval", page, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, Results().GetProperty("contrasts")[0].GetProperty("low").ValueKind);
    }

    [Fact]
    public void Table_for_other_programs_has_a_line_per_contrast_with_full_numbers()
    {
        Write();
        string[] lines = File.ReadAllText(Path.Combine(_directory, "contrasts.csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        JsonElement contrasts = Results().GetProperty("contrasts");
        Assert.Equal(contrasts.GetArrayLength() + 1, lines.Length);
        Assert.Equal("name,family,pairs,estimate", string.Join(',', lines[0].Split(',')[..4]));
        string[] first = lines[1].Split(',');
        Assert.Equal(contrasts[0].GetProperty("name").GetString(), first[0]);
        Assert.Equal(contrasts[0].GetProperty("estimate").GetDouble(), double.Parse(first[3], CultureInfo.InvariantCulture));
        Assert.EndsWith("\"What a table gains from 4,096 tokens beyond what composed rows gain (equal bytes)\"", lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("interaction")]
    [InlineData("equal-flops")]
    [InlineData("contrasts")]
    [InlineData("parameters")]
    public void Pictures_stand_alone(string name)
    {
        Write();
        XElement picture = XDocument.Load(Path.Combine(_directory, name + ".svg")).Root!;
        Assert.Equal("svg", picture.Name.LocalName);
        Assert.NotEmpty(picture.Attribute("aria-label")!.Value);
        Assert.Contains(picture.Elements(), element => element.Name.LocalName == "style");
        Assert.All(
            picture.Descendants().Attributes().Where(attribute => attribute.Name.LocalName is "x" or "y" or "cx" or "cy" or "x1" or "y1"),
            attribute => Assert.InRange(double.Parse(attribute.Value, CultureInfo.InvariantCulture), -1, 1000));
        byte[] png = File.ReadAllBytes(Path.Combine(_directory, name + ".png"));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], png[..4]);
        Assert.True(png.Length > 5000);
    }

    [Fact]
    public void Swept_rates_are_on_the_page_and_in_the_results()
    {
        Assert.Contains("One learning rate serves all arms.", Write(), StringComparison.Ordinal);
        Assert.Empty(Results().GetProperty("sweep").EnumerateArray());
        RateSweep sweep = SyntheticVocabulary.Sweep(run => run.Variant.Name == "Vocabulary1024" ? run.RateScale : Math.Abs(run.RateScale - 1));
        string page = Write(sweep: sweep);
        Assert.Contains("<th scope=\"row\"><code>Vocabulary1024</code></th><td class=\"n\"><strong>0.5000</strong></td>", page, StringComparison.Ordinal);
        Assert.Contains("For Vocabulary1024 the best was the lowest or the highest tried", page, StringComparison.Ordinal);
        Assert.Equal(sweep.Points.Length, Results().GetProperty("sweep").GetArrayLength());
    }

    [Fact]
    public void Nothing_half_written_is_left()
    {
        Write();
        Assert.Empty(Directory.GetFiles(_directory, "*.tmp"));
    }

    [Fact]
    public void Folder_that_cannot_be_written_is_one_clear_sentence()
    {
        (VocabularyDesign design, _, StudyAnalysis analysis) = SyntheticVocabulary.Study();
        UserError error = Assert.Throws<UserError>(() => VocabularyOutput.Write(
            Path.Combine(_directory, "missing"), design, analysis, RateSweep.None, [], 2, DateTimeOffset.UnixEpoch, _ => { }));
        Assert.Contains("results.json", error.Message, StringComparison.Ordinal);
    }

    private static string Row(string page, string heading)
    {
        string start = $"<tr><th scope=\"row\">{HtmlPage.Escape(heading)}</th>";
        int from = page.IndexOf(start, StringComparison.Ordinal);
        Assert.True(from >= 0, heading);
        return page[from..page.IndexOf("</tr>", from, StringComparison.Ordinal)];
    }

    private string Write(Func<RunRequest, double>? score = null, RateSweep? sweep = null)
    {
        (VocabularyDesign design, _, StudyAnalysis analysis) = SyntheticVocabulary.Study(score: score);
        VocabularyOutput.Write(
            _directory, design, analysis, sweep ?? RateSweep.None, new SyntheticVocabulary().References(design.BytesPerRun), 2, DateTimeOffset.UnixEpoch,
            Assert.Fail);
        return File.ReadAllText(Path.Combine(_directory, VocabularyOutput.Report));
    }

    private JsonElement Results() =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(_directory, VocabularyOutput.Results))).RootElement;
}
