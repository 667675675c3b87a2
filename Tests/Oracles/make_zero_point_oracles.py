"""Writes FULLY_CONNECTED networks whose int8 weights have a zero point, with LiteRT's outputs.

    python Tests/Oracles/make_zero_point_oracles.py

Needs numpy, flatbuffers and ai-edge-litert. Networks go to tflite/zero-point-*.tflite, inputs and
outputs of the reference kernels to zero-points.json.
"""

import json
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_writer import OP, Random, Writer, options

HERE = Path(__file__).resolve().parent
ZERO_POINTS = (-128, -127, -7, 1, 64, 127)


def network(zero_point, seed):
    r, w = Random(seed), Writer()
    rows, inputs, outputs = r.size(1, 3), r.size(1, 40), r.size(1, 9)
    shape = (rows, inputs) if inputs % 2 else (rows, 1, 2, inputs // 2)
    x_scale, w_scale = r.scale(), r.scale(-9, -5)
    x = w.tensor(shape, x_scale, r.zero_point())
    codes = r.rng.integers(-128, 128, (outputs, inputs)).astype(np.int8)
    f = w.tensor((outputs, inputs), w_scale, zero_point, data=codes)
    bias = r.rng.integers(-3000, 3000, outputs)
    b = w.tensor([outputs], x_scale * w_scale, dtype="int32", data=bias)
    y_scale = np.float32(x_scale * w_scale * 90 * inputs**0.5)
    y = w.tensor((rows, outputs), y_scale, r.zero_point())
    table = options("FullyConnected", fusedActivationFunction=r.choice(0, 1, 3))
    w.operator(OP.FULLY_CONNECTED, [x, f, b], [y], **table, version=4)
    return w.file([x], [y]), r.codes(shape)


def litert(model, values):
    interpreter = Interpreter(
        model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], values)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def main():
    cases = []
    for number, zero_point in enumerate(ZERO_POINTS * 2):
        name = f"zero-point-{number}"
        model, values = network(zero_point, 500 + number)
        (HERE / "tflite" / f"{name}.tflite").write_bytes(model)
        output = litert(model, values)
        cases.append(
            {"name": name, "zeroPoint": zero_point, "input": values.ravel().tolist(),
             "litert": output.ravel().tolist()})
    (HERE / "zero-points.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
