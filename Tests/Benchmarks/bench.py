"""Compares `mnquant bench` with other engines: pairs of processes in turn, medians of their ratios.

    python bench.py --mnquant .build/release/mnquant --folder .build/benchmark --json results.json \
        --results Docs/Results.md

Every engine has one thread and takes one image at a time; `/8` is a batch of eight. A ratio pairs
mnquant's images per CPU-second with those of a peer in the same round. Two threads to one is from
CPU-seconds too, so that a busy machine does not count: twice what a CPU-second of theirs gives.
Results go where those of the same processor are, or behind all others.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from statistics import median

INT8_PEERS = ["onnxruntime-int8", "litert-int8", "onnxruntime-int8/8"]
FLOAT_PEERS = [
    "onnxruntime-float", "litert-float", "torch", "onnxruntime-float/8", "torch/8",
]  # fmt: skip
NETWORKS = ["v2-cifar", "v3-small-cifar", "v2-224", "v3-small-224"]
NAMES = {
    "int8 / litert-float": "litert-float, of int8",
    "two threads": "itself, two threads to one",
}
PACKAGES = ["ai-edge-litert", "onnxruntime", "torch"]
END = "<!-- end of benchmark -->"


def make_networks(folder):
    """Writes the networks that are not there yet, in a process of its own: torch is large."""
    for name in NETWORKS:
        if not (folder / f"{name}.int8.tflite").exists():
            code = f"import networks as n; n.make({name!r}, n.Path({str(folder)!r}))"
            paths = [str(Path(__file__).parent), *sys.path]
            subprocess.run(
                [sys.executable, "-W", "ignore", "-c", code], check=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            )  # fmt: skip


def peer(engine, name, options):
    script = Path(__file__).with_name("peer.py")
    command = [sys.executable, "-W", "ignore", script, engine, name, options.folder]
    output = subprocess.run(
        [*command, str(options.seconds)], check=True, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    ).stdout  # fmt: skip
    return float(output.split()[-1])


def ours(kind, name, options, threads=1):
    """What `mnquant bench` says; int8 runs the very file that LiteRT runs."""
    file = options.folder / (f"{name}.int8.tflite" if kind == "int8" else f"{name}.onnx")
    command = [options.mnquant, "bench", file, "--json", "--seconds", str(options.seconds)]
    command += ["--threads", str(threads)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def compare(name, options):
    """Rates and ratios of one network, by engine."""
    rates, ratios = {}, {}

    def note(table, key, value):
        table.setdefault(key, []).append(value)

    for pair in range(options.pairs):
        print(f"{name}: pair {pair + 1} of {options.pairs}", file=sys.stderr)
        own = {}
        for kind, peers in (("int8", INT8_PEERS), ("float", FLOAT_PEERS)):
            own[kind] = ours(kind, name, options)["imagesPerCPUSecond"]
            note(rates, f"mnquant-{kind}", own[kind])
            for engine in peers:
                other = peer(engine, name, options)
                note(rates, engine, other)
                note(ratios, engine, own[kind] / other)
                if engine == "litert-float":
                    note(ratios, "int8 / litert-float", own["int8"] / other)
        one, two = (ours("int8", name, options, n)["imagesPerCPUSecond"] for n in (1, 2))
        note(ratios, "two threads", 2 * two / one)
    return {
        "rates": {key: round(median(values), 1) for key, values in rates.items()},
        "ratios": {key: round(median(values), 3) for key, values in ratios.items()},
    }


def table(results):
    """Markdown: one row an engine, one column a network."""
    names = list(results["networks"])
    lines = [
        "| images per CPU-second | " + " | ".join(names) + " |",
        "|---|" + "---|" * len(names),
    ]
    rows = ["mnquant-int8", *INT8_PEERS, "mnquant-float", *FLOAT_PEERS]
    for row in rows:
        cells = [results["networks"][name]["rates"][row] for name in names]
        lines.append(f"| {row} | " + " | ".join(f"{cell:,.0f}" for cell in cells) + " |")
    lines += ["", "| ratio of mnquant to | " + " | ".join(names) + " |", lines[1]]
    for row in [*INT8_PEERS, *FLOAT_PEERS, "int8 / litert-float", "two threads"]:
        cells = [results["networks"][name]["ratios"][row] for name in names]
        row = NAMES.get(row, row)
        lines.append(f"| {row} | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |")
    return lines


def processor():
    """A virtual machine may hide the name, so the model's number is there, too."""
    fields = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    if "model name" not in fields:
        return platform.machine()
    return f"{fields['model name']}, model {fields['model']}"


def write_results(path, results):
    """Replaces what stands between the processor's marks, or adds it behind the last ones."""
    text = path.read_text()
    start = f"<!-- benchmark on {results['processor']} -->"
    before, found, rest = text.partition(start)
    if found:
        after = rest.partition(END)[2]
    else:
        before, _, after = text.rpartition(END)
        before += END + "\n\n"
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    title = f"**{results['processor']}**, kernels of {results['kernels']}, beside {versions}:"
    lines = [start, "", title, "", *table(results), "", END]
    path.write_text(before + "\n".join(lines) + after)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mnquant", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--networks", nargs="+", default=NETWORKS, choices=NETWORKS)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    make_networks(options.folder)
    results = {
        "processor": processor(), "pairs": options.pairs, "seconds": options.seconds,
        "kernels": ours("int8", options.networks[0], options)["kernels"],
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
        "networks": {name: compare(name, options) for name in options.networks},
    }  # fmt: skip
    options.json.write_text(json.dumps(results, indent=2) + "\n")
    if options.results:
        write_results(options.results, results)
    print("\n".join(table(results)))


if __name__ == "__main__":
    main()
