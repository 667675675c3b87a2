"""Runs one engine on one network for a while and prints images per CPU-second.

    python peer.py ENGINE NETWORK FOLDER SECONDS

One thread. Input is the same random image again and again.
"""

import sys
import time
from pathlib import Path

import numpy as np


def onnx_runtime(path, batch):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    x = np.random.default_rng(1).normal(size=(batch, *entry.shape[1:])).astype(np.float32)
    return lambda: session.run(None, {entry.name: x})


def litert(path):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    entry = interpreter.get_input_details()[0]
    x = np.random.default_rng(1).normal(size=entry["shape"]) * 64
    interpreter.set_tensor(entry["index"], np.clip(x, -128, 127).astype(entry["dtype"]))
    return interpreter.invoke


def torch_script(path, batch, side):
    import torch

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    net = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.load(path).eval()))
    x = torch.randn(batch, 3, side, side)

    def run():
        with torch.inference_mode():
            net(x)

    return run


def prepare(engine, stem):
    """What runs one batch, and its size."""
    side = 32 if stem.name.endswith("cifar") else 224
    name, _, size = engine.partition("/")
    batch = int(size or 1)
    if name == "onnxruntime-float":
        return onnx_runtime(f"{stem}.onnx", batch), batch
    if name == "onnxruntime-int8":
        return onnx_runtime(f"{stem}.s8.onnx", batch), batch
    if name == "litert-float":
        return litert(f"{stem}.tflite"), 1
    if name == "litert-int8":
        return litert(f"{stem}.int8.tflite"), 1
    return torch_script(f"{stem}.pt", batch, side), batch


def main():
    engine, network, folder, seconds = sys.argv[1:]
    run, batch = prepare(engine, Path(folder) / network)
    for _ in range(3):
        run()
    images, start, cpu = 0, time.monotonic(), time.process_time()
    while time.monotonic() - start < float(seconds):
        run()
        images += batch
    print(images / (time.process_time() - cpu))


main()
