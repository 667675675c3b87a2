#!/usr/bin/env python3
"""Writes the quantized ONNX files of this folder, and expected.json with ONNX Runtime's outputs for them.

Needs onnx and onnxruntime; the versions used are in expected.json. `quantize_static` quantizes networks
with random weights from a fixed seed; `by_hand` is spelled node by node.
"""

import json
import pathlib
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

FOLDER = pathlib.Path(__file__).parent
SIZES = [1, 3, 8, 8]


class Net:
    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.nodes, self.constants = [], []

    def constant(self, values):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def weights(self, *sizes):
        fan = np.prod(sizes[1:]) if len(sizes) > 1 else 9
        return self.constant(self.random.normal(0, fan**-0.5, sizes).astype(np.float32))

    def add(self, kind, *inputs, **attributes):
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def conv(self, x, inputs, outputs, side, group=1, stride=1):
        return self.add(
            "Conv", x, self.weights(outputs, inputs // group, side, side), self.weights(outputs),
            kernel_shape=[side, side], strides=[stride, stride], pads=[side // 2] * 4, group=group)

    def relu(self, x):
        return self.add("Relu", x)

    def gemm(self, x, inputs, outputs, transposed=1):
        sizes = (outputs, inputs) if transposed else (inputs, outputs)
        return self.add("Gemm", x, self.weights(*sizes), self.weights(outputs), transB=transposed)

    def model(self, output, opset=17, kind=TensorProto.FLOAT):
        graph = helper.make_graph(
            self.nodes, "g", [helper.make_tensor_value_info("x", kind, SIZES)],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
        return onnx.shape_inference.infer_shapes(model)


def residual():
    net = Net(1)
    x = net.relu(net.conv("x", 3, 6, 3, stride=2))
    y = net.relu(net.conv(x, 6, 6, 3, group=6))
    x = net.relu(net.add("Add", x, net.conv(y, 6, 6, 1)))
    x = net.add("Flatten", net.add("GlobalAveragePool", x))
    return net.model(net.gemm(x, 6, 5))


def gated():
    net = Net(2)
    x = net.add("HardSwish", net.conv("x", 3, 6, 3, stride=2))
    y = net.add("GlobalAveragePool", x)
    y = net.add("HardSigmoid", net.conv(net.relu(net.conv(y, 6, 4, 1)), 4, 6, 1), alpha=1 / 6, beta=0.5)
    x = net.conv(net.add("Mul", x, y), 6, 4, 3, group=2)
    return net.model(net.add("Sigmoid", x))


def pooled():
    net = Net(3)
    x = net.relu(net.conv("x", 3, 4, 3))
    x = net.add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    # Means of nine codes: no ties, whose side the order of adding up in floats decides.
    x = net.add("AveragePool", net.conv(x, 4, 4, 3), kernel_shape=[3, 3])
    x = net.relu(net.gemm(net.add("Flatten", x), 16, 8))
    return net.model(net.add("Softmax", net.gemm(x, 8, 5, transposed=0), axis=1))


def matrix():
    net = Net(4)
    x = net.add("ReduceMean", net.conv("x", 3, 6, 3), axes=[2, 3], keepdims=0)
    return net.model(net.add("Add", net.add("MatMul", x, net.weights(6, 5)), net.weights(5)))


def by_hand():
    """Zero points left out, weights in float with a pair of nodes, a bias in float, two scales."""
    net = Net(5)
    scale = lambda value: net.constant(np.float32(value))
    def pair(x, *codes, **attributes):
        return net.add(
            "DequantizeLinear", net.add("QuantizeLinear", x, *codes, **attributes), *codes,
            **{key: value for key, value in attributes.items() if key == "axis"})
    x = pair("x", scale(0.02), net.constant(np.int8(-3)))
    steps = net.constant((net.random.uniform(0.5, 1, 6) / 127).astype(np.float32))
    zeros = net.constant(np.zeros(6, np.int8))
    x = net.add("Conv", x, pair(net.weights(6, 3, 3, 3), steps, zeros, axis=0), net.weights(6),
                pads=[1, 1, 1, 1])
    x = pair(pair(x, scale(0.01), net.constant(np.int8(0))), scale(0.012), net.constant(np.uint8(120)))
    x = pair(net.relu(x), scale(1 / 255))
    x = net.add("MaxPool", x, kernel_shape=[4, 4], strides=[4, 4])
    x = net.add("Reshape", pair(x, scale(1 / 255)), net.constant(np.array([1, 24])))
    codes = net.constant(net.random.integers(-127, 128, (5, 24)).astype(np.int8))
    rows = net.add("Transpose", net.add("DequantizeLinear", codes, scale(0.004), net.constant(np.int8(0))),
                   perm=[1, 0])
    x = net.add("MatMul", x, rows)
    return net.model(pair(x, scale(0.02), net.constant(np.uint8(128))), opset=13)


def by_channel():
    """As NNCF writes them: the input of a depthwise convolution has a scale a channel."""
    net = Net(6)
    def pair(x, scale, zero, **attributes):
        codes = net.constant(np.asarray(scale, np.float32)), net.constant(zero)
        return net.add("DequantizeLinear", net.add("QuantizeLinear", x, *codes, **attributes), *codes, **attributes)
    steps = lambda count: net.random.uniform(0.5, 1, count) / 127
    x = pair("x", 0.025, np.int8(0))
    x = net.add("Conv", x, pair(net.weights(6, 3, 3, 3), steps(6), np.zeros(6, np.int8), axis=0), net.weights(6),
                pads=[1, 1, 1, 1])
    x = net.add("Clip", x, net.constant(np.float32(0)), net.constant(np.float32(6)))
    x = pair(x, net.random.uniform(0.004, 0.012, 6), np.zeros(6, np.uint8), axis=1)
    x = net.relu(net.add(
        "Conv", x, pair(net.weights(6, 1, 3, 3), steps(6), np.zeros(6, np.int8), axis=0), net.weights(6), group=6))
    x = net.add("Conv", pair(x, 0.01, np.uint8(0)), pair(net.weights(4, 6, 1, 1), steps(4), np.zeros(4, np.int8), axis=0))
    return net.model(pair(x, 0.01, np.uint8(118)))


def clipped():
    """As Brevitas writes them: codes between QuantizeLinear and DequantizeLinear are cut to what has a negative."""
    net = Net(7)
    def pair(x, scale, zero, lower, upper, **attributes):
        codes = net.constant(np.asarray(scale, np.float32)), net.constant(zero)
        x = net.add("QuantizeLinear", x, *codes, **attributes)
        x = net.add("Clip", x, net.constant(zero.dtype.type(lower)), net.constant(zero.dtype.type(upper)))
        return net.add("DequantizeLinear", x, *codes, **attributes)
    x = pair("x", 0.02, np.int8(0), -127, 127)
    for inputs, outputs in ((3, 6), (6, 4)):
        weights = pair(net.weights(outputs, inputs, 3, 3), net.random.uniform(0.05, 0.08, outputs),
                       np.zeros(outputs, np.int8), -7, 7, axis=0)
        x = net.relu(net.add("Conv", x, weights, net.weights(outputs)))
        x = pair(x, 0.08, np.uint8(0), 0, 15)
    return net.model(x)


def four_bits():
    """Weights of four bits, signed and not."""
    net = Net(8)
    def pair(x, scale, zero):
        codes = net.constant(np.float32(scale)), net.constant(zero)
        return net.add("DequantizeLinear", net.add("QuantizeLinear", x, *codes), *codes)
    def codes(kind, least, most, *sizes):
        values = net.random.integers(least, most + 1, int(np.prod(sizes)))
        net.constants.append(helper.make_tensor(f"c{len(net.constants)}", kind, sizes, values.tolist()))
        return net.constants[-1].name
    x = pair("x", 0.025, np.int8(0))
    x = net.add("Conv", x, net.add(
        "DequantizeLinear", codes(TensorProto.INT4, -8, 7, 5, 3, 3, 3),
        net.constant(net.random.uniform(0.05, 0.08, 5).astype(np.float32)), axis=0), net.weights(5))
    x = pair(net.relu(x), 0.03, np.uint8(0))
    net.constants.append(helper.make_tensor("zero", TensorProto.UINT4, [], [7]))
    x = net.add("Conv", x, net.add(
        "DequantizeLinear", codes(TensorProto.UINT4, 0, 15, 3, 5, 1, 1), net.constant(np.float32(0.07)), "zero"))
    return net.model(pair(x, 0.03, np.uint8(128)), opset=21)


def shuffled():
    """Codes that move between integer operators."""
    net = Net(9)
    x = net.relu(net.conv("x", 3, 8, 3))
    x = net.add("Reshape", x, net.constant(np.array([1, 2, 4, 8, 8])))
    x = net.add("Reshape", net.add("Transpose", x, perm=[0, 2, 1, 3, 4]), net.constant(np.array([1, 8, 8, 8])))
    net.nodes.append(helper.make_node("Split", [x, net.constant(np.array([4, 4]))], ["a", "b"], axis=1))
    x = net.add("Concat", "b", net.relu(net.conv("a", 4, 4, 3, group=4)), axis=1)
    x = net.add("Resize", x, "", net.constant(np.array([1, 1, 2, 2], np.float32)), mode="nearest",
                coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    x = net.add("MaxPool", x, kernel_shape=[2, 2], strides=[4, 4])
    x = net.add("Pad", x, net.constant(np.array([0, 0, 1, 1, 0, 0, 0, 0])))
    return net.model(net.conv(x, 8, 3, 3))


def joined():
    """A function behind a concatenation, of which nobody rounds what is between."""
    net = Net(10)
    def pair(x, scale, zero):
        codes = net.constant(np.float32(scale)), net.constant(zero)
        return net.add("DequantizeLinear", net.add("QuantizeLinear", x, *codes), *codes)
    def conv(x, inputs, outputs):
        weights = net.constant(net.random.integers(-127, 128, (outputs, inputs, 3, 3)).astype(np.int8))
        weights = net.add("DequantizeLinear", weights, net.constant(np.float32(0.004)), net.constant(np.int8(0)))
        return net.add("Conv", x, weights, net.weights(outputs), pads=[1, 1, 1, 1])
    x = pair("x", 0.025, np.int8(3))
    y = net.add("Concat", conv(x, 3, 4), x, conv(x, 3, 2), axis=1)
    y = pair(net.relu(net.add("Concat", y, conv(x, 3, 3), axis=1)), 0.02, np.uint8(0))
    y = net.add("HardSwish", net.add("Concat", conv(y, 12, 4), y, axis=1))
    return net.model(pair(y, 0.03, np.uint8(20)))


def codes_in(kind, pools):
    """Codes are the network's input, in front of nothing but DequantizeLinear, or of a pool, too."""
    net = Net(11)
    codes = net.constant(np.float32(0.025)), net.constant(np.array(-5 if kind == np.int8 else 121, kind))
    x = net.add("MaxPool", "x", kernel_shape=[2, 2], strides=[2, 2]) if pools else "x"
    x = net.add("DequantizeLinear", x, *codes)
    weights = net.constant(net.random.integers(-127, 128, (5, 3, 3, 3)).astype(np.int8))
    weights = net.add("DequantizeLinear", weights, net.constant(np.float32(0.004)), net.constant(np.int8(0)))
    x = net.add("QuantizeLinear", net.add("Conv", x, weights, net.weights(5)),
                net.constant(np.float32(0.05)), net.constant(np.uint8(130)))
    return net.model(net.add("DequantizeLinear", x, *net.nodes[-1].input[1:]),
                     kind=helper.np_dtype_to_tensor_dtype(np.dtype(kind)))


class Images(CalibrationDataReader):
    def __init__(self):
        random = np.random.default_rng(7)
        self.images = iter([random.normal(0, 1, SIZES).astype(np.float32) for _ in range(16)])

    def get_next(self):
        image = next(self.images, None)
        return None if image is None else {"x": image}


def quantized(model, activations, weights, layout, per_channel, reduced=False):
    with tempfile.TemporaryDirectory() as folder:
        source, prepared, target = (f"{folder}/{name}.onnx" for name in ("source", "prepared", "target"))
        onnx.save(model, source)
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared, target, Images(), quant_format=layout, activation_type=activations,
            weight_type=weights, per_channel=per_channel, reduce_range=reduced)
        return onnx.load(target)


S8, U8 = QuantType.QInt8, QuantType.QUInt8
PAIRS, INTEGERS = QuantFormat.QDQ, QuantFormat.QOperator
MODELS = {
    "residual-s8s8-pairs": lambda: quantized(residual(), S8, S8, PAIRS, True),
    "residual-u8s8-integers": lambda: quantized(residual(), U8, S8, INTEGERS, False),
    "residual-u8u8-pairs": lambda: quantized(residual(), U8, U8, PAIRS, False),
    "residual-u8u8-integers": lambda: quantized(residual(), U8, U8, INTEGERS, False),
    "gated-u8s8-pairs": lambda: quantized(gated(), U8, S8, PAIRS, True, True),
    "gated-s8s8-integers": lambda: quantized(gated(), S8, S8, INTEGERS, True),
    "pooled-s8s8-pairs": lambda: quantized(pooled(), S8, S8, PAIRS, False),
    "pooled-u8u8-integers": lambda: quantized(pooled(), U8, U8, INTEGERS, False),
    "matrix-u8s8-pairs": lambda: quantized(matrix(), U8, S8, PAIRS, True),
    "matrix-u8s8-integers": lambda: quantized(matrix(), U8, S8, INTEGERS, False),
    "shuffled-u8s8-pairs": lambda: quantized(shuffled(), U8, S8, PAIRS, True),
    "shuffled-s8s8-integers": lambda: quantized(shuffled(), S8, S8, INTEGERS, False),
    "shuffled-u8u8-integers": lambda: quantized(shuffled(), U8, U8, INTEGERS, False),
    "by-hand": by_hand,
    "by-channel": by_channel,
    "clipped": clipped,
    "four-bits": four_bits,
    "joined": joined,
    "codes-s8": lambda: codes_in(np.int8, False),
    "codes-s8-pooled": lambda: codes_in(np.int8, True),
    "codes-u8-pooled": lambda: codes_in(np.uint8, True),
}


def codes(images, kind):
    """The images in steps of 1/32, around the middle of the codes."""
    return (np.rint(images * 32).clip(-128, 127) + (128 if kind == np.uint8 else 0)).astype(kind)


def main():
    random = np.random.default_rng(8)
    images = random.normal(0, 1, [4, *SIZES[1:]]).astype(np.float32)
    options = onnxruntime.SessionOptions()
    # What the nodes say, one by one.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    expected = {}
    for name, make in MODELS.items():
        model = make()
        path = FOLDER / f"{name}.onnx"
        onnx.save(model, path)
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        kind = {"tensor(int8)": np.int8, "tensor(uint8)": np.uint8}.get(session.get_inputs()[0].type)
        rows = [session.run(None, {"x": image[None] if kind is None else codes(image[None], kind)})[0]
                for image in images]
        expected[name] = [
            (row.transpose(0, 2, 3, 1) if row.ndim == 4 else row).ravel().tolist() for row in rows]
    versions = {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__}
    inputs = [image.transpose(1, 2, 0).ravel().tolist() for image in images]
    (FOLDER / "expected.json").write_text(
        json.dumps({"versions": versions, "inputs": inputs, "outputs": expected}) + "\n")


if __name__ == "__main__":
    main()
