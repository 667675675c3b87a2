#!/usr/bin/env python3
"""Writes images.json: small networks of one Resize, Upsample or ConvTranspose each, with ONNX
Runtime's outputs for them.

Needs numpy, onnx and onnxruntime; the versions used are in the file. Value i of the input, [1, 2, 5, 7],
is (37 i mod 64 - 32) / 16.
"""

import base64
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

SHAPE = [1, 2, 5, 7]
COUNT = int(np.prod(SHAPE))
INPUT = (((np.arange(COUNT) * 37) % 64 - 32) / 16).astype(np.float32).reshape(SHAPE)
COORDINATES = ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"]


def network(operation, inputs, opset, **attributes):
    """The bytes of a network, and what the runtime gives."""
    names = [name if value is not None else "" for name, value in inputs]
    constants = [
        numpy_helper.from_array(value, name) for name, value in inputs if value is not None]
    node = helper.make_node(operation, ["x", *names], ["y"], **attributes)
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [node], "g", [value("x", TensorProto.FLOAT, SHAPE)], [value("y", TensorProto.FLOAT, None)],
        constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version, model.producer_name = 8, ""
    data = model.SerializeToString()
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    output = session.run(None, {"x": INPUT})[0]
    return {
        "model": base64.b64encode(data).decode(), "shape": list(output.shape),
        "output": [float(f"{v:.7g}") for v in output.ravel()],
    }


def resize(opset=13, scales=None, sizes=None, **attributes):
    inputs = [("roi", None)] if opset > 10 else []
    inputs.append(("scales", None if scales is None else np.asarray(scales, np.float32)))
    if sizes is not None:
        inputs.append(("sizes", np.asarray(sizes, np.int64)))
    return network("Resize" if opset > 9 else "Upsample", inputs, opset, **attributes)


def transposed(kernel, groups=1, outputs=2, bias=True, **attributes):
    rng = np.random.default_rng(sum(kernel) + groups)
    weights = rng.integers(-8, 9, (2, outputs // groups, *kernel)).astype(np.float32) / 8
    inputs = [("w", weights)]
    if bias:
        inputs.append(("b", (np.arange(outputs) / 4 - 0.5).astype(np.float32)))
    return network("ConvTranspose", inputs, 17, group=groups, **attributes)


def cases():
    for mode in COORDINATES:
        text = {"coordinate_transformation_mode": mode}
        for rounding in ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]:
            yield f"nearest {mode} {rounding}", resize(
                sizes=[1, 2, 8, 4], nearest_mode=rounding, **text)
        yield f"nearest {mode} doubled", resize(scales=[1, 1, 2, 2], **text)
        yield f"linear {mode} doubled", resize(scales=[1, 1, 2, 2], mode="linear", **text)
        yield f"linear {mode} odd", resize(sizes=[1, 2, 11, 3], mode="linear", **text)
        yield f"linear {mode} scales", resize(scales=[1, 1, 1.7, 0.6], mode="linear", **text)
        yield f"linear {mode} to one pixel", resize(sizes=[1, 2, 1, 1], mode="linear", **text)
    for opset in (9, 10):
        for mode in ("nearest", "linear"):
            yield f"opset {opset} {mode}", resize(opset, scales=[1, 1, 2, 3], mode=mode)
    for mode in ("nearest", "linear"):
        yield f"opset 10 {mode} smaller", resize(10, scales=[1, 1, 0.5, 0.7], mode=mode)
    yield "axes", resize(18, sizes=[9, 10], axes=[3, 2], mode="linear")
    yield "antialias", resize(18, scales=[1, 1, 2, 3], mode="linear", antialias=1)
    yield "half_pixel_symmetric", resize(
        19, scales=[1, 1, 1.7, 0.6], mode="linear",
        coordinate_transformation_mode="half_pixel_symmetric")
    yield "transposed 2x2", transposed((2, 2), strides=[2, 2], bias=False)
    yield "transposed 3x3", transposed(
        (3, 3), outputs=3, strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])
    yield "transposed 4x3", transposed((4, 3), strides=[2, 1], pads=[1, 0, 2, 1])
    yield "transposed grouped", transposed((3, 2), groups=2, outputs=4, strides=[2, 2])
    yield "transposed dilated", transposed((3, 2), strides=[2, 2], dilations=[2, 3], pads=[2, 1, 0, 1])
    yield "transposed with gaps", transposed((1, 2), strides=[3, 3], output_padding=[2, 1])
    for pad in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        yield f"transposed {pad}", transposed((3, 4), strides=[2, 3], auto_pad=pad)
    for pad in ("SAME_UPPER", "NOTSET"):
        yield f"transposed to a shape {pad}", transposed(
            (4, 3), strides=[2, 2], auto_pad=pad, output_shape=[9, 12])


def main():
    file = pathlib.Path(__file__).parent / "images.json"
    lines = [json.dumps({"name": name, **case}) for name, case in cases()]
    versions = {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__}
    file.write_text(
        '{"versions": ' + json.dumps(versions) + ', "cases": [\n' + ",\n".join(lines) + "\n]}\n")


if __name__ == "__main__":
    main()
