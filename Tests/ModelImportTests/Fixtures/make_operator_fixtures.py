#!/usr/bin/env python3
"""Writes operators.json: small networks of the operators that exporters write besides convolutions, in
every form that they write them, with ONNX Runtime's outputs.

Needs numpy, onnx and onnxruntime. Value i of the input is (37 i mod 64 - 32) / 16, or with `positive`
its magnitude and 1/2.
"""

import base64
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

IMAGE = [1, 3, 5, 7]
CASES = []


def fixture(name, nodes, shape=IMAGE, opset=17, positive=False, **constants):
    """`nodes` are (operator, inputs, attributes), each giving v1, v2, ...; the last one's output counts."""
    made = [
        helper.make_node(operation, inputs, [f"v{number}"], **attributes)
        for number, (operation, inputs, attributes) in enumerate(nodes, 1)]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        made, "g", [value("x", TensorProto.FLOAT, shape)],
        [value(f"v{len(made)}", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(array), key) for key, array in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version, model.producer_name = 8, ""
    data = model.SerializeToString()
    numbers = ((np.arange(np.prod(shape)) * 37) % 64 - 32) / 16
    if positive:
        numbers = np.abs(numbers) + 0.5
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    output = session.run(None, {"x": numbers.astype(np.float32).reshape(shape)})[0]
    CASES.append({
        "name": name, "operators": sorted({node[0] for node in nodes}),
        "model": base64.b64encode(data).decode(), "isPositive": positive,
        "shape": list(output.shape), "output": [float(f"{v:.7g}") for v in output.ravel()]})


def one(name, operation, *inputs, shape=IMAGE, opset=17, positive=False, constants={}, **attributes):
    fixture(
        name, [(operation, ["x", *inputs], attributes)], shape, opset, positive, **constants)


def i64(*values):
    return np.asarray(values, np.int64)


def f32(values, *shape):
    return np.asarray(values, np.float32).reshape(shape) if shape else np.float32(values)


def numbers(*shape):
    count = int(np.prod(shape))
    return (((np.arange(count) * 23) % 32 - 16) / 8).astype(np.float32).reshape(shape)


def reductions():
    kinds = ["Mean", "Sum", "Max", "Min", "L1", "L2", "SumSquare", "LogSum", "LogSumExp"]
    for kind in kinds:
        for axes in ([1], [2], [-1], [2, 3], [-3, 2], [1, 2, 3]):
            for keeps in (0, 1):
                name = f"Reduce{kind}"
                one(
                    f"{name} {axes} keepdims={keeps}", name, positive=kind.startswith("Log"),
                    opset=12, axes=axes, keepdims=keeps)
        one(f"{name}, axes as input", name, "a", opset=18, positive=kind.startswith("Log"),
            constants={"a": i64(-1, -2)}, keepdims=0)
        one(f"{name} of a row", name, opset=13 if kind != "Sum" else 12, shape=[1, 6, 9],
            positive=kind.startswith("Log"), axes=[2], keepdims=0)
        one(f"{name} of a vector", name, opset=12, shape=[1, 6], positive=kind.startswith("Log"),
            axes=[1], keepdims=1)
        one(f"{name} without axes", name, opset=18, positive=kind.startswith("Log"))


def functions():
    for name in ["Neg", "Abs", "Floor", "Ceil", "Round", "Sign", "Exp"]:
        one(name, name)
    for name in ["Log", "Reciprocal", "Sqrt"]:
        one(name, name, positive=True)
    for exponent in (-2.0, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0):
        one(f"Pow {exponent}", "Pow", "e", positive=True, constants={"e": f32(exponent)})
    for exponent in (4.0, 5.0):
        one(f"Pow {exponent} of negatives", "Pow", "e", constants={"e": f32([exponent], 1)})
    fixture("Pow of a constant", [("Pow", ["b", "x"], {})], b=f32(2.5))


def arithmetic():
    shapes = {"channels": (3, 1, 1), "all": (1, 3, 5, 7), "rows": (5, 1), "columns": (7,),
              "one": (1,), "scalar": ()}
    for name, shape in shapes.items():
        values = numbers(*shape) if shape else np.float32(0.75)
        values = np.where(values == 0, 1, values).astype(np.float32)
        for operation in ("Add", "Sub", "Mul", "Div", "Max", "Min"):
            fixture(
                f"{operation} of {name}",
                [(operation, ["x", "c"], {}), ("Conv", ["v1", "w"], {})], c=values, w=numbers(2, 3, 1, 1))
            fixture(
                f"{operation} of {name}, constant first",
                [(operation, ["c", "x"], {}), ("Conv", ["v1", "w"], {})], positive=True, c=values,
                w=numbers(2, 3, 1, 1))
    conv = [("Conv", ["x", "w"], {}), ("Conv", ["x", "u"], {})]
    weights = {"w": numbers(4, 3, 1, 1), "u": numbers(4, 3, 1, 1)[::-1].copy()}
    for operation in ("Add", "Sub", "Mul", "Max", "Min", "Sum", "Mean"):
        fixture(f"{operation} of two", conv + [(operation, ["v1", "v2"], {})], **weights)
    fixture("Div of two", conv + [
        ("Abs", ["v2"], {}), ("Add", ["v3", "c"], {}), ("Div", ["v1", "v4"], {})], c=f32(1.5), **weights)
    for operation in ("Max", "Min", "Sum", "Mean"):
        fixture(
            f"{operation} of four", conv + [(operation, ["v1", "x1", "v2", "v1"], {})],
            x1=numbers(4, 1, 1), **weights)
        fixture(f"{operation} of one", [(operation, ["x"], {})])
    for operation in ("Sub", "Max", "Min", "Div"):
        fixture(f"{operation} of an image and its means", [
            ("GlobalAveragePool", ["x"], {}), (operation, ["x", "v1"], {})])
        fixture(f"{operation} of means and an image", [
            ("GlobalAveragePool", ["x"], {}), (operation, ["v1", "x"], {})], positive=True)
    fixture("Sub of rows", [
        ("ReduceMean", ["x"], {"axes": [2]}), ("Sub", ["x", "v1"], {})])
    fixture("Max of a pixel's mean", [
        ("ReduceMean", ["x"], {"axes": [1]}), ("Max", ["x", "v1"], {})])


def repetition():
    fixture("Expand as ECA writes it", [
        ("GlobalAveragePool", ["x"], {}), ("Sigmoid", ["v1"], {}), ("Shape", ["x"], {}),
        ("Expand", ["v2", "v3"], {}), ("Mul", ["x", "v4"], {})])
    fixture("Expand alone", [("GlobalMaxPool", ["x"], {}), ("Expand", ["v1", "s"], {})], s=i64(1, 3, 4, 6))
    fixture("Expand of channels", [
        ("ReduceMean", ["x"], {"axes": [1]}), ("Expand", ["v1", "s"], {}), ("Relu", ["v2"], {})],
        s=i64(1, 6, 1, 1))
    fixture("Expand both", [
        ("GlobalMaxPool", ["x"], {}), ("Expand", ["v1", "s"], {}), ("Add", ["v2", "v2"], {})],
        s=i64(1, 3, 2, 2))
    fixture("Expand to one more axis", [
        ("Expand", ["x", "s"], {}), ("Reshape", ["v1", "t"], {})], shape=[1, 3], s=i64(1, 4, 1, 3),
        t=i64(1, 12))
    fixture("Tile", [("Tile", ["x", "r"], {})], r=i64(1, 2, 3, 1))
    fixture("Tile of channels", [("Tile", ["x", "r"], {}), ("Conv", ["v1", "w"], {})], r=i64(1, 2, 1, 2),
            w=numbers(2, 6, 3, 3))
    fixture("Concat with a constant", [("Concat", ["c", "x"], {"axis": 1})], c=numbers(1, 2, 5, 7))
    fixture("Concat of a vector with a constant", [("Concat", ["x", "c"], {"axis": 1})], shape=[1, 6],
            c=numbers(1, 3))
    fixture("Concat of tokens", [
        ("Reshape", ["x", "s"], {}), ("Transpose", ["v1"], {"perm": [0, 2, 1]}),
        ("Concat", ["c", "v2"], {"axis": 1}), ("Add", ["v3", "p"], {})],
        s=i64(1, 3, 35), c=numbers(1, 1, 3), p=numbers(1, 36, 3))


def matrices():
    w = numbers(4, 3)
    fixture("MatMul over channels last", [
        ("Transpose", ["x"], {"perm": [0, 2, 3, 1]}), ("MatMul", ["v1", "m"], {}), ("Add", ["v2", "b"], {}),
        ("Transpose", ["v3"], {"perm": [0, 3, 1, 2]})], m=w.T.copy(), b=numbers(4))
    fixture("MatMul over width", [
        ("Conv", ["x", "c"], {}), ("MatMul", ["v1", "m"], {}), ("Conv", ["v2", "c"], {})],
        m=numbers(7, 4), c=numbers(3, 3, 1, 1))
    fixture("MatMul from the left", [
        ("Conv", ["x", "c"], {}), ("MatMul", ["m", "v1"], {}), ("Conv", ["v2", "c"], {})],
        m=numbers(4, 5), c=numbers(3, 3, 1, 1))
    fixture("MatMul of tokens", [
        ("Reshape", ["x", "s"], {}), ("Transpose", ["v1"], {"perm": [0, 2, 1]}),
        ("MatMul", ["v2", "m"], {}), ("Add", ["v3", "b"], {}), ("Relu", ["v4"], {}),
        ("MatMul", ["v5", "n"], {}), ("ReduceMean", ["v6"], {"axes": [1], "keepdims": 0})],
        s=i64(1, 3, 35), m=w.T.copy(), b=numbers(4), n=numbers(4, 2))
    fixture("MatMul of rows as they are", [("MatMul", ["x", "m"], {})], shape=[1, 6, 3], m=w.T.copy())
    fixture("MatMul with a matrix of one more axis", [("MatMul", ["x", "m"], {})], shape=[1, 6, 3],
            m=w.T.copy().reshape(1, 3, 4))
    fixture("Gemm of rows", [
        ("Conv", ["x", "c"], {}), ("Transpose", ["v1"], {"perm": [0, 2, 3, 1]}),
        ("Reshape", ["v2", "s"], {}), ("Gemm", ["v3", "m", "b"], {"transB": 1, "alpha": 0.5}),
        ("Reshape", ["v4", "t"], {})], s=i64(35, 3), m=w, b=numbers(4), t=i64(1, 140),
        c=numbers(3, 3, 1, 1))
    fixture("MatMul to one", [("MatMul", ["x", "m"], {})], shape=[1, 6, 3], m=numbers(3, 1))


def pools():
    for size in ([7, 9], [8, 8], [10, 6]):
        for kernel, stride in ((3, 2), (2, 2), (3, 3), (2, 3)):
            for pad in (0, 1):
                pads = [pad, pad, pad, pad] if kernel > 2 else [0, pad, 0, 0]
                for mode in ("MaxPool", "AveragePool", "AveragePool, padding counts"):
                    extra = {"count_include_pad": 1} if "," in mode else {}
                    one(
                        f"{mode} of {size} by {kernel} in steps of {stride} padded {pads}, rounded up",
                        mode.split(",")[0], shape=[1, 2, *size], opset=19 if extra else 17,
                        kernel_shape=[kernel, kernel], strides=[stride, stride], pads=pads, ceil_mode=1,
                        **extra)
    one("MaxPool of a row, rounded up", "MaxPool", shape=[1, 2, 10], kernel_shape=[3], strides=[2], ceil_mode=1)
    for p in (1, 2):
        one(f"GlobalLpPool {p}", "GlobalLpPool", p=p)
        one(f"LpPool {p}", "LpPool", kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 1, 1], p=p)
        for axis in (1, -1, 2):
            one(f"LpNormalization {p} along {axis}", "LpNormalization", axis=axis, p=p, positive=True)
    one("GlobalMaxPool", "GlobalMaxPool")


def paddings():
    for mode in ("constant", "edge", "reflect", "wrap"):
        for pads in ([0, 0, 1, 2, 0, 0, 3, 1], [0, 1, 0, 0, 0, 2, 0, 0], [0, 0, -1, 2, 0, 0, 0, -3]):
            if mode == "wrap" and min(pads) < 0:
                continue
            one(f"Pad {mode} {pads}", "Pad", "p", opset=19, constants={"p": i64(*pads)}, mode=mode)
        one(f"Pad {mode} of a row", "Pad", "p", opset=19, shape=[1, 3, 6], constants={"p": i64(0, 0, 2, 0, 0, 1)},
            mode=mode)
        one(f"Pad {mode} of channels last", "Pad", "p", "", "a", opset=19,
            constants={"p": i64(2, 2), "a": i64(-1)}, mode=mode)
    one("Pad with a value", "Pad", "p", "v", opset=13, constants={"p": i64(0, 0, 1, 2, 0, 0, 0, 1), "v": f32(1.5)})
    one("Pad by attribute", "Pad", opset=9, pads=[0, 0, 1, 1, 0, 0, 2, 2], mode="reflect")
    fixture("Pad reflected in front of a convolution", [
        ("Pad", ["x", "p"], {"mode": "reflect"}), ("Conv", ["v1", "w"], {}), ("Relu", ["v2"], {})],
        p=i64(0, 0, 1, 1, 0, 0, 1, 1), w=numbers(4, 3, 3, 3))
    fixture("shortcut of a residual network", [
        ("Slice", ["x", "s", "e", "a", "t"], {}), ("Pad", ["v1", "p"], {}), ("Conv", ["x", "w"], {
            "strides": [2, 2]}), ("Add", ["v2", "v3"], {})],
        s=i64(0, 0), e=i64(99, 99), a=i64(2, 3), t=i64(2, 2), p=i64(0, 1, 0, 0, 0, 2, 0, 0),
        w=numbers(6, 3, 1, 1))


def norms():
    # torch.nn.functional.normalize
    fixture("normalize of a vector", [
        ("ReduceL2", ["x"], {"axes": [1]}), ("Clip", ["v1", "e"], {}), ("Shape", ["x"], {}),
        ("Expand", ["v2", "v3"], {}), ("Div", ["x", "v4"], {})], shape=[1, 24], e=f32(1e-12))
    fixture("normalize of pixels", [
        ("ReduceL2", ["x"], {"axes": [1]}), ("Max", ["v1", "e"], {}), ("Div", ["x", "v2"], {})], e=f32(1e-12))
    fixture("normalize by squares", [
        ("Pow", ["x", "two"], {}), ("ReduceSum", ["v1", "a"], {"keepdims": 1}), ("Sqrt", ["v2"], {}),
        ("Div", ["x", "v3"], {})], shape=[1, 24], two=f32(2), a=i64(-1))
    fixture("PRelu of every value", [("PRelu", ["x", "s"], {}), ("Conv", ["v1", "w"], {})], s=numbers(3, 5, 7),
            w=numbers(2, 3, 1, 1))


for make in (reductions, functions, arithmetic, repetition, matrices, pools, paddings, norms):
    make()
path = pathlib.Path(__file__).resolve().parent / "operators.json"
versions = {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__}
path.write_text(
    json.dumps({"made": versions, "cases": CASES}, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")
print(len(CASES), path.stat().st_size)
