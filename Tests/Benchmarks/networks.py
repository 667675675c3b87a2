"""The networks of the benchmark, with random weights, in every form that an engine reads."""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper, shape_inference
from onnxruntime.quantization import (
    CalibrationDataReader, QuantFormat, QuantType, quantize_static,
)  # fmt: skip

sys.path.append(str(Path(__file__).parents[1] / "Oracles"))
from make_torch_mobilenets import v2, v3  # noqa: E402
from tflite_network import write_tflite  # noqa: E402

NETWORKS = {
    "v2-cifar": (lambda: v2(1.0, 10, small=True), 32),
    "v3-small-cifar": (lambda: v3("small", 1.0, 10, small=True), 32),
    "v2-224": (lambda: v2(1.0, 1000), 224),
    "v3-small-224": (lambda: v3("small", 1.0, 1000), 224),
}


class Images(CalibrationDataReader):
    """Random images, to find ranges with."""

    def __init__(self, side, count=8):
        rng = np.random.default_rng(1)
        self.batches = [
            {"x": rng.normal(size=(1, 3, side, side)).astype(np.float32)} for _ in range(count)
        ]
        self.next = iter(self.batches)

    def get_next(self):
        return next(self.next, None)


def export(net, side, path):
    """Writes ONNX with any batch size and TensorFlow's SAME padding, which suits every peer."""
    torch.onnx.export(
        net, torch.zeros(1, 3, side, side), path, dynamo=False, opset_version=17,
        input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "n"}, "y": {0: "n"}},
    )  # fmt: skip
    model = shape_inference.infer_shapes(onnx.load(path))
    sizes = {
        value.name: [axis.dim_value for axis in value.type.tensor_type.shape.dim]
        for value in [*model.graph.value_info, *model.graph.input, *model.graph.output]
    }
    for node in model.graph.node:
        if node.op_type == "Conv":
            fields = {field.name: field for field in node.attribute}
            kernel, stride = fields["kernel_shape"].ints[0], fields["strides"].ints[0]
            size, outputs = sizes[node.input[0]][2], sizes[node.output[0]][2]
            total = max(0, (outputs - 1) * stride + kernel - size)
            before, after = total // 2, total - total // 2
            fields["pads"].ints[:] = [before, before, after, after]
    inline_identities(model.graph)
    onnx.save(model, path)


def inline_identities(graph):
    """Replaces what the exporter left where two tensors have the same values."""
    same = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Identity"}
    for node in graph.node:
        for i, name in enumerate(node.input):
            node.input[i] = same.get(name, name)
    for node in [node for node in graph.node if node.op_type == "Identity"]:
        graph.node.remove(node)


def ranges(path, images):
    """The smallest and largest value of every tensor, by name."""
    model = onnx.load(path)
    names = [name for node in model.graph.node for name in node.output]
    model.graph.output.extend(
        onnx.ValueInfoProto(name=name) for name in names if name != "y"
    )
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    outputs = [value.name for value in session.get_outputs()]
    found = {"x": (min(b["x"].min() for b in images), max(b["x"].max() for b in images))}
    for batch in images:
        for name, value in zip(outputs, session.run(outputs, batch)):
            low, high = found.get(name, (0.0, 0.0))
            found[name] = (min(low, value.min()), max(high, value.max()))
    return found


def make(name, folder):
    """Writes NAME.pt, NAME.onnx, NAME.s8.onnx, NAME.tflite and NAME.int8.tflite."""
    build, side = NETWORKS[name]
    torch.manual_seed(1)
    net = build().eval()
    path = folder / f"{name}.onnx"
    traced = torch.jit.trace(net, torch.zeros(1, 3, side, side))
    traced.save(folder / f"{name}.pt")
    export(net, side, path)
    quantize_static(
        path, folder / f"{name}.s8.onnx", Images(side), quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QInt8, weight_type=QuantType.QInt8, per_channel=True,
    )  # fmt: skip
    model = shape_inference.infer_shapes(onnx.load(path))
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    found = ranges(path, Images(side).batches)
    (folder / f"{name}.tflite").write_bytes(write_tflite(model, weights, side, None))
    (folder / f"{name}.int8.tflite").write_bytes(write_tflite(model, weights, side, found))
