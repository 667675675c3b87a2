"""Fits what codes of 16 bits cost a core: `WideCosts` in `Sources/Bridge/Quantizer/LayerCosts.swift`.

    mnquant quantize --recipe best --out best.mnq
    for use in none pre-activation auto all; do mnquant quantize --int16 $use --out $use.mnq; done
    for use in none pre-activation auto best all; do for core in cortex-m0plus cortex-m4 cortex-m55; do
      mnquant bench $use.mnq --target $core --json > $use.$core.json; done; done
    python wide_costs.py cortex-m4 none pre-activation auto best all

For `cortex-m4` MobileNet V2's layers were added, `... all + v2-none v2-best`: behind each + stands a
network in int8 and the same with 16 bits.

Least squares over the estimated cycles of the layers of each family in int8, and over what the same
layers take more with other widths. A network with h-swish, such as the bundled V3-small, has all families.
"""

import json
import struct
import sys
from math import prod

import numpy as np
from scipy.optimize import nnls

FAMILIES = {
    "convolution": ("conv2D", "fullyConnected"),
    "depthwise": ("depthwiseConv2D",),
    "sum": ("add",),
    "product": ("multiply",),
    "mean": ("mean",),
    "lookup": ("lookup",),
}
NARROW = ("mac", "output")
MORE = ("other mac", "other output", "read", "write", "curve")


def layers(path):
    """Each layer's name, kind, values read, width read and written, and whether it has a curve."""
    data = open(path, "rb").read()
    header = json.loads(data[8 : 8 + struct.unpack("<Q", data[:8])[0]])
    model = json.loads(header["__metadata__"]["model"])
    for layer in model["layers"]:
        operation, widths = layer["operation"], ([8], 8)
        if operation["kind"] == "wide":
            widths = operation["inputs"], operation["output"]
            operation = operation["operation"]
        read = prod(model["tensors"][layer["inputs"][0]]["shape"]["dimensions"])
        yield layer["name"], operation["kind"], read, max(widths[0]), widths[1], "curve" in operation


def rows(core, narrow, models):
    """By family: of each layer its terms in int8 and its cycles, and what others have more of both."""
    found = {family: ([], []) for family in FAMILIES}
    int8 = {x["name"]: x["cycles"]["mid"] for x in json.load(open(f"{narrow}.{core}.json"))["layers"]}
    for model in (narrow, *models):
        measured = {x["name"]: x for x in json.load(open(f"{model}.{core}.json"))["layers"]}
        for name, kind, values, reads, writes, curve in layers(f"{model}.mnq"):
            family = next((f for f, kinds in FAMILIES.items() if kind in kinds), None)
            if family is None or name not in measured:
                continue
            layer = measured[name]
            cycles = layer["cycles"]["mid"]
            out = prod(int(v) for v in layer["output"].split("x"))
            macs = values if family == "mean" else layer["macs"]
            reads, writes = reads == 16, writes == 16
            if model == narrow or family == "lookup":
                found[family][0].append(((macs, out), cycles))
            elif reads or writes or curve:
                terms = (macs, out, macs * reads, out * writes, out * curve)
                found[family][1].append((terms, cycles - int8[name]))
    return found


def fitted(terms, cycles, names):
    """The rates by least squares, as text, each layer weighted so that long and short ones count."""
    terms, cycles = np.array(terms, float), np.array(cycles, float)
    weights = 1 / np.sqrt(terms.sum(axis=1))
    fit, _ = nnls(terms * weights[:, None], cycles * weights)
    off = (terms @ fit).sum() / cycles.sum() - 1
    text = ", ".join(f"{name} {value:.2f}" for name, value in zip(names, fit))
    return f"{text} ({len(cycles)} layers, {100 * off:+.0f}% in all)"


def main(core, *models):
    networks = [words.split() for words in " ".join(models).split(" + ")]
    measured = [rows(core, narrow, others) for narrow, *others in networks]
    for family in FAMILIES:
        for place, names in enumerate((NARROW, MORE)):
            part = [row for found in measured for row in found[family][place]]
            if part:
                print(f"{core} {family}: {fitted(*zip(*part), names)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
