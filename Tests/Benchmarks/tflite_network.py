"""An ONNX MobileNet as a TensorFlow Lite file, float or int8."""

import numpy as np
from tflite_writer import OP, Writer, options

CUTS = {"Relu": 1, "Clip": 3}
"""ONNX operators that TensorFlow Lite fuses, and their ActivationFunctionType."""


class Converter:
    """`ranges` is None for float, else the smallest and largest value of each tensor."""

    def __init__(self, model, weights, ranges):
        self.writer = Writer()
        self.nodes = model.graph.node
        self.weights, self.ranges = weights, ranges
        self.shapes = {
            value.name: [axis.dim_value or 1 for axis in value.type.tensor_type.shape.dim]
            for value in [*model.graph.value_info, *model.graph.output]
        }
        self.tensors, self.scales, self.skipped = {}, {}, set()

    def activation(self, name, shape, limits=None):
        """A new tensor of `shape`, NHWC, for what ONNX calls `name`."""
        scale, zero, kind = None, 0, "float32"
        if self.ranges is not None:
            low, high = limits or self.ranges[name]
            low, high = min(low, 0.0), max(high, low + 1e-3)
            scale, kind = np.float32((high - low) / 255), "int8"
            zero = int(np.clip(round(-128 - low / scale), -128, 127))
        self.tensors[name] = self.writer.tensor(shape, scale, zero, kind)
        self.scales[name] = scale
        return self.tensors[name]

    def output(self, node):
        """The tensor that `node` makes, through the cut that follows it, and the cut's number."""
        name, cut = node.output[0], 0
        users = [other for other in self.nodes if name in other.input]
        if len(users) == 1 and users[0].op_type in CUTS and node.op_type in ("Conv", "Gemm"):
            self.skipped.add(users[0].name)
            name, cut = users[0].output[0], CUTS[users[0].op_type]
        return self.activation(name, nhwc(self.shapes[name])), cut, name

    def constants(self, node, weights, axis):
        """Weights and biases; `axis` is that of the output channels."""
        bias = self.weights[node.input[2]]
        if self.ranges is None:
            return [
                self.writer.tensor(weights.shape, dtype="float32", data=weights),
                self.writer.tensor(bias.shape, dtype="float32", data=bias),
            ]
        others = tuple(i for i in range(weights.ndim) if i != axis)
        scale = np.maximum(np.abs(weights).max(axis=others) / 127, 1e-6).astype(np.float32)
        if node.op_type == "Gemm":
            scale = np.full_like(scale, scale.max())
        shape = [-1 if i == axis else 1 for i in range(weights.ndim)]
        codes = np.clip(np.round(weights / scale.reshape(shape)), -127, 127)
        steps = scale * self.scales[node.input[0]]
        if node.op_type == "Gemm":
            scale, steps = scale[:1], steps[:1]
        return [
            self.writer.tensor(weights.shape, scale, 0, "int8", codes, axis),
            self.writer.tensor(bias.shape, steps, 0, "int32", np.round(bias / steps)),
        ]

    def scalar(self, value):
        if self.ranges is None:
            return self.writer.tensor([1], dtype="float32", data=[value])
        return self.writer.tensor([1], np.float32(value / 127), 0, "int8", [127])

    def conv(self, node):
        fields = {field.name: field for field in node.attribute}
        weights = self.weights[node.input[1]]
        depthwise = fields["group"].i > 1
        weights = weights.transpose(1, 2, 3, 0) if depthwise else weights.transpose(0, 2, 3, 1)
        constants = self.constants(node, weights, 3 if depthwise else 0)
        output, cut, _ = self.output(node)
        stride = fields["strides"].ints
        common = dict(
            padding=0, strideH=stride[0], strideW=stride[1], dilationHFactor=1,
            dilationWFactor=1, fusedActivationFunction=cut,
        )  # fmt: skip
        inputs = [self.tensors[node.input[0]], *constants]
        if depthwise:
            extra = options("DepthwiseConv2D", depthMultiplier=1, **common)
            self.writer.operator(OP.DEPTHWISE_CONV_2D, inputs, [output], **extra, version=3)
        else:
            self.writer.operator(
                OP.CONV_2D, inputs, [output], **options("Conv2D", **common), version=3
            )

    def gemm(self, node):
        constants = self.constants(node, self.weights[node.input[1]], 0)
        output, cut, _ = self.output(node)
        extra = options("FullyConnected", fusedActivationFunction=cut)
        inputs = [self.tensors[node.input[0]], *constants]
        self.writer.operator(OP.FULLY_CONNECTED, inputs, [output], **extra, version=4)

    def hard_sigmoid(self, node):
        """relu6(x + 3) / 6, as converters of Keras networks write it."""
        shape = nhwc(self.shapes[node.output[0]])
        sum_ = self.activation(node.output[0] + " sum", shape, (0.0, 6.0))
        self.writer.operator(
            OP.ADD, [self.tensors[node.input[0]], self.scalar(3.0)], [sum_],
            **options("Add", fusedActivationFunction=3), version=2,
        )  # fmt: skip
        output = self.activation(node.output[0], shape, (0.0, 1.0))
        self.writer.operator(
            OP.MUL, [sum_, self.scalar(1 / 6)], [output], **options("Mul"), version=2
        )

    def plain(self, node):
        output, _, _ = self.output(node)
        inputs = [self.tensors[name] for name in node.input if name in self.tensors]
        if node.op_type == "Add":
            self.writer.operator(OP.ADD, inputs, [output], **options("Add"), version=2)
        elif node.op_type == "Mul":
            self.writer.operator(OP.MUL, inputs, [output], **options("Mul"), version=2)
        elif node.op_type == "HardSwish":
            self.writer.operator(OP.HARD_SWISH, inputs, [output])
        elif node.op_type == "GlobalAveragePool":
            axes = self.writer.tensor([2], dtype="int32", data=[1, 2])
            extra = options("Reducer", keepDims=True)
            self.writer.operator(OP.MEAN, [*inputs, axes], [output], **extra, version=2)
        elif node.op_type == "Flatten":
            shape = self.writer.tensor([2], dtype="int32", data=self.shapes[node.output[0]])
            self.writer.operator(OP.RESHAPE, [*inputs, shape], [output])
        else:
            raise ValueError(f"{node.name}: no TensorFlow Lite twin of {node.op_type}")

    def node(self, node):
        kinds = {"Conv": self.conv, "Gemm": self.gemm, "HardSigmoid": self.hard_sigmoid}
        if node.op_type != "Constant" and node.name not in self.skipped:
            kinds.get(node.op_type, self.plain)(node)


def nhwc(shape):
    return [shape[0], shape[2], shape[3], shape[1]] if len(shape) == 4 else shape


def write_tflite(model, weights, side, ranges):
    """The file's bytes; int8 where there are ranges."""
    converter = Converter(model, weights, ranges)
    image = converter.activation("x", [1, side, side, 3])
    for node in converter.nodes:
        converter.node(node)
    return converter.writer.file([image], [converter.tensors["y"]])
