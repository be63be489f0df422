#!/usr/bin/env bash
# Proves and times the CUDA path on the device of this machine, with a published build and nothing else of .NET; see docs/cuda.md.
#
#   tests/gpu/run.sh BUILD
#
# BUILD is the folder that `tests/gpu/publish.sh` writes, or its archive. Results go to $OUT (default: gpu-results): one JSON or log file per
# stage and summary.json over all. A stage that fails does not stop the others; the exit code is the number of stages that failed.
#
# STAGES picks some of: kernels check study bench torch (default: all). SMALL=1 takes small models and few steps: the rehearsal on a machine
# without a device, with the EMBEDDINGS_CUDA_ variables naming a stand-in library.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${1:?usage: tests/gpu/run.sh BUILD}
out=${OUT:-gpu-results}
stages=${STAGES:-kernels check study bench torch}
mkdir -p "$out"
out=$(cd "$out" && pwd)
if [ -f "$build" ]; then
    unpacked=$(mktemp -d)
    tar -xf "$build" -C "$unpacked" || exit 100
    build=$unpacked
fi
embeddings=$build/embeddings
tests=$build/Embeddings.Runtime.Tests
chmod +x "$embeddings" "$tests" 2>/dev/null
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 EMBEDDINGS_CACHE=${EMBEDDINGS_CACHE:-$out}

if [ "${SMALL:-0}" = 1 ]; then
    bench="BenchTiny" batch="--batch 2" steps="--steps 1" study="--bytes 20k --seeds 1" checked="BenchTiny"
    torch_shape="--layers 2 --width 64 --context 64 --vocabulary 256 --batch 2 --steps 2 --heads"
    heads="2"
else
    bench="Gpt2SmallLong Gpt2SmallWideHeads" batch="--batch 64" steps="--steps 30" study="--seeds 2"
    checked="Baseline BaselineComposed BenchTiny BenchSmall Vocabulary1024 Vocabulary1024Composed"
    torch_shape="--batch 64 --steps 30 --heads"
    heads="12 6"
fi

failed=0
: > "$out/stages.txt"
stage() { # NAME COMMAND…: runs it, keeps its standard output as NAME.json and its errors as NAME.log
    local name=$1 began=$SECONDS
    shift
    echo "== $name: $*"
    if "$@" > "$out/$name.json" 2> "$out/$name.log"; then
        echo "passed $name $((SECONDS - began))" | tee -a "$out/stages.txt"
    else
        echo "FAILED $name $((SECONDS - began))" | tee -a "$out/stages.txt"
        tail -n 3 "$out/$name.log"
        failed=$((failed + 1))
    fi
}
wanted() { [[ " $stages " == *" $1 "* ]]; }

{
    nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.sm,clocks.mem --format=csv || echo "no nvidia-smi"
    uname -a
} > "$out/machine.txt" 2>&1

# Every kernel of the tests' variants goes through NVRTC; the same tests that run on the emulator run on the device.
if wanted kernels; then
    EMBEDDINGS_TEST_GPU=1 stage kernels "$tests" -class "*CudaModelTests" -class "*AttentionKernelTests" -class "*DeviceTimingTests" -noColor
fi

# Losses against the processor's, resuming to the same bits.
if wanted check; then
    for precision in fp32 bf16; do
        stage "check-$precision" "$embeddings" check $checked --device cuda --precision $precision --json
    done
fi

# The quick study on the device and on the processor; bits per byte stand side by side in the summary.
if wanted study; then
    for device in cuda cpu; do
        stage "study-$device" "$embeddings" study vocabulary --tier quick $study --device $device --data generated --out "$out/study-$device" --json
    done
fi

if wanted bench; then
    for variant in $bench; do
        stage "bench-$variant" "$embeddings" bench step --variant $variant $batch $steps --device cuda --precision bf16 --json
    done
fi

if wanted torch; then
    for count in $heads; do
        stage "torch-$count-heads" python3 "$here/reference_torch.py" $torch_shape $count
    done
fi

rm -rf "$out"/study-*/runs
python3 "$here/summarize.py" "$out" > "$out/summary.json" && cat "$out/summary.json"
exit "$failed"
