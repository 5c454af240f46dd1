#!/usr/bin/env python3
"""Runs the sframe cases several times, interleaved, and prints the least disturbed time of each beside that of the bare cipher.

usage: tests/bench/ratios.py PROGRAM [FILTER] [REPETITIONS]
"""
import json
import subprocess
import sys

program, pattern, repetitions = (sys.argv[1:] + ["", "9"][len(sys.argv) - 2:])[:3] if len(sys.argv) > 1 else sys.exit(__doc__)
run = subprocess.run([program, f"--benchmark_filter=^(sframe|raw)/(seal|open|evp_seal|evp_open)/{pattern}", "--benchmark_format=json",
                      f"--benchmark_repetitions={repetitions}", "--benchmark_enable_random_interleaving=true"],
                      capture_output=True, text=True, check=True)
least = {}
for case in json.loads(run.stdout)["benchmarks"]:
    if case["run_type"] == "iteration":
        name = case["run_name"].split("/iterations:")[0]
        least[name] = min(case["least_ns"], least.get(name, float("inf")))
print(f"{'case':28} {'raw ns':>9} {'evp ns':>9} {'ours ns':>9} {'ratio':>6}")
for name, ours in sorted(least.items(), key=lambda entry: (entry[0].split('/')[1:3], int(entry[0].split('/')[3]))):
    layer, verb, suite, size = name.split("/")
    if layer != "sframe":
        continue
    raw, evp = (least.get(f"raw/{kind}{verb}/{suite}/{size}", float("nan")) for kind in ("", "evp_"))
    best = min(raw, evp)
    print(f"{verb + '/' + suite + '/' + size:28} {raw:9.1f} {evp:9.1f} {ours:9.1f} {ours / best:6.2f}")
