#!/usr/bin/env bash
# Proves and times the CUDA path on the device of this machine, with a published build and nothing else of .NET; see docs/cuda.md.
#
#   tests/gpu/run.sh BUILD
#
# BUILD is the folder that `tests/gpu/publish.sh` writes, or its archive. Results go to $OUT (default: gpu-results): one JSON or log file per
# stage and summary.json over all. A stage that fails does not stop the others; the exit code is the number of stages that failed.
#
# STAGES picks some of: kernels models check study bench torch llmc (default: all), so that each fits into a call of its own; a stage is ended
# after $LIMIT seconds (default: 560), and summary.json is over all that lies in $OUT. What a stage needs and is not there (PyTorch; the folder
# of llm.c in $LLMC, and nvcc) makes it "skipped" by name. SMALL=1 takes small models and few steps: the rehearsal on a machine without a
# device, with the EMBEDDINGS_CUDA_ variables naming a stand-in library.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${1:?usage: tests/gpu/run.sh BUILD}
out=${OUT:-gpu-results}
stages=${STAGES:-kernels models check study bench torch llmc}
limit=${LIMIT:-560}
mkdir -p "$out"
out=$(cd "$out" && pwd)
if [ -f "$build" ]; then
    unpacked=$(mktemp -d)
    trap 'rm -rf "$unpacked"' EXIT
    tar -xf "$build" -C "$unpacked" 2> /dev/null || python3 -m tarfile -e "$build" "$unpacked" || exit 100 # tar needs xz for it
    build=$unpacked
fi
build=$(cd "$build" && pwd) || exit 100
embeddings=$build/embeddings
tests=$build/Embeddings.Runtime.Tests
chmod +x "$embeddings" "$tests" 2>/dev/null
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 EMBEDDINGS_CACHE=${EMBEDDINGS_CACHE:-$out}

if [ "${SMALL:-0}" = 1 ]; then
    kernels=("-method" "*CudaPrecisionTests.In_bf16*") models=("-method" "*CudaModelTests.In_fp32_what_changes*")
    bench="BenchTiny" batch="--batch 2" steps="--steps 1" study="--bytes 20k --seeds 1" checked="BenchTiny"
    shape=(--layers 2 --width 64 --context 64 --vocabulary 256 --batch 2 --steps 2)
    heads="2"
else
    kernels=("-method" "*AttentionKernelTests.*" "-method" "*DeviceByteDecoderTests.*" "-method" "*TokenBytesKernelTests.*" "-method" "*DeviceTimingTests.*" "-method" "*CudaPrecisionTests.*"
        "-method" "*CudaModelTests.In_fp32_what_changes*")
    models=("-method" "*ModelTests.In_fp32_two_steps*" "-method" "*CudaRouteTests.*" "-method" "*RecomputeTests.On_a_device*")
    bench="Gpt2SmallLong Gpt2SmallWideHeads" batch="--batch 64" steps="--steps 30" study="--seeds 2"
    checked="Baseline BaselineComposed BenchTiny BenchSmall Vocabulary1024 Vocabulary1024Composed"
    shape=(--batch 64 --steps 30)
    heads="12 6"
fi

failed=0
touch "$out/stages.txt"
note() { # STATE NAME SECONDS: in place of what an earlier call noted of the same stage
    grep -v " $2 " "$out/stages.txt" > "$out/stages.new"
    echo "$1 $2 $3" | tee -a "$out/stages.new"
    mv "$out/stages.new" "$out/stages.txt"
}
stage() { # NAME COMMAND…: runs it, keeps its standard output as NAME.json and its errors as NAME.log
    local name=$1 began=$SECONDS
    shift
    echo "== $name: $*"
    if timeout "$limit" "$@" > "$out/$name.json" 2> "$out/$name.log"; then
        note passed "$name" $((SECONDS - began))
        rm -rf "$out/$name/runs"
    else
        note FAILED "$name" $((SECONDS - began))
        tail -n 3 "$out/$name.json" "$out/$name.log"
        failed=$((failed + 1))
    fi
}
skip() { echo "== $1: skipped, for $2"; note skipped "$1" 0; }
wanted() { [[ " $stages " == *" $1 "* ]]; }

{
    nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.sm,clocks.mem --format=csv || echo "no nvidia-smi"
    uname -a
} > "$out/machine.txt" 2>&1

# The kernels go through NVRTC and the tests that run on the emulator run on the device; then the steps of every variant of the tests.
if wanted kernels; then
    EMBEDDINGS_TEST_GPU=1 stage kernels "$tests" "${kernels[@]}" -noColor
fi
if wanted models; then
    EMBEDDINGS_TEST_GPU=1 stage models "$tests" "${models[@]}" -noColor
fi

# Losses against the processor's, resuming to the same bits.
if wanted check; then
    for precision in fp32 bf16; do
        stage "check-$precision" "$embeddings" check $checked --device cuda --precision $precision --json
    done
fi

# The quick study on the device and on the processor; bits per byte stand side by side in the summary. One that was ended goes on in the next
# call with the runs that it has not made.
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
        if python3 -c "import torch" 2> /dev/null; then
            stage "torch-$count-heads" python3 "$here/reference_torch.py" "${shape[@]}" --heads "$count"
        else
            skip "torch-$count-heads" "there is no PyTorch here"
        fi
    done
fi

if wanted llmc; then
    if [ -d "${LLMC:-}" ] && command -v nvcc > /dev/null; then
        stage llmc python3 "$here/reference_llmc.py" "$LLMC" "$out"
    else
        skip llmc "LLMC names no folder with its source, or there is no nvcc"
    fi
fi

python3 "$here/summarize.py" "$out" > "$out/summary.json" && cat "$out/summary.json"
exit "$failed"
