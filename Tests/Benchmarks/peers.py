"""Measures what installs from PyPI on the same files as `mnquant`, and prints one table.

    python peers.py --mnquant .build/release/mnquant --folder .build/peers --results Docs/Results.md

LiteRT and ONNX Runtime run here; BakeNN and emx-onnx-cgen write C, which the host's compiler and, for
BakeNN, arm-none-eabi-gcc take. One thread, one image at a time. A ratio pairs the images per
CPU-second of one round; rounds take the engines in turn. Files: a bundled network, and those of
`../shared/models` (or MNQUANT_SHARED) where it is there.
"""

import argparse
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

import bench

START, END = "<!-- peers -->", "<!-- end of peers -->"
HERE = Path(__file__).parent
SHARED = Path(os.environ.get("MNQUANT_SHARED", HERE.parents[1].parent / "shared")).resolve()
MLPERF = {"vww": "vww-mobilenet-v1-025-96", "resnet8": "cifar10-resnet8"}
PACKAGES = ["ai-edge-litert", "onnxruntime", "bakenn", "emx-onnx-cgen"]
HOST_FLAGS = ["-O3", "-march=native", "-std=c11"]


def call(*words, **options):
    words = [str(word) for word in words]
    return subprocess.run(words, check=True, capture_output=True, text=True, **options).stdout


def make_files(options):
    """Writes NAME.int8.tflite, and NAME.onnx, NAME.s8.onnx, NAME.tflite where there are any; the names."""
    folder, tool = options.folder, options.mnquant
    name = "shapes-v3-small"
    if not (folder / f"{name}.s8.onnx").exists():
        call(tool, "demo", "--no-run", cwd=folder)
        mnq = folder / f"{name}.mnq"
        call(tool, "quantize", "--exact-with", "litert", "--workspace", folder / ".mnquant/demo",
             "--out", mnq)  # fmt: skip
        call(tool, "export", mnq, "--format", "tflite", "--out", folder / f"{name}.int8.tflite")
        bundled = HERE.parents[1] / "calibration/models/shapes-mobilenet-v3-small.onnx"
        shutil.copy(bundled, folder / f"{name}.onnx")
        quantize_statically(folder / f"{name}.onnx", folder / f"{name}.s8.onnx")
    names = [name]
    for name, stem in MLPERF.items():
        models = SHARED / "models"
        if not (models / f"{stem}.int8.tflite").exists():
            continue
        if not (folder / f"{name}.int8.tflite").exists():
            text = spelled_out(models / f"{stem}.int8.tflite")
            (folder / f"{name}.int8.tflite").write_bytes(text)
            shutil.copy(models / f"{stem}.float.tflite", folder / f"{name}.tflite")
        names.append(name)
    return names


def quantize_statically(source, out):
    """ONNX Runtime's own int8 file, with ranges of random images: what it computes does not tell time."""
    import numpy as np
    from onnxruntime import quantization as q

    class Images(q.CalibrationDataReader):
        rest = [np.random.default_rng(i).normal(size=(1, 3, 32, 32)) for i in range(8)]

        def get_next(self):
            return {"x": self.rest.pop().astype(np.float32)} if self.rest else None

    q.quantize_static(source, out, Images(), quant_format=q.QuantFormat.QDQ, per_channel=True,
                      activation_type=q.QuantType.QInt8, weight_type=q.QuantType.QInt8)  # fmt: skip


def spelled_out(path):
    """The network as BakeNN takes it: the batch and Reshape's sizes said, and no Softmax behind."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    graph = model.subgraphs[0]
    for tensor in graph.tensors:
        tensor.shapeSignature = None
    for node in graph.operators:
        if model.operatorCodes[node.opcodeIndex].builtinCode == schema.BuiltinOperator.RESHAPE:
            node.builtinOptionsType = schema.BuiltinOptions.ReshapeOptions
            node.builtinOptions = schema.ReshapeOptionsT()
            node.builtinOptions.newShape = graph.tensors[node.outputs[0]].shape
    graph.outputs = [graph.operators.pop().inputs[0]]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def bakenn(name, folder, target=None):
    """The folder with BakeNN's C, or why there is none."""
    import bakenn

    out = folder / f"{name}.bakenn-{target or 'host'}"
    try:
        bakenn.compile_tflite(str(folder / f"{name}.int8.tflite"), str(out), name="peer", target=target)
    except bakenn.BakeNNError as error:
        return str(error)
    return out


def emx(name, folder):
    out = folder / f"{name}.emx"
    if out.with_suffix(".emx-program").exists():
        return out
    out.mkdir(exist_ok=True)
    tool = Path(sys.executable).with_name("emx-onnx-cgen")
    run = subprocess.run(
        [tool, "compile", "--model-name", "peer", "--large-weight-threshold", "0",
         "--large-temp-threshold", "0", folder / f"{name}.onnx", out / "peer.c"],
        capture_output=True, text=True)  # fmt: skip
    return out if run.returncode == 0 else run.stdout.strip().splitlines()[-1]


def host_program(out, kind):
    """Compiles the loop of peer_host.c around a peer's C; emx-onnx-cgen's takes a minute."""
    program = out.with_suffix(f".{kind.lower()}-program")
    sources = [*out.glob("*.c"), HERE / "peer_host.c"]
    if kind == "BAKENN" or not program.exists():
        call("cc", *HOST_FLAGS, f"-DPEER_{kind}", "-I", out, *sources, "-o", program, "-lm")
    return lambda options: float(call(program, options.seconds))


def board(name, options):
    """Instructions, RAM, flash and whether the bytes are LiteRT's, on an emulated Cortex-M4."""
    rows = {}
    firmware = options.folder / f"{name}.firmware"
    call(options.mnquant, "emit-c", "--quantized", options.folder / f"{name}.int8.tflite",
         "--target", "cortex-m4", "--self-test", "10", "--out", firmware)
    for engine in ("mnquant", "bakenn"):
        folder, words = firmware, []
        if engine == "bakenn":
            source = bakenn(name, options.folder, "cortex-m4")
            if isinstance(source, str):
                continue
            folder = options.folder / f"{name}.bakenn-firmware"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(firmware, folder)
            shutil.rmtree(folder / "build", ignore_errors=True)
            shutil.copy(HERE / "peer_board.c", folder / "main.c")
            for file in source.glob("bknn_*.[ch]"):
                shutil.copy(file, folder)
            words = ["SOURCES=" + " ".join(file.name for file in source.glob("*.c")),
                     "CFLAGS=-O2 -std=c11 -ffunction-sections -fdata-sections -I. -Iinclude "
                     "-Iruntime -Iport"]  # fmt: skip
        lines = dict(
            line.split(": ") for line in call("make", "-C", folder, "run", *words).splitlines()
            if ": " in line and not line.startswith("make"))  # fmt: skip
        figures = {key: int(lines[key]) for key in ("instructions", "arena", "code", "tables")}
        rows[engine] = {**figures, "exact": lines["self-test"]}
    return rows


def rates(name, options):
    """Engines of one network with what measures each, and those that refuse it."""
    folder = options.folder
    measures, refusals = {}, {}
    for kind, peers in (("int8", ["litert-int8", "onnxruntime-int8"]),
                        ("float", ["litert-float", "onnxruntime-float"])):  # fmt: skip
        file = folder / (f"{name}.int8.tflite" if kind == "int8" else f"{name}.onnx")
        if kind == "float" and not file.exists():
            file = folder / f"{name}.tflite"
        measures[f"mnquant-{kind}"] = lambda o, file=file: ours(file, o)
        for engine in peers:
            suffix = {"onnxruntime-int8": "s8.onnx", "onnxruntime-float": "onnx",
                      "litert-int8": "int8.tflite", "litert-float": "tflite"}[engine]  # fmt: skip
            if (folder / f"{name}.{suffix}").exists():
                measures[engine] = lambda o, engine=engine: bench.peer(engine, name, o)
    made_of = {"bakenn-int8": bakenn(name, folder)}
    if (folder / f"{name}.onnx").exists():
        made_of["emx-float"] = emx(name, folder)
    for engine, made in made_of.items():
        if isinstance(made, str):
            refusals[engine] = made
        else:
            measures[engine] = host_program(made, engine.split("-")[0].upper())
    return measures, refusals


def ours(file, options):
    report = call(options.mnquant, "bench", file, "--json", "--threads", "1",
                  "--seconds", options.seconds)  # fmt: skip
    return json.loads(report)["imagesPerCPUSecond"]


def measure(name, options):
    measures, refusals = rates(name, options)
    found = {engine: [] for engine in measures}
    for _ in range(options.rounds):
        for engine, run in measures.items():
            found[engine].append(run(options))
    rows = []
    boards = board(name, options)
    for engine, values in found.items():
        own = found["mnquant-" + engine.split("-")[1]]
        ratio = median(mine / other for mine, other in zip(own, values))
        cells = [f"{median(values):,.0f}", "" if values is own else f"{ratio:.2f}"]
        figures = boards.get(engine.split("-")[0]) if engine.endswith("int8") else None
        cells += board_cells(figures)
        rows.append([name, engine, *cells])
    rows += [[name, engine, "refuses it", "", "", "", "", ""] for engine in refusals]
    return rows, refusals


def board_cells(figures):
    if not figures:
        return [""] * 4
    flash = figures["code"] + figures["tables"]
    return [f"{figures['instructions'] / 1e6:.2f}", f"{figures['arena']:,}", f"{flash:,}",
            figures["exact"]]  # fmt: skip


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mnquant", type=lambda text: Path(text).resolve(), required=True)
    parser.add_argument("--folder", type=lambda text: Path(text).resolve(), required=True)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.3)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    titles = ["network", "engine", "images per CPU-second", "mnquant to it",
              "M4, million instructions", "arena, bytes", "flash, bytes", "same bytes"]  # fmt: skip
    lines = ["| " + " | ".join(titles) + " |", "|---|---|---|---|---|---|---|---|"]
    notes = []
    for name in make_files(options):
        rows, refusals = measure(name, options)
        lines += ["| " + " | ".join(row) + " |" for row in rows]
        notes += [f"{engine} of {name}: {reason}" for engine, reason in refusals.items()]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    head = f"**{bench.processor()}**, beside {versions}, cc {call('cc', '-dumpfullversion').strip()}:"
    text = "\n".join([head, "", *lines, *(["", "Refused: " + "; ".join(notes) + "."] if notes else [])])
    print(text)
    if options.results:
        page = options.results.read_text()
        before, rest = page.split(START)
        options.results.write_text(f"{before}{START}\n\n{text}\n\n{END}{rest.partition(END)[2]}")


main()
