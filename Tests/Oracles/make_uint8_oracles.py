"""Writes uint8 networks of one operator, with weights that have a zero point, and LiteRT's outputs.

    python Tests/Oracles/make_uint8_oracles.py

Needs numpy, flatbuffers and ai-edge-litert. Networks go to tflite/uint8-*.tflite, inputs and outputs of
the reference kernels to uint8.json, both less 128.
"""

import json
from pathlib import Path

import numpy as np
import tflite_writer
from ai_edge_litert.interpreter import Interpreter, OpResolverType

HERE = Path(__file__).resolve().parent
KINDS = ("conv2d", "depthwise-conv2d", "fully-connected", "add", "mul", "max-pool", "mean", "softmax",
         "hard-swish", "pad")


class Unsigned(tflite_writer.Writer):
    """Writes int8 tensors as uint8 ones with one scale, and gives weights a zero point."""

    def tensor(self, shape, scale=None, zero_point=0, dtype="int8", data=None, axis=0):
        if scale is not None and np.size(scale) > 1:
            scale = np.mean(scale)
        if dtype != "int8":
            return super().tensor(shape, scale, zero_point, dtype, data, axis)
        if data is not None:
            data = (np.asarray(data).astype(int) + 128).astype(np.uint8)
            if zero_point == 0:
                zero_point = int(np.random.default_rng(len(data)).integers(-40, 40))
        return super().tensor(shape, scale, zero_point + 128, "uint8", data)


def litert(model, values):
    interpreter = Interpreter(
        model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], values)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def main():
    tflite_writer.TYPES["uint8"] = tflite_writer.schema.TensorType.UINT8
    tflite_writer.Writer = Unsigned
    cases = []
    for kind in KINDS:
        name = f"uint8-{kind}"
        model, values = tflite_writer.network(kind, 3)
        (HERE / "tflite" / f"{name}.tflite").write_bytes(model)
        output = litert(model, (values.astype(int) + 128).astype(np.uint8))
        cases.append(
            {"name": name, "zeroPoint": 0, "input": values.ravel().tolist(),
             "litert": (output.astype(int) - 128).ravel().tolist()})
    (HERE / "uint8.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
