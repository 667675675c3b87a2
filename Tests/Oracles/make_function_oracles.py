"""Writes networks of one function of each value, int8 and float, with LiteRT's outputs.

    python Tests/Oracles/make_function_oracles.py

Needs numpy, flatbuffers and ai-edge-litert. Networks go to tflite/function-*.tflite, inputs and
outputs of the reference kernels to functions.json.
"""

import json
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_writer import OP, Writer, options

HERE = Path(__file__).resolve().parent

# Name, code, options, version; the scale and zero point of the output, None for one drawn.
FUNCTIONS = [
    ("leaky-relu", OP.LEAKY_RELU, lambda: options("LeakyRelu", alpha=0.1), 2, None),
    ("leaky-relu-third", OP.LEAKY_RELU, lambda: options("LeakyRelu", alpha=1 / 3), 2, None),
    ("elu", OP.ELU, dict, 1, None),
    ("gelu", OP.GELU, lambda: options("Gelu", approximate=False), 2, None),
    ("gelu-tanh", OP.GELU, lambda: options("Gelu", approximate=True), 2, None),
    ("tanh", OP.TANH, dict, 2, (1 / 128, 0)),
    ("logistic", OP.LOGISTIC, dict, 2, (1 / 256, -128)),
    ("relu-n1-to-1", OP.RELU_N1_TO_1, dict, 1, None),
    ("relu-0-to-1", OP.RELU_0_TO_1, dict, 1, None),
    ("abs", OP.ABS, lambda: options("Abs"), 2, None),
    ("exp", OP.EXP, lambda: options("Exp"), 2, None),
    ("sqrt", OP.SQRT, dict, 1, None),
    ("rsqrt", OP.RSQRT, dict, 2, None),
]
# Of negative numbers the runtime has none, or an error.
NOT_NEGATIVE = {OP.SQRT, OP.RSQRT}
# What the runtime knows in real numbers alone, besides.
REAL = [
    ("neg", OP.NEG, lambda: options("Neg"), 1),
]
INPUTS = [(0.05, -3), (0.02, 17), (0.1, -128)]
OUTPUTS = [(0.04, -90), (0.013, 5), (0.05, -3)]
SHAPE = (1, 4, 8, 8)
REAL_SHAPE = (1, 2, 4, 8)


# The reference kernels do not have it; the others compute the same table.
UNREFERENCED = {OP.ELU}


def litert(model, values, code):
    resolver = (
        OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES if code in UNREFERENCED
        else OpResolverType.BUILTIN_REF)
    interpreter = Interpreter(model_content=model, experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], values)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def integer(code, table, version, x_codes, y_codes):
    w = Writer()
    x = w.tensor(SHAPE, *x_codes)
    y = w.tensor(SHAPE, *y_codes)
    w.operator(code, [x], [y], **table(), version=version)
    return w.file([x], [y]), np.arange(-128, 128).astype(np.int8).reshape(SHAPE)


def prelu(shape, x_codes, y_codes, alpha_zero_point, real=False):
    """PRELU of shares of `shape`."""
    rng = np.random.default_rng(sum(shape))
    w = Writer()
    numbers = dict(dtype="float32") if real else {}
    x = w.tensor(SHAPE, *([] if real else x_codes), **numbers)
    if real:
        a = w.tensor(shape, dtype="float32", data=rng.uniform(-0.5, 1.5, shape))
    else:
        a = w.tensor(shape, 0.006, alpha_zero_point, data=rng.integers(-128, 128, shape))
    y = w.tensor(SHAPE, *([] if real else y_codes), **numbers)
    w.operator(OP.PRELU, [x, a], [y])
    values = np.arange(-128, 128).astype(np.int8).reshape(SHAPE)
    return w.file([x], [y]), values.astype(np.float32) / 32 if real else values


def real(code, table, version):
    w = Writer()
    x, y = (w.tensor(REAL_SHAPE, dtype="float32") for _ in range(2))
    w.operator(code, [x], [y], **table(), version=version)
    values = np.linspace(0.01 if code in NOT_NEGATIVE else -6, 6, 64, dtype=np.float32)
    return w.file([x], [y]), values.reshape(REAL_SHAPE)


# What converters leave in float between DEQUANTIZE and QUANTIZE: operators of the value so far, and
# of a constant or of the codes' own value where there are two.
BETWEEN = [
    ("neg", [(OP.NEG, None)]),
    ("square", [(OP.SQUARE, None)]),
    ("power", [(OP.POW, 3.0)]),
    ("reciprocal", [(OP.ABS, None), (OP.ADD, 0.25), (OP.DIV, -1.5)]),
    ("neg-exp", [(OP.NEG, None), (OP.EXP, None)]),
    ("swish", [(OP.LOGISTIC, None), (OP.MUL, "x")]),
    ("floor-difference", [(OP.FLOOR, None), (OP.SUB, "x")]),
    ("squared-difference", [(OP.SQUARED_DIFFERENCE, 0.503), (OP.MINIMUM, 2.0), (OP.RSQRT, None)]),
]


def between(steps, x_codes, y_codes):
    w = Writer()
    codes, x = w.tensor(SHAPE, *x_codes), w.tensor(SHAPE, dtype="float32")
    w.operator(OP.DEQUANTIZE, [codes], [x], version=2)
    value = x
    for code, other in steps:
        result = w.tensor(SHAPE, dtype="float32")
        inputs = [value]
        if other is not None:
            inputs.append(x if other == "x" else w.tensor((), dtype="float32", data=other))
        table = {OP.ADD: "Add", OP.MUL: "Mul", OP.SUB: "Sub", OP.DIV: "Div"}.get(code)
        w.operator(code, inputs, [result], **(options(table) if table else {}))
        value = result
    y = w.tensor(SHAPE, *y_codes)
    w.operator(OP.QUANTIZE, [value], [y])
    return w.file([codes], [y]), np.arange(-128, 128).astype(np.int8).reshape(SHAPE)


# Operators of a tensor and a constant, either of which repeats: their sizes, and whether the constant
# comes first.
MEETINGS = [
    (OP.MUL, "Mul", (1, 2, 4, 8), (2, 4, 8), False),
    (OP.ADD, "Add", (1, 2, 4, 1), (1, 1, 1, 8), False),
    (OP.SUB, "Sub", (1, 1, 4, 1), (1, 2, 1, 8), True),
    (OP.DIV, "Div", (1, 2, 4, 8), (4, 1), False),
    (OP.SUB, "Sub", (1, 8), (1, 2, 4, 8), False),
    (OP.SQUARED_DIFFERENCE, "SquaredDifference", (1, 2, 4, 8), (2, 1, 8), True),
]


def meeting(code, table, shape, sizes, first):
    w = Writer()
    x = w.tensor(shape, dtype="float32")
    data = np.random.default_rng(len(sizes)).uniform(0.5, 2, sizes)
    c = w.tensor(sizes, dtype="float32", data=data)
    y = w.tensor(np.broadcast_shapes(shape, sizes), dtype="float32")
    w.operator(code, [c, x] if first else [x, c], [y], **options(table))
    values = np.linspace(-3, 4, int(np.prod(shape)), dtype=np.float32)
    return w.file([x], [y]), values.reshape(shape)


def choice(code, threshold, below, swapped):
    """A choice between the value times two and `below`, or SELU where there is none."""
    w = Writer()
    x, y, double = (w.tensor(REAL_SHAPE, dtype="float32") for _ in range(3))
    gate = w.tensor(REAL_SHAPE, dtype="bool")
    edge, two, one, scale = (
        w.tensor((), dtype="float32", data=v) for v in (threshold, 1.0507, 1, 1.7580993))
    w.operator(code, [edge, x] if swapped else [x, edge], [gate])
    w.operator(OP.MUL, [x, two], [double], **options("Mul"))
    if below is None:
        power, less, other = (w.tensor(REAL_SHAPE, dtype="float32") for _ in range(3))
        w.operator(OP.EXP, [x], [power])
        w.operator(OP.SUB, [power, one], [less], **options("Sub"))
        w.operator(OP.MUL, [less, scale], [other], **options("Mul"))
    else:
        other = w.tensor((), dtype="float32", data=below)
    w.operator(OP.SELECT_V2, [gate, double, other], [y])
    values = np.linspace(-4, 4, 64, dtype=np.float32).reshape(REAL_SHAPE)
    return w.file([x], [y]), values


def movement(code, sizes, numbers):
    """An operator of a tensor that repeats or turns as `numbers` say."""
    w = Writer()
    shape = (1, 2, 1, 8)
    x, y = (w.tensor(s, dtype="float32") for s in (shape, sizes))
    a = w.tensor([len(numbers)], dtype="int32", data=numbers)
    w.operator(code, [x, a], [y], version=2 if code == OP.BROADCAST_TO else 1)
    return w.file([x], [y]), np.arange(16, dtype=np.float32).reshape(shape)


def main():
    cases = []

    def add(name, kind, code, model, values):
        (HERE / "tflite" / f"function-{name}.tflite").write_bytes(model)
        output = litert(model, values, code).ravel().tolist()
        # Nine digits tell any two 32-bit floats apart.
        numbers = [[float(f"{x:.9g}") if kind == "reals" else x for x in array]
                   for array in (values.ravel().tolist(), output)]
        cases.append({"name": name, "input": numbers[0], kind: numbers[1]})

    for name, code, table, version, fixed in FUNCTIONS:
        for number, (x, y) in enumerate(zip(INPUTS, OUTPUTS)):
            x = (x[0], -128) if code in NOT_NEGATIVE else x
            network = integer(code, table, version, x, fixed or y)
            add(f"{name}-{number}", "codes", code, *network)
    for name, steps in BETWEEN:
        for number, (x, y) in enumerate(zip(INPUTS, OUTPUTS)):
            add(f"{name}-between-{number}", "codes", OP.QUANTIZE, *between(steps, x, y))
    for name, code, table, version, *_ in FUNCTIONS + REAL:
        add(f"{name}-real", "reals", code, *real(code, table, version))
    for number, row in enumerate(MEETINGS):
        add(f"meeting-{number}-real", "reals", row[0], *meeting(*row))
    comparisons = [OP.GREATER, OP.GREATER_EQUAL, OP.LESS, OP.LESS_EQUAL]
    for number, (code, below) in enumerate(zip(comparisons * 2, [None, 0, -0.5, 0, 1, 0.25, 0, 2])):
        network = choice(code, 0 if below is None else 0.5, below, number > 3)
        add(f"choice-{number}-real", "reals", code, *network)
    turned = movement(OP.REVERSE_V2, (1, 2, 1, 8), [2, -1])
    add("reverse-real", "reals", OP.REVERSE_V2, *turned)
    repeated = movement(OP.BROADCAST_TO, (1, 2, 3, 8), [1, 2, 3, 8])
    add("broadcast-to-real", "reals", OP.BROADCAST_TO, *repeated)
    for number, shape in enumerate([(1, 1, 8), (8,), (4, 8, 8), (1, 1, 1)]):
        network = prelu(shape, INPUTS[number % 3], OUTPUTS[number % 3], [0, -7, 0, 40][number])
        add(f"prelu-{number}", "codes", OP.PRELU, *network)
    for number, shape in enumerate([(1, 1, 8), (4, 8, 8)]):
        add(f"prelu-{number}-real", "reals", OP.PRELU, *prelu(shape, None, None, 0, real=True))
    (HERE / "functions.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
