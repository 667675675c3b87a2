"""A small writer of TensorFlow Lite files, and random networks of one operator to write with it."""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

OP = schema.BuiltinOperator
OPTIONS = schema.BuiltinOptions
TYPES = {
    "int4": schema.TensorType.INT4,
    "int8": schema.TensorType.INT8,
    "int32": schema.TensorType.INT32,
    "int64": schema.TensorType.INT64,
    "float32": schema.TensorType.FLOAT32,
    "bool": schema.TensorType.BOOL,
}


class Writer:
    """A network under construction; tensors are referred to by number."""

    def __init__(self):
        self.tensors, self.operators, self.codes = [], [], []
        self.buffers = [schema.BufferT()]

    def tensor(self, shape, scale=None, zero_point=0, dtype="int8", data=None, axis=0):
        tensor = schema.TensorT()
        tensor.name = f"tensor{len(self.tensors)}"
        tensor.shape = list(shape)
        tensor.type = TYPES[dtype]
        tensor.buffer = 0
        if data is not None:
            buffer = schema.BufferT()
            data = packed(data) if dtype == "int4" else np.asarray(data, dtype)
            buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            self.buffers.append(buffer)
            tensor.buffer = len(self.buffers) - 1
        if scale is not None:
            quantization = schema.QuantizationParametersT()
            quantization.scale = np.atleast_1d(np.asarray(scale, np.float32))
            zeros = np.zeros(len(quantization.scale), np.int64) + zero_point
            quantization.zeroPoint = zeros
            quantization.quantizedDimension = axis
            tensor.quantization = quantization
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def operator(self, code, inputs, outputs, options=None, kind=0, version=1):
        entry = schema.OperatorCodeT()
        entry.builtinCode = code
        entry.deprecatedBuiltinCode = min(code, 127)
        entry.version = version
        self.codes.append(entry)
        operator = schema.OperatorT()
        operator.opcodeIndex = len(self.codes) - 1
        operator.inputs, operator.outputs = list(inputs), list(outputs)
        operator.builtinOptions, operator.builtinOptionsType = options, kind
        self.operators.append(operator)

    def file(self, inputs, outputs):
        graph = schema.SubGraphT()
        graph.tensors, graph.operators = self.tensors, self.operators
        graph.inputs, graph.outputs = list(inputs), list(outputs)
        model = schema.ModelT()
        model.version = 3
        model.subgraphs, model.buffers = [graph], self.buffers
        model.operatorCodes = self.codes
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def options(name, **fields):
    """The options table `name`Options with these fields, and its number in the union."""
    table = getattr(schema, f"{name}OptionsT")()
    for key, value in fields.items():
        setattr(table, key, value)
    return {"options": table, "kind": getattr(OPTIONS, f"{name}Options")}


class Random:
    """Draws what networks are made of."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def size(self, low, high):
        return int(self.rng.integers(low, high + 1))

    def choice(self, *values):
        return values[int(self.rng.integers(len(values)))]

    def scale(self, low=-8, high=-3):
        return np.float32(2.0 ** self.rng.uniform(low, high))

    def zero_point(self):
        return int(self.choice(-128, 127, 0, self.size(-128, 127)))

    def codes(self, shape):
        return self.rng.integers(-128, 128, shape).astype(np.int8)

    def weights(self, shape):
        return self.rng.integers(-127, 128, shape).astype(np.int8)


def packed(values):
    """Two values of four bits a byte, the first in its low half."""
    halves = np.asarray(values, np.int8).ravel() & 15
    halves = np.append(halves, np.zeros(len(halves) % 2, np.int8)).astype(np.uint8)
    return halves[::2] | halves[1::2] << 4


def output_size(size, kernel, stride, dilation, padding):
    span = (kernel - 1) * dilation + 1
    return -(-size // stride) if padding == 0 else (size - span) // stride + 1


def convolution(r, depthwise, bits=8):
    """CONV_2D (any groups, any dilation) or DEPTHWISE_CONV_2D."""
    w = Writer()
    batch, height, width = r.size(1, 2), r.size(3, 9), r.size(3, 9)
    kernel = (r.size(1, 3), r.size(1, 3))
    stride = (r.size(1, 3), r.size(1, 3))
    dilation = (r.size(1, 2), r.size(1, 2)) if stride == (1, 1) else (1, 1)
    padding = 0 if 5 > min(height, width) else r.size(0, 1)
    groups = 1 if depthwise else r.choice(1, 1, 2, 3)
    channels, outputs = groups * r.size(1, 5), groups * r.size(1, 5)
    if depthwise:
        outputs = channels * r.choice(1, 1, 2)
    per_channel = r.choice(True, False) or depthwise
    scales = [r.scale(-9, -5) for _ in range(outputs if per_channel else 1)]
    x_scale = r.scale()
    taps = kernel[0] * kernel[1] * (1 if depthwise else channels // groups)
    y_scale = np.float32(x_scale * np.mean(scales) * 60 * taps**0.5)
    shape = (batch, height, width, channels)
    x = w.tensor(shape, x_scale, r.zero_point())
    filter_shape = (
        (1, *kernel, outputs) if depthwise else (outputs, *kernel, channels // groups)
    )
    f = w.tensor(
        filter_shape, scales, 0, dtype=f"int{bits}", data=r.weights(filter_shape) >> (8 - bits),
        axis=3 * depthwise)
    bias = r.rng.integers(-3000, 3000, outputs)
    b = w.tensor([outputs], x_scale * np.asarray(scales), dtype="int32", data=bias)
    size = [
        output_size(n, k, s, d, padding)
        for n, k, s, d in zip((height, width), kernel, stride, dilation)
    ]
    y = w.tensor((batch, *size, outputs), y_scale, r.zero_point())
    fields = dict(
        padding=padding, strideH=stride[0], strideW=stride[1],
        dilationHFactor=dilation[0], dilationWFactor=dilation[1],
        fusedActivationFunction=r.choice(0, 1, 3),
    )
    if depthwise:
        table = options("DepthwiseConv2D", depthMultiplier=outputs // channels, **fields)
        w.operator(OP.DEPTHWISE_CONV_2D, [x, f, b], [y], **table, version=3)
    else:
        w.operator(OP.CONV_2D, [x, f, b], [y], **options("Conv2D", **fields), version=5)
    return w.file([x], [y]), r.codes(shape)


def fully_connected(r, bits=8):
    w = Writer()
    batch, inputs, outputs = r.size(1, 4), r.size(1, 80), r.size(1, 12)
    # TFLM takes one scale for weights of 4 bits.
    per_channel = r.choice(True, False) and bits == 8
    scales = [r.scale(-9, -5) for _ in range(outputs if per_channel else 1)]
    x_scale = r.scale()
    y_scale = np.float32(x_scale * np.mean(scales) * 60 * inputs**0.5)
    x = w.tensor((batch, inputs), x_scale, r.zero_point())
    weights = r.weights((outputs, inputs)) >> (8 - bits)
    f = w.tensor((outputs, inputs), scales, 0, dtype=f"int{bits}", data=weights)
    bias = r.rng.integers(-3000, 3000, outputs)
    b = w.tensor([outputs], x_scale * np.asarray(scales), dtype="int32", data=bias)
    y = w.tensor((batch, outputs), y_scale, r.zero_point())
    inputs_ = [x, f, b] if r.choice(True, True, False) else [x, f, -1]
    table = options("FullyConnected", fusedActivationFunction=r.choice(0, 1, 3))
    w.operator(OP.FULLY_CONNECTED, inputs_, [y], **table, version=4)
    return w.file([x], [y]), r.codes((batch, inputs))


def binary(r, code):
    """ADD, MUL, MAXIMUM, MINIMUM with a constant that may broadcast, in either order."""
    w = Writer()
    shape = (r.size(1, 2), r.size(1, 4), r.size(1, 4), r.size(1, 9))
    other = tuple(n if r.choice(True, False) else 1 for n in shape)
    same = code in (OP.MAXIMUM, OP.MINIMUM)
    scale, zero = r.scale(), r.zero_point()
    x = w.tensor(shape, scale, zero)
    c = w.tensor(
        other, scale if same else r.scale(), zero if same else r.zero_point(),
        data=r.codes(other),
    )
    factor = 60 * r.scale(-7, -4) if code == OP.MUL else 1.5
    y = w.tensor(
        shape, scale if same else np.float32(scale * factor), zero if same else r.zero_point())
    name = {OP.ADD: "Add", OP.MUL: "Mul"}.get(code, "MaximumMinimum")
    fields = {} if same else {"fusedActivationFunction": r.choice(0, 1, 3)}
    if code == OP.ADD:
        fields["potScaleInt16"] = True
    operands = [x, c] if r.choice(True, False) else [c, x]
    w.operator(code, operands, [y], **options(name, **fields), version=2)
    return w.file([x], [y]), r.codes(shape)


def squared_difference(r):
    """SQUARED_DIFFERENCE of a tensor and a constant that may broadcast, in either order."""
    w = Writer()
    shape = (r.size(1, 2), r.size(1, 4), r.size(1, 4), r.size(1, 9))
    other = tuple(n if r.choice(True, False) else 1 for n in shape)
    scales = [r.scale(), r.scale()]
    x = w.tensor(shape, scales[0], r.zero_point())
    c = w.tensor(other, scales[1], r.zero_point(), data=r.codes(other))
    y = w.tensor(shape, np.float32(max(scales) ** 2 * 2.0 ** r.rng.uniform(4, 9)), r.zero_point())
    operands = [x, c] if r.choice(True, False) else [c, x]
    w.operator(OP.SQUARED_DIFFERENCE, operands, [y], **options("SquaredDifference"), version=2)
    return w.file([x], [y]), r.codes(shape)


def pool(r, code):
    w = Writer()
    shape = (r.size(1, 2), r.size(3, 8), r.size(3, 8), r.size(1, 9))
    kernel, stride = (r.size(1, 3), r.size(1, 3)), (r.size(1, 3), r.size(1, 3))
    padding = r.size(0, 1)
    scale, zero = r.scale(), r.zero_point()
    size = [output_size(n, k, s, 1, padding) for n, k, s in zip(shape[1:3], kernel, stride)]
    x = w.tensor(shape, scale, zero)
    y = w.tensor((shape[0], *size, shape[3]), scale, zero)
    table = options(
        "Pool2D", padding=padding, strideH=stride[0], strideW=stride[1], filterHeight=kernel[0],
        filterWidth=kernel[1], fusedActivationFunction=r.choice(0, 1, 3),
    )
    w.operator(code, [x], [y], **table, version=2)
    return w.file([x], [y]), r.codes(shape)


def mean(r):
    w = Writer()
    shape = (r.size(1, 2), r.size(1, 15), r.size(1, 15), r.size(1, 9))
    axes = r.choice([1, 2], [2, 1], [-3, -2], [1], [2], [3], [2, 3], [1, 2, 3])
    keep = r.choice(True, False)
    scale, zero = r.scale(), r.zero_point()
    x = w.tensor(shape, scale, zero)
    a = w.tensor([len(axes)], dtype="int32", data=axes)
    reduced = {axis % 4 for axis in axes}
    out = [1 if i in reduced else n for i, n in enumerate(shape) if keep or i not in reduced]
    rescale = r.choice(True, True, False)
    y = w.tensor(
        out, np.float32(scale * r.rng.uniform(0.2, 1.5)) if rescale else scale,
        r.zero_point() if rescale else zero,
    )
    w.operator(OP.MEAN, [x, a], [y], **options("Reducer", keepDims=keep), version=2)
    return w.file([x], [y]), r.codes(shape)


def table(r, code):
    """LOGISTIC, HARD_SWISH, RELU, RELU6, QUANTIZE: all 256 codes."""
    w = Writer()
    scale = r.scale(-8, -2)
    x = w.tensor((1, 256), scale, r.zero_point())
    if code == OP.LOGISTIC:
        y = w.tensor((1, 256), 1 / 256, -128)
    else:
        y = w.tensor((1, 256), np.float32(scale * r.rng.uniform(0.3, 3)), r.zero_point())
    extra = options("Quantize") if code == OP.QUANTIZE else {}
    version = 1 if code == OP.HARD_SWISH else 2
    w.operator(code, [x], [y], **extra, version=version)
    return w.file([x], [y]), np.arange(-128, 128).astype(np.int8)[None]


def softmax(r):
    w = Writer()
    shape = r.choice((1, r.size(1, 300)), (r.size(1, 4), r.size(1, 20)), (1, 2, 3, r.size(1, 9)))
    x = w.tensor(shape, r.scale(-10, 1), r.zero_point())
    y = w.tensor(shape, 1 / 256, -128)
    beta = r.choice(1.0, 1.0, 0.5, 2.0)
    w.operator(OP.SOFTMAX, [x], [y], **options("Softmax", beta=beta), version=2)
    return w.file([x], [y]), r.codes(shape)


def l2_normalization(r):
    w = Writer()
    shape = r.choice((1, r.size(1, 300)), (r.size(1, 4), r.size(1, 20)), (1, 2, 3, r.size(1, 9)))
    x = w.tensor(shape, r.scale(), r.zero_point())
    y = w.tensor(shape, 1 / 128, 0)
    w.operator(OP.L2_NORMALIZATION, [x], [y], version=2)
    return w.file([x], [y]), r.codes(shape)


def reverse(r):
    w = Writer()
    shape = tuple(r.size(1, 5) for _ in range(4))
    axes = r.choice([1], [-1], [1, 2], [3, 1, 2])
    x = w.tensor(shape, r.scale(), r.zero_point())
    y = w.tensor(shape, w.tensors[x].quantization.scale, w.tensors[x].quantization.zeroPoint[0])
    a = w.tensor([len(axes)], dtype="int32", data=axes)
    w.operator(OP.REVERSE_V2, [x, a], [y], version=1)
    return w.file([x], [y]), r.codes(shape)


def broadcast_to(r):
    w = Writer()
    shape, sizes = r.choice(
        ((1, 3, 1, 4), (1, 3, 5, 4)), ((1, 1, 1, 6), (1, 3, 2, 6)), ((4, 1), (1, 2, 4, 3)))
    scale, zero_point = r.scale(), r.zero_point()
    x, y = (w.tensor(s, scale, zero_point) for s in (shape, sizes))
    a = w.tensor([len(sizes)], dtype="int32", data=sizes)
    w.operator(OP.BROADCAST_TO, [x, a], [y], version=2)
    return w.file([x], [y]), r.codes(shape)


def pad(r):
    w = Writer()
    shape = (r.size(1, 2), r.size(1, 5), r.size(1, 5), r.size(1, 5))
    counts = r.rng.integers(0, 3, (4, 2))
    scale, zero = r.scale(), r.zero_point()
    x = w.tensor(shape, scale, zero)
    p = w.tensor((4, 2), dtype="int32", data=counts)
    y = w.tensor([n + int(c.sum()) for n, c in zip(shape, counts)], scale, zero)
    w.operator(OP.PAD, [x, p], [y], **options("Pad"), version=2)
    return w.file([x], [y]), r.codes(shape)


def transpose(r):
    w = Writer()
    rank = r.size(2, 4)
    shape = tuple(r.size(1, 6) for _ in range(rank))
    axes = [int(a) for a in r.rng.permutation(rank)]
    scale, zero = r.scale(), r.zero_point()
    x = w.tensor(shape, scale, zero)
    p = w.tensor([rank], dtype="int32", data=axes)
    y = w.tensor([shape[a] for a in axes], scale, zero)
    w.operator(OP.TRANSPOSE, [x, p], [y], **options("Transpose"), version=2)
    return w.file([x], [y]), r.codes(shape)


def concatenation(r):
    """The input, a constant and the input again, along any axis."""
    w = Writer()
    shape = [r.size(1, 3), r.size(1, 4), r.size(1, 4), r.size(1, 5)]
    axis = r.size(0, 3)
    scale, zero = r.scale(), r.zero_point()
    x = w.tensor(shape, scale, zero)
    other = list(shape)
    other[axis] = r.size(1, 4)
    c = w.tensor(other, scale, zero, data=r.codes(other))
    out = list(shape)
    out[axis] = 2 * shape[axis] + other[axis]
    y = w.tensor(out, scale, zero)
    number = axis - 4 if r.choice(True, False) else axis
    w.operator(OP.CONCATENATION, [x, c, x], [y], **options("Concatenation", axis=number), version=2)
    return w.file([x], [y]), r.codes(shape)


def real_border(r):
    """QUANTIZE, RESHAPE, DEQUANTIZE: real numbers in and out."""
    w = Writer()
    shape = (1, r.size(1, 5), r.size(1, 5), r.size(1, 5))
    count = int(np.prod(shape))
    scale, zero = r.scale(), r.zero_point()
    x = w.tensor(shape, dtype="float32")
    q = w.tensor(shape, scale, zero)
    f = w.tensor((1, count), scale, zero)
    y = w.tensor((1, count), dtype="float32")
    w.operator(OP.QUANTIZE, [x], [q], **options("Quantize"))
    w.operator(OP.RESHAPE, [q], [f], **options("Reshape", newShape=[1, count]))
    w.operator(OP.DEQUANTIZE, [f], [y], **options("Dequantize"), version=2)
    return w.file([x], [y]), (r.rng.normal(0, 60, shape) * scale).astype(np.float32)


def resize(r, code, corners=False, middles=False):
    """RESIZE_BILINEAR or RESIZE_NEAREST_NEIGHBOR, larger or smaller along either axis."""
    w = Writer()
    shape = (r.size(1, 2), r.size(1, 9), r.size(1, 9), r.size(1, 5))
    size = [r.choice(2 * n, 3 * n, r.size(1, 17)) for n in shape[1:3]]
    scale, zero = r.scale(), r.zero_point()
    x = w.tensor(shape, scale, zero)
    s = w.tensor([2], dtype="int32", data=size)
    y = w.tensor((shape[0], *size, shape[3]), scale, zero)
    name = "ResizeBilinear" if code == OP.RESIZE_BILINEAR else "ResizeNearestNeighbor"
    table = options(name, alignCorners=corners, halfPixelCenters=middles)
    w.operator(code, [x, s], [y], **table, version=3)
    return w.file([x], [y]), r.codes(shape)


def transposed_convolution(r):
    """TRANSPOSE_CONV."""
    w = Writer()
    batch, height, width = r.size(1, 2), r.size(1, 6), r.size(1, 6)
    kernel, stride = (r.size(1, 5), r.size(1, 5)), (r.size(1, 3), r.size(1, 3))
    padding = r.size(0, 1)
    channels, outputs = r.size(1, 6), r.size(1, 6)
    scales = [r.scale(-9, -5) for _ in range(r.choice(1, outputs))]
    x_scale = r.scale()
    taps = max(1, kernel[0] * kernel[1] * channels // (stride[0] * stride[1]))
    y_scale = np.float32(x_scale * np.mean(scales) * 60 * taps**0.5)
    shape = (batch, height, width, channels)
    # Of the sizes that a convolution brings to that of the input, any.
    size = [
        n * s - (r.size(0, s - 1) if n > 1 else 0) if padding == 0
        else (n - 1) * s + k + r.size(0, s - 1)
        for n, k, s in zip((height, width), kernel, stride)
    ]
    x = w.tensor(shape, x_scale, r.zero_point())
    sizes = w.tensor([4], dtype="int32", data=[batch, *size, outputs])
    filter_shape = (outputs, *kernel, channels)
    f = w.tensor(filter_shape, scales, 0, data=r.weights(filter_shape))
    bias = r.rng.integers(-3000, 3000, outputs)
    b = w.tensor([outputs], x_scale * np.asarray(scales), dtype="int32", data=bias)
    y = w.tensor((batch, *size, outputs), y_scale, r.zero_point())
    inputs = [sizes, f, x] + r.choice([], [b], [b])
    fields = dict(padding=padding, strideH=stride[0], strideW=stride[1])
    activation = r.choice(0, 1, 3)
    table = options("TransposeConv", fusedActivationFunction=activation, **fields)
    w.operator(OP.TRANSPOSE_CONV, inputs, [y], **table, version=4)
    return w.file([x], [y]), r.codes(shape)


class FloatNet:
    """Float operators one after another, with weights drawn as they are needed."""

    def __init__(self, seed, shape):
        self.r, self.w = Random(seed), Writer()
        self.input = self.w.tensor(shape, dtype="float32")
        self.shape = {self.input: tuple(shape)}

    def add(self, code, inputs, shape, **table):
        y = self.w.tensor(shape, dtype="float32")
        self.shape[y] = tuple(shape)
        self.w.operator(code, inputs, [y], **table)
        return y

    def constant(self, shape, spread=0.5):
        values = self.r.rng.normal(0, spread, shape)
        return self.w.tensor(shape, dtype="float32", data=values)

    def integers(self, values):
        return self.w.tensor(np.shape(values), dtype="int32", data=values)

    def convolution(self, x, outputs, kernel, stride=1, activation=0, groups=1, dilation=1):
        n, h, w, c = self.shape[x]
        f = self.constant((outputs, kernel, kernel, c // groups), 0.4)
        size = [output_size(s, kernel, stride, dilation, 0) for s in (h, w)]
        fields = dict(padding=0, strideH=stride, strideW=stride, dilationHFactor=dilation,
                      dilationWFactor=dilation, fusedActivationFunction=activation)
        return self.add(OP.CONV_2D, [x, f, self.constant([outputs])], (n, *size, outputs),
                        **options("Conv2D", **fields))

    def depthwise(self, x, kernel, stride, activation=0):
        n, h, w, c = self.shape[x]
        f = self.constant((1, kernel, kernel, c), 0.4)
        size = [output_size(s, kernel, stride, 1, 0) for s in (h, w)]
        fields = dict(padding=0, strideH=stride, strideW=stride, depthMultiplier=1,
                      dilationHFactor=1, dilationWFactor=1, fusedActivationFunction=activation)
        return self.add(OP.DEPTHWISE_CONV_2D, [x, f, self.constant([c])], (n, *size, c),
                        **options("DepthwiseConv2D", **fields))


def float_network():
    """The bytes of a float network of every float operator that can be imported, and its input."""
    net = FloatNet(7, (1, 12, 10, 3))
    same = lambda code, x, *more, **table: net.add(code, [x, *more], net.shape[x], **table)
    pool = dict(padding=0, strideH=2, strideW=2, filterHeight=3, filterWidth=3)
    x = net.convolution(net.input, 8, 3, stride=2, activation=3)
    padded = net.add(OP.PAD, [x, net.integers([[0, 0], [1, 0], [0, 2], [0, 0]])], (1, 7, 7, 8),
                     **options("Pad"))
    x = same(OP.HARD_SWISH, net.depthwise(padded, 3, 1))
    squeezed = net.add(OP.MEAN, [x, net.integers([1, 2])], (1, 1, 1, 8),
                       **options("Reducer", keepDims=True))
    gate = same(OP.LOGISTIC, net.convolution(squeezed, 8, 1, activation=1))
    x = same(OP.MUL, x, gate, **options("Mul", fusedActivationFunction=0))
    x = same(OP.ADD, x, net.convolution(padded, 8, 3, groups=2, dilation=2),
             **options("Add", fusedActivationFunction=1, potScaleInt16=True))
    x = same(OP.MUL, x, net.constant([8]), **options("Mul", fusedActivationFunction=0))
    x = same(OP.ADD, x, net.constant([1]), **options("Add", fusedActivationFunction=0,
                                                     potScaleInt16=True))
    x = net.add(OP.MAX_POOL_2D, [x], (1, 4, 4, 8),
                **options("Pool2D", fusedActivationFunction=0, **pool))
    x = net.add(OP.AVERAGE_POOL_2D, [x], (1, 2, 2, 8),
                **options("Pool2D", fusedActivationFunction=3, **pool))
    x = same(OP.RELU6, same(OP.RELU, x))
    flat = net.add(OP.RESHAPE, [x], (1, 32), **options("Reshape", newShape=[1, 32]))
    mean = net.add(OP.MEAN, [x, net.integers([2, 1])], (1, 8),
                   **options("Reducer", keepDims=False))
    a = net.add(OP.FULLY_CONNECTED, [flat, net.constant([8, 32]), -1], (1, 8),
                **options("FullyConnected", fusedActivationFunction=0))
    x = same(OP.ADD, a, mean, **options("Add", fusedActivationFunction=0, potScaleInt16=True))
    y = same(OP.SOFTMAX, x, **options("Softmax", beta=1.0))
    values = net.r.rng.normal(0, 1, net.shape[net.input]).astype(np.float32)
    return net.w.file([net.input], [y]), values


KINDS = {
    "conv2d": lambda r: convolution(r, False),
    "depthwise-conv2d": lambda r: convolution(r, True),
    "fully-connected": fully_connected,
    "conv2d-4-bits": lambda r: convolution(r, False, 4),
    "depthwise-conv2d-4-bits": lambda r: convolution(r, True, 4),
    "fully-connected-4-bits": lambda r: fully_connected(r, 4),
    "add": lambda r: binary(r, OP.ADD),
    "mul": lambda r: binary(r, OP.MUL),
    "maximum": lambda r: binary(r, OP.MAXIMUM),
    "minimum": lambda r: binary(r, OP.MINIMUM),
    "average-pool": lambda r: pool(r, OP.AVERAGE_POOL_2D),
    "max-pool": lambda r: pool(r, OP.MAX_POOL_2D),
    "mean": mean,
    "logistic": lambda r: table(r, OP.LOGISTIC),
    "hard-swish": lambda r: table(r, OP.HARD_SWISH),
    "relu": lambda r: table(r, OP.RELU),
    "relu6": lambda r: table(r, OP.RELU6),
    "quantize": lambda r: table(r, OP.QUANTIZE),
    "softmax": softmax,
    "l2-normalization": l2_normalization,
    "squared-difference": squared_difference,
    "reverse": reverse,
    "broadcast-to": broadcast_to,
    "pad": pad,
    "transpose": transpose,
    "concatenation": concatenation,
    "real-border": real_border,
    "resize-bilinear": lambda r: resize(r, OP.RESIZE_BILINEAR),
    "resize-bilinear-corners": lambda r: resize(r, OP.RESIZE_BILINEAR, corners=True),
    "resize-bilinear-middles": lambda r: resize(r, OP.RESIZE_BILINEAR, middles=True),
    "resize-nearest": lambda r: resize(r, OP.RESIZE_NEAREST_NEIGHBOR),
    "resize-nearest-corners": lambda r: resize(r, OP.RESIZE_NEAREST_NEIGHBOR, corners=True),
    "resize-nearest-middles": lambda r: resize(r, OP.RESIZE_NEAREST_NEIGHBOR, middles=True),
    "transpose-conv": transposed_convolution,
}


def network(kind, seed):
    """The bytes of a random network of one operator of `kind`, and an input for it."""
    return KINDS[kind](Random([sum(kind.encode()), seed]))
