#!/usr/bin/env python3
"""Prints what a frame costs through the C interface beside the C++ one, and from Python and Node: the figures of docs/figures/bindings.md.

usage: tests/bench/bindings_figures.py BUILD [REPETITIONS]    BUILD has conclave_bench, and bindings-test from the tests labelled bindings.
"""
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).resolve().parents[1] / "e2e/peers"


def least(program, repetitions):
    """The quickest repetition of each case, interleaved."""
    run = subprocess.run([program, "--benchmark_filter=^(abi|session)/(seal|open)", "--benchmark_format=json", "--benchmark_min_time=0.05",
                          f"--benchmark_repetitions={repetitions}", "--benchmark_enable_random_interleaving=true"], capture_output=True, text=True, check=True)
    found = {}
    for case in json.loads(run.stdout)["benchmarks"]:
        if case["run_type"] == "iteration":
            found.setdefault(case["run_name"], []).append(case["cpu_time"])
    return {name: min(times) for name, times in found.items()}


def languages(build):
    """Nanoseconds per language, where the bindings were built; the quickest of three programs."""
    place = build / "bindings-test"
    library = str(next(place.rglob("libconclave.so.1")).parent)
    environment = {**os.environ, "LD_LIBRARY_PATH": library, "PYTHONPATH": str(place / "python")}
    programs = {"Python": ["/usr/bin/python3", PEERS / "overhead.py"], "Node": ["node", PEERS / "overhead.mjs", place / "node/index.js"]}
    for name, command in programs.items():
        runs = [json.loads(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout) for _ in range(3)]
        yield name, {what: min(run[what] for run in runs) for what in ("seal", "open")}


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build, repetitions = Path(sys.argv[1]).resolve(), sys.argv[2] if len(sys.argv) > 2 else "20"
    times = least(build / "tests/bench/conclave_bench", repetitions)
    print("| case | C++ ns | C ns | added ns |\n|---|---|---|---|")
    added = []
    for name in sorted(name for name in times if name.startswith("abi/")):
        plain = times[name.replace("abi", "session")]
        added.append(times[name] - plain)
        print(f"| {name[4:]} | {plain:.1f} | {times[name]:.1f} | {added[-1]:.1f} |")
    print(f"\nIn the middle {statistics.median(added):.1f} ns.\n")
    if (build / "bindings-test").exists():
        print("| 80 bytes, buffers reused | seal ns | open ns |\n|---|---|---|")
        for name, costs in languages(build):
            print(f"| {name} | {costs['seal']:.0f} | {costs['open']:.0f} |")


if __name__ == "__main__":
    main()
