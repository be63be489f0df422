using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Embeddings.Peers;
using TorchSharp;
using static TorchSharp.torch;

// Peers.TorchSharp VARIANT [threads] [seconds]: the median training step on random tokens, as one line of JSON.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
PeerShape shape = PeerShape.Find(args.Length > 0 ? args[0] : "BenchSmall");
set_num_threads(args.Length > 1 ? int.Parse(args[1]) : Environment.ProcessorCount);
double seconds = args.Length > 2 ? double.Parse(args[2]) : 5;

random.manual_seed(1);
var model = new PeerModel(shape);
var optimizer = new FusedAdamW(model.parameters());
for (int warmUp = 0; warmUp < 3; warmUp++)
{
    Step();
}

var times = new List<double>();
var clock = Stopwatch.StartNew();
while (times.Count < 3 || clock.Elapsed.TotalSeconds < seconds)
{
    long started = Stopwatch.GetTimestamp();
    Step();
    times.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
}

times.Sort();
double median = times[times.Count / 2];
double memory = Process.GetCurrentProcess().PeakWorkingSet64 / (double)(1 << 20);
Console.WriteLine(JsonSerializer.Serialize(new
{
    variant = shape.Name,
    peer = "TorchSharp, libtorch " + torch.__version__,
    threads = get_num_threads(),
    steps = times.Count,
    tokensPerSecond = shape.Tokens / median,
    millisecondsPerStep = 1e3 * median,
    gflops = shape.FlopsPerStep / median / 1e9,
    peakMemoryMiB = memory,
}));

void Step()
{
    using DisposeScope scope = NewDisposeScope();
    Tensor tokens = randint(0, shape.Vocabulary, [shape.Batch, shape.Context], dtype: int64);
    Tensor targets = randint(0, shape.Vocabulary, [shape.Batch, shape.Context], dtype: int64);
    Tensor loss = model.call(tokens, targets);
    optimizer.ClearGradients();
    loss.backward();
    optimizer.Step();
    loss.item<float>();
}
