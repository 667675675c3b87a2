"""Prints what models.json holds about a model: hash, size, work, and accuracy on a test split.

    python describe.py MODEL.onnx --data DIR
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime


def session(path):
    """ONNX Runtime on one CPU thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def preprocessing(model):
    """The model's own mean and standard deviation, each [1, 3, 1, 1] float32."""
    facts = {p.key: p.value for p in model.metadata_props}
    return [
        np.array(facts[f"preprocessing.{key}"].split(","), np.float32).reshape(1, 3, 1, 1)
        for key in ("mean", "std")
    ]


def logits(path, records):
    """Output [N, 10] float32 for records [N, 3073] of CIFAR-10's binary layout."""
    mean, std = preprocessing(onnx.load(path))
    images = records[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32) / np.float32(255)
    images = (images - mean) / std
    run = session(path)
    return np.concatenate(
        [run.run(None, {"x": images[i : i + 500]})[0] for i in range(0, len(images), 500)]
    )


def parameters(model):
    """Numbers in the initializers of convolutions and fully connected layers."""
    used = {i for node in model.graph.node if node.op_type in ("Conv", "Gemm") for i in node.input}
    return sum(int(np.prod(t.dims)) for t in model.graph.initializer if t.name in used)


def multiplications(model):
    """Multiply-accumulates of convolutions and fully connected layers for one image."""
    graph = onnx.shape_inference.infer_shapes(model).graph
    outputs = {v.name: v.type.tensor_type.shape.dim for v in [*graph.value_info, *graph.output]}
    weights = {t.name: t.dims for t in graph.initializer}
    total = 0
    for node in graph.node:
        if node.op_type == "Conv":
            positions = np.prod([d.dim_value for d in outputs[node.output[0]][2:]])
            total += int(positions * np.prod(weights[node.input[1]]))
        elif node.op_type == "Gemm":
            total += int(np.prod(weights[node.input[1]]))
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    model = onnx.load(options.model)
    records = np.fromfile(options.data / "test_batch.bin", np.uint8).reshape(-1, 3073)
    hits = logits(options.model, records).argmax(1) == records[:, 0]
    facts = {
        "file": options.model.name,
        "sha256": hashlib.sha256(options.model.read_bytes()).hexdigest(),
        "parameters": parameters(model),
        "macs": multiplications(model),
        "testImages": len(records),
        "floatTop1": round(float(hits.mean()), 4),
    }
    print(json.dumps(facts, indent=2))


if __name__ == "__main__":
    main()
