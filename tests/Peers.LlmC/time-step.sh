#!/bin/sh
# time-step.sh LLM_C_FOLDER VARIANT [threads] [seconds]: builds step.c on llm.c's train_gpt2.c and times one step of a bench variant's shape.
set -e
usage="Give the folder of llm.c and one of BenchTiny, BenchSmall, BenchSmallBytes, BenchSmallWide, Gpt2Small, Gpt2SmallLong."
here=$(dirname "$0")
folder=${1:?$usage}
variant=${2:?$usage}
threads=${3:-$(nproc)}
seconds=${4:-5}
case $variant in # layers, heads, width, context, vocabulary, batch: as in BenchVariants.cs
    BenchTiny) shape="4 4 128 128 1024 16" ;;
    BenchSmall) shape="6 6 384 256 4096 8" ;;
    BenchSmallBytes) shape="6 6 384 256 256 8" ;;
    BenchSmallWide) shape="6 6 384 256 32768 8" ;;
    Gpt2Small) shape="12 12 768 64 50257 4" ;;
    Gpt2SmallLong) shape="12 12 768 1024 50257 1" ;;
    *) echo "$usage" >&2; exit 1 ;;
esac
program=$(mktemp)
trap 'rm -f "$program"' EXIT
${CC:-gcc} -Ofast -march=native -fopenmp -DOMP -w -I "$folder" "$here/step.c" -o "$program" -lm
OMP_NUM_THREADS=$threads "$program" "$variant" $shape "$seconds" | grep '^{'    # llm.c prints a line of its own
