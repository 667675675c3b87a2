#!/usr/bin/env python3
"""Writes the ONNX files of this folder, and expected.json with ONNX Runtime's outputs for them.

Needs torch, onnx, onnxscript and onnxruntime; the versions used are in expected.json.
Networks are built with random weights from a fixed seed, a few channels wide.
"""

import json
import pathlib
import warnings

import numpy as np
import onnx
import onnxruntime
import onnxscript
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn import functional as F

FOLDER = pathlib.Path(__file__).parent
SIDE = 8


class SpelledHardSwish(nn.Module):
    """h-swish as it was written before it had an operator."""

    def forward(self, x):
        return x * F.relu6(x + 3) / 6


class SpelledHardSigmoid(nn.Module):
    def forward(self, x):
        return F.relu6(x + 3) / 6


class SqueezeExcite(nn.Module):
    def __init__(self, channels, gate):
        super().__init__()
        self.fc1 = nn.Conv2d(channels, 8, 1)
        self.fc2 = nn.Conv2d(8, channels, 1)
        self.gate = gate

    def forward(self, x):
        squeezed = F.adaptive_avg_pool2d(x, 1)
        return x * self.gate(self.fc2(F.relu(self.fc1(squeezed))))


class Net(nn.Module):
    """Every kind of layer that a MobileNet has."""

    def __init__(self, swish=nn.Hardswish, gate=nn.Hardsigmoid):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), swish()
        )
        self.block = nn.Sequential(
            nn.Conv2d(8, 16, 1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU6(),
            nn.Conv2d(16, 16, 5, 1, 2, groups=16, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            SqueezeExcite(16, gate()),
            nn.Conv2d(16, 8, 1),
            nn.BatchNorm2d(8),
        )
        self.head = nn.Sequential(nn.Linear(8, 12), swish(), nn.Dropout(), nn.Linear(12, 5))

    def forward(self, x):
        x = self.stem(x)
        x = x + self.block(x)
        return self.head(x.mean([2, 3]))


class FlattenNet(nn.Module):
    """Pixels remain when the image becomes a vector."""

    def __init__(self, flatten):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, 2, 1)
        self.linear = nn.Linear(4 * 4 * 4, 5)
        self.flatten = flatten

    def forward(self, x):
        return self.linear(self.flatten(F.relu(self.conv(x)))).softmax(1)


class PoolNet(nn.Module):
    """Poolings, padding by name and by node, groups, dilation, a scaled input."""

    def __init__(self):
        super().__init__()
        self.grouped = nn.Conv2d(4, 6, 3, padding="same", groups=2)
        self.widened = nn.Conv2d(6, 12, 3, padding=2, dilation=2, groups=6)
        self.stem = nn.Conv2d(3, 4, 3)
        self.register_buffer("mean", torch.tensor([0.4, 0.5, 0.6]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.2, 0.3, 0.4]).view(1, 3, 1, 1))

    def forward(self, x):
        x = (x - self.mean) / self.std
        x = self.stem(F.pad(x, (0, 1, 0, 1)))
        x = F.max_pool2d(x, 3, 2, 1)
        x = F.avg_pool2d(self.grouped(x), 3, 1, 1)
        x = F.avg_pool2d(self.widened(x), 2, 1, 1, count_include_pad=False)
        return torch.sigmoid(0.5 - x.flatten(2).mean(-1)) * 2


def trained(net):
    """Statistics as after training: batch normalizations must not be close to identities."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
            nn.init.uniform_(module.running_mean, -0.5, 0.5)
            nn.init.uniform_(module.running_var, 0.5, 2.0)
    return net.eval()


def export(name, net, **options):
    options.setdefault("dynamo", False)
    if options["dynamo"]:
        options.setdefault("external_data", False)
    path = FOLDER / f"{name}.onnx"
    torch.onnx.export(
        trained(net), (torch.zeros(1, 3, SIDE, SIDE),), str(path), input_names=["x"],
        output_names=["y"], verbose=False, **options,
    )  # fmt: skip
    if options["dynamo"]:
        # The exporter notes the path of every source line, which is no part of a fixture.
        model = onnx.load(path, load_external_data=False)
        strip(model)
        onnx.save(model, path)


def strip(model):
    for item in [*model.graph.node, *model.graph.input, *model.graph.output, model.graph]:
        del item.metadata_props[:]
        item.doc_string = ""
    for node in model.graph.node:
        node.doc_string = ""
    del model.graph.value_info[:]


def keras_like():
    """NHWC from end to end, with a Transpose around each operator, as converters from Keras write
    it: padding by node before a strided depthwise convolution, a Reshape for a squeezed axis."""
    rng = np.random.default_rng(3)

    def weights(name, *shape):
        value = rng.normal(0, 0.4, shape).astype(np.float32)
        return numpy_helper.from_array(value, name)

    nodes = [
        helper.make_node("Mul", ["x", "scale"], ["scaled"]),
        helper.make_node("Add", ["scaled", "offset"], ["shifted"]),
        helper.make_node("Transpose", ["shifted"], ["t0"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["t0", "w0", "b0"], ["c0"], auto_pad="SAME_UPPER", strides=[2, 2]),
        helper.make_node("Transpose", ["c0"], ["n0"], perm=[0, 2, 3, 1]),
        helper.make_node("Relu", ["n0"], ["r0"]),
        helper.make_node("Clip", ["r0", "zero", "six"], ["a0"]),
        helper.make_node("Pad", ["a0", "pads"], ["p0"]),
        helper.make_node("Transpose", ["p0"], ["t1"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["t1", "w1"], ["c1"], group=8, strides=[2, 2], auto_pad="VALID"),
        helper.make_node("Transpose", ["c1"], ["n1"], perm=[0, 2, 3, 1]),
        helper.make_node("Add", ["n1", "b1"], ["s1"]),
        helper.make_node("ReduceMean", ["s1", "hw"], ["m1"], keepdims=1),
        helper.make_node("Sigmoid", ["m1"], ["g1"]),
        helper.make_node("Mul", ["s1", "g1"], ["e1"]),
        helper.make_node("Reshape", ["e1", "flat"], ["f1"]),
        helper.make_node("MatMul", ["f1", "w2"], ["l1"]),
        helper.make_node("Add", ["l1", "b2"], ["l2"]),
        helper.make_node("Softmax", ["l2"], ["y"], axis=-1),
    ]
    initializers = [
        numpy_helper.from_array(np.float32(2.0), "scale"),
        numpy_helper.from_array(np.float32([-0.9, -1.0, -1.1]), "offset"),
        weights("w0", 8, 3, 3, 3), weights("b0", 8), weights("w1", 8, 1, 3, 3), weights("b1", 8),
        weights("w2", 32, 5), weights("b2", 5),
        numpy_helper.from_array(np.float32(0), "zero"),
        numpy_helper.from_array(np.float32(6), "six"),
        numpy_helper.from_array(np.int64([0, 0, 0, 0, 0, 1, 1, 0]), "pads"),
        numpy_helper.from_array(np.int64([1, 2]), "hw"),
        numpy_helper.from_array(np.int64([-1, 32]), "flat"),
    ]  # fmt: skip
    save("keras-like", nodes, initializers, ["n", SIDE, SIDE, 3], [1, 5], opset=18)


def save(name, nodes, initializers, input_shape, output_shape, opset):
    graph = helper.make_graph(
        nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, input_shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, output_shape)], initializers,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, FOLDER / f"{name}.onnx")


def wrong_files():
    """Files whose import must fail, each with its own sentence."""
    model = onnx.load(FOLDER / "folded.onnx")
    weights = model.graph.initializer[0]
    values = numpy_helper.to_array(weights).copy()
    values.flat[7] = np.nan
    weights.CopyFrom(numpy_helper.from_array(values, weights.name))
    onnx.save(model, FOLDER / "nan-weight.onnx")

    # `unsupported.onnx` was exported of a ConvTranspose2d, and then "ConvTranspose" in it made "CenterCropPad".


def expected(names):
    """ONNX Runtime's output for one image of eighths, in NHWC order."""
    rng = np.random.default_rng(7)
    image = rng.integers(-8, 9, (1, SIDE, SIDE, 3)).astype(np.float32) / 8
    outputs = {}
    for name in names:
        session = onnxruntime.InferenceSession(FOLDER / f"{name}.onnx")
        shape = session.get_inputs()[0].shape
        fed = image if shape[3] == 3 else image.transpose(0, 3, 1, 2)
        outputs[name] = session.run(None, {"x": fed})[0].reshape(-1).tolist()
    versions = {m.__name__: m.__version__ for m in (torch, onnx, onnxscript, onnxruntime)}
    text = json.dumps({"versions": versions, "input": image.reshape(-1).tolist(), "outputs": outputs})
    (FOLDER / "expected.json").write_text(text + "\n")


def main():
    warnings.filterwarnings("ignore")
    torch.manual_seed(0)
    keep = torch.onnx.TrainingMode.PRESERVE
    export("folded", Net(), opset_version=17)
    export("unfolded", Net(), opset_version=13, training=keep, do_constant_folding=False)
    export("spelled", Net(SpelledHardSwish, SpelledHardSigmoid), opset_version=13)
    export("dynamic", Net(), opset_version=20, dynamo=True, dynamic_shapes={"x": {0: "n"}})
    export("external", Net(), opset_version=18, dynamo=True, external_data=True)
    export("flattened", FlattenNet(nn.Flatten()), opset_version=15)
    export(
        "viewed", FlattenNet(lambda x: x.view(x.size(0), -1)), opset_version=14,
        dynamic_axes={"x": {0: "n"}}, do_constant_folding=False,
    )  # fmt: skip
    export("pooled", PoolNet(), opset_version=17)
    export("pooled-dynamo", PoolNet(), opset_version=18, dynamo=True)
    keras_like()
    expected([
        "folded", "unfolded", "spelled", "dynamic", "external", "flattened", "viewed", "pooled",
        "pooled-dynamo", "keras-like",
    ])  # fmt: skip
    wrong_files()


if __name__ == "__main__":
    main()
