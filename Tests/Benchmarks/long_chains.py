"""Times `mnquant emit-c` on chains of very many layers.

    python3 Tests/Benchmarks/long_chains.py --mnquant .build/release/mnquant 2500 5000 10000

A chain is of pointwise convolutions with two channels on a map of 2 x 2, so that what each layer
costs the tool is nearly all there is; it fits the 2 MiB of cortex-m7's flash up to 10,000 layers.
"""

import argparse
import array
import json
import pathlib
import random
import resource
import struct
import subprocess
import tempfile

SIDE, CHANNELS = 2, 2
SQUARE = {"height": SIDE, "width": SIDE}
ONE = {"height": 1, "width": 1}
CODES = {"weights": ("I8", "b"), "bias": ("I32", "i"), "multipliers": ("I32", "i"),
         "shifts": ("I8", "b"), "weightScales": ("F32", "f")}
"""Of each constant: its type in safetensors and in `array`."""


def layer(index):
    """The convolution that makes tensor `index` + 1 of tensor `index`."""
    place = f"layers.{index}."
    return {
        "name": f"layer {index}", "inputs": [index], "output": index + 1,
        "weightScales": place + "weightScales",
        "operation": {
            "kind": "conv2D", "input": SQUARE, "output": SQUARE, "kernel": ONE, "stride": ONE,
            "dilation": ONE, "padding": {"height": 0, "width": 0}, "groups": 1,
            "inputChannels": CHANNELS, "outputChannels": CHANNELS, "inputZeroPoint": 0,
            "outputZeroPoint": 0, "clamp": [-128, 127], "rounding": "double",
            "weights": place + "weights", "bias": place + "bias",
            "multipliers": place + "multipliers", "shifts": place + "shifts",
        },
    }


def chain(count):
    """A `.mnq` file: safetensors, whose metadata is the network."""
    draw = random.Random(count)
    tensors, data = {}, bytearray()
    for index in range(count):
        constants = {
            "weights": [draw.randint(-100, 100) for _ in range(CHANNELS**2)],
            "bias": [10, -10], "multipliers": [1 << 30] * 2, "shifts": [-6, -6],
            "weightScales": [],
        }
        for name, values in constants.items():
            kind, code = CODES[name]
            start = len(data)
            data += array.array(code, values).tobytes()
            tensors[f"layers.{index}.{name}"] = {
                "dtype": kind, "shape": [len(values)], "data_offsets": [start, len(data)]}
    network = {
        "name": f"chain of {count}", "input": 0, "inputIsReal": False, "output": count,
        "outputIsReal": False, "labels": [],
        "layers": [layer(index) for index in range(count)],
        "tensors": [{"name": f"tensor {index}", "scale": 0.05, "zeroPoint": 0,
                     "shape": {"dimensions": [1, SIDE, SIDE, CHANNELS]}}
                    for index in range(count + 1)],
        "provenance": {"tool": "long_chains.py", "source": "random", "sourceSHA256": "",
                       "recipe": "none", "rounding": "double"},
    }
    header = {"__metadata__": {"format": "mnquant", "version": "1", "model": json.dumps(network)}}
    text = json.dumps(header | tensors).encode()
    return struct.pack("<Q", len(text)) + text + data


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mnquant", required=True, type=pathlib.Path)
    parser.add_argument("counts", type=int, nargs="+", metavar="layers")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for count in options.counts:
            (folder / "chain.mnq").write_bytes(chain(count))
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(
                [options.mnquant.resolve(), "emit-c", "--quantized", "chain.mnq", "--target",
                 "cortex-m7", "--self-test", "1", "--out", f"firmware-{count}"],
                cwd=folder, check=True, stdout=subprocess.DEVNULL)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
            print(f"{count:6} layers: {seconds:.1f} CPU-seconds")


if __name__ == "__main__":
    main()
