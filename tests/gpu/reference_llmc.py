"""Builds llm.c's trainer from a folder with its source and times its step of GPT-2 124M at 65,536 tokens, bf16. Prints JSON.

The trainer starts from random weights ("d12") on a shard of random tokens, which has llm.c's format: 256 integers (magic, version, count),
then 16-bit tokens. It reports each step's rate itself; the median after the first ones is kept.
"""

import json
import pathlib
import random
import re
import statistics
import struct
import subprocess
import sys

VOCABULARY = 50257
BATCH, CONTEXT, STEPS, WARMUP = 64, 1024, 30, 5
MAGIC, VERSION = 20240520, 1
FLOPS_PER_TOKEN = 6.0 * (12 * 12 * 768**2 + 50304 * 768) + 6.0 * 12 * 768 * CONTEXT  # causal attention counted once


def shard(path, count):
    generator = random.Random(1)
    with open(path, "wb") as file:
        file.write(struct.pack("<256i", MAGIC, VERSION, count, *[0] * 253))
        file.write(struct.pack(f"<{count}H", *(generator.randrange(VOCABULARY) for _ in range(count))))


def main():
    source, out = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    subprocess.run(["make", "train_gpt2cu", "NO_MULTI_GPU=1"], cwd=source, check=True, stdout=sys.stderr)
    tokens = out / "random_tokens.bin"
    shard(tokens, 2 * BATCH * CONTEXT + 1)
    try:
        run = subprocess.run(
            ["./train_gpt2cu", "-i", tokens, "-j", tokens, "-e", "d12", "-b", str(BATCH), "-t", str(CONTEXT), "-d", str(BATCH * CONTEXT),
             "-x", str(STEPS), "-v", "0", "-s", "0", "-h", "0", "-n", "0", "-m", "1"],
            cwd=source, check=True, capture_output=True, text=True)
    finally:
        tokens.unlink()

    milliseconds = [float(value) for value in re.findall(r"\|\s*([\d.]+) ms", run.stdout)][WARMUP:]
    if not milliseconds:
        raise SystemExit("llm.c printed no times:\n" + run.stdout[-2000:])
    median = statistics.median(milliseconds)
    print(json.dumps({
        "system": "llm.c",
        "tokensPerSecond": 1e3 * BATCH * CONTEXT / median,
        "millisecondsPerStep": median,
        "gflops": BATCH * CONTEXT * FLOPS_PER_TOKEN / median / 1e6,
    }))


if __name__ == "__main__":
    main()
