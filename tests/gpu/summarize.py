"""Puts the results of tests/gpu/run.sh side by side: which stages passed, the step beside PyTorch's, the study on both devices."""

import json
import pathlib
import statistics
import sys

DENSE_BFLOAT16 = 989e12  # of an H100 SXM and an H200, from the maker's data sheet; MFU is against it, counting causal attention once


def read(path):
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def main():
    folder = pathlib.Path(sys.argv[1])
    stages = [line.split() for line in (folder / "stages.txt").read_text().splitlines()]
    summary = {
        "machine": (folder / "machine.txt").read_text().splitlines(),
        "stages": [{"name": name, "state": state.lower(), "seconds": int(seconds)} for state, name, seconds in stages],
    }
    steps = {}
    for path in sorted(folder.glob("bench-*.json")) + sorted(folder.glob("torch-*.json")) + [folder / "llmc.json"]:
        timing = read(path)
        if timing:
            steps[path.stem] = {
                "tokensPerSecond": timing["tokensPerSecond"],
                "millisecondsPerStep": timing["millisecondsPerStep"],
                "mfuCausal": timing["gflops"] * 1e9 / DENSE_BFLOAT16,
            }
    summary["steps"] = steps
    for ours, theirs in (("bench-Gpt2SmallLong", "torch-12-heads"), ("bench-Gpt2SmallWideHeads", "torch-6-heads"), ("bench-Gpt2SmallLong", "llmc")):
        if ours in steps and theirs in steps:
            summary[f"{ours} over {theirs}"] = steps[ours]["tokensPerSecond"] / steps[theirs]["tokensPerSecond"]
    study = {}
    for device in ("cuda", "cpu"):
        results = read(folder / f"study-{device}.json")
        for run in results["runs"] if results else []:
            study.setdefault(run["variant"], {}).setdefault(device, []).append(run["validationBitsPerByte"])
    summary["studyBitsPerByte"] = {
        variant: {device: statistics.mean(values) for device, values in runs.items()} for variant, runs in study.items()
    }
    print(json.dumps(summary, indent=1))


if __name__ == "__main__":
    main()
