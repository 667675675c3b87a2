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


def fixture(name, nodes, shape=IMAGE, opset=17, positive=False, functions=(), more=(), **constants):
    """`nodes` are (operator, inputs, attributes), each giving v1, v2, ...; the last one's output counts.
    Those that `functions` name are of the domain "local"; the second of them has `more` outputs, if any."""
    made = [
        helper.make_node(
            operation, inputs, [f"v{number}"] + [f"o{index}" for index in range(1, more[0] if more and number == 2 else 1)],
            domain="local" if operation in [function.name for function in functions] else None, **attributes)
        for number, (operation, inputs, attributes) in enumerate(nodes, 1)]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        made, "g", [value("x", TensorProto.FLOAT, shape)],
        [value(f"v{len(made)}", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(array), key) for key, array in constants.items()])
    versions = [helper.make_opsetid("", opset)] + ([helper.make_opsetid("local", 1)] if functions else [])
    model = helper.make_model(graph, opset_imports=versions, functions=functions)
    model.ir_version, model.producer_name = 8, ""
    data = model.SerializeToString()
    numbers = ((np.arange(np.prod(shape)) * 37) % 64 - 32) / 16
    if positive:
        numbers = np.abs(numbers) + 0.5
    options = onnxruntime.SessionOptions()
    if more:  # Its optimizer takes the statistics given before operator set 14, its kernel does not.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    output = session.run(None, {"x": numbers.astype(np.float32).reshape(shape)})[0]
    CASES.append({
        "name": name, "operators": sorted({node.op_type for node in made if not node.domain}),
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
    # As PyTorch's newer exporter writes softplus.
    fixture("Softplus beside a threshold", [
        ("Conv", ["x", "w"], {}), ("Softplus", ["v1"], {}), ("Greater", ["v1", "t"], {}),
        ("Where", ["v3", "v1", "v2"], {}), ("Conv", ["v4", "w"], {})], w=numbers(3, 3, 1, 1) * 4, t=f32(20))
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


def axes():
    """What networks do with channels, along other axes and of more than four."""
    for kind in ("Softmax", "LogSoftmax"):
        for axis in (1, 2, 3, -1, -2):
            # Convolutions say where the channels are.
            for what, opset in ((f"along {axis}", 13), (f"from {axis} on", 12)):
                fixture(f"{kind} {what}", [
                    ("Conv", ["x", "w"], {}), (kind, ["v1"], {"axis": axis}), ("Conv", ["v2", "w"], {})],
                    opset=opset, w=numbers(3, 3, 1, 1))
        one(f"{kind} of a row along 1", kind, opset=13, shape=[1, 6, 9], axis=1)
        one(f"{kind} of a row along 2", kind, opset=13, shape=[1, 6, 9], axis=2)
        one(f"{kind} of all", kind, opset=12, shape=[1, 6, 9])
        fixture(f"{kind} of halves", [
            ("Reshape", ["x", "s"], {}), (kind, ["v1"], {"axis": 1}), ("Reshape", ["v2", "t"], {}),
            ("Conv", ["v3", "w"], {})], shape=[1, 4, 5, 7], s=i64(1, 2, 2, 5, 7), t=i64(1, 4, 5, 7),
            w=numbers(2, 4, 1, 1))
    statistics = dict(g=numbers(3) + 3, b=numbers(3), m=numbers(3), v=numbers(3) + 4)
    names = ["g", "b", "m", "v"]
    for what, sizes in (("a row", [1, 3, 9]), ("a vector", [1, 3])):
        one(f"BatchNormalization of {what}", "BatchNormalization", *names, shape=sizes, constants=statistics)
    fixture("BatchNormalization of pixels in a row", [
        ("Reshape", ["x", "s"], {}), ("BatchNormalization", ["v1", *names], {}),
        ("Reshape", ["v2", "t"], {})], s=i64(1, 3, 35), t=i64(1, 3, 5, 7), **statistics)
    fixture("BatchNormalization of five axes", [
        ("Reshape", ["x", "s"], {}), ("BatchNormalization", ["v1", *names], {}),
        ("Reshape", ["v2", "t"], {})], s=i64(1, 3, 5, 7, 1), t=i64(1, 3, 5, 7), **statistics)
    fixture("BatchNormalization of rows of an image", [
        ("Transpose", ["x"], {"perm": [0, 2, 1, 3]}), ("BatchNormalization", ["v1", *names], {}),
        ("Transpose", ["v2"], {"perm": [0, 2, 1, 3]}), ("Conv", ["v3", "w"], {})], shape=[1, 2, 3, 7],
        w=numbers(2, 2, 1, 1), **statistics)
    split = [("Reshape", ["x", "s"], {})]
    five = dict(shape=[1, 8, 5, 7], s=i64(1, 2, 4, 5, 7))
    for kind in ("Mean", "Sum", "Max", "Min", "L2"):
        for axis in (1, 2, 3, -1):
            for keeps in (0, 1):
                fixture(f"Reduce{kind} of five axes along {axis} keepdims={keeps}", split + [
                    (f"Reduce{kind}", ["v1"], {"axes": [axis], "keepdims": keeps})], opset=12, **five)
    attention = [
        ("ReduceSum", ["v1", "a"], {"keepdims": 0}), ("GlobalAveragePool", ["v2"], {}),
        ("Conv", ["v3", "w"], {}), ("Reshape", ["v4", "t"], {}), ("Softmax", ["v5"], {"axis": 1})]
    for kind in ("Mul", "Add", "Sub", "Max", "Min"):
        fixture(f"split attention by {kind}", split + attention + [
            (kind, ["v1", "v6"], {}), ("ReduceSum", ["v7", "a"], {"keepdims": 0}), ("Conv", ["v8", "u"], {})],
            opset=13, a=i64(1), w=numbers(8, 4, 1, 1), t=i64(1, 2, 4, 1, 1), u=numbers(3, 4, 1, 1), **five)
    fixture("channels shuffled and scaled", split + [
        ("Transpose", ["v1"], {"perm": [0, 2, 1, 3, 4]}), ("Mul", ["v2", "c"], {}), ("Reshape", ["v3", "t"], {}),
        ("Conv", ["v4", "u"], {})], c=numbers(4, 2, 1, 1), t=i64(1, 8, 5, 7), u=numbers(3, 8, 1, 1), **five)
    fixture("two of five axes that meet", split + [
        ("ReduceMax", ["v1"], {"axes": [2, 4]}), ("ReduceMean", ["v1"], {"axes": [1, 3]}),
        ("Add", ["v2", "v3"], {}), ("Reshape", ["v4", "t"], {})], t=i64(1, -1), **five)


def sums():
    m = numbers(3, 4)
    for equation, constants in (
            ("bchw,co->bohw", m), ("bchw,oc->bohw", m.T.copy()), ("bchw,cod->bodhw", numbers(3, 2, 2)),
            ("bchw,cw->bhc", numbers(3, 7)), ("bchw,c->bchw", numbers(3)), ("bchw,c->bhw", numbers(3)),
            ("bchw,chw->b", numbers(3, 5, 7)), ("bchw,wk->bchk", numbers(7, 2)), ("bchw,hk->bckw", numbers(5, 2))):
        fixture(f"Einsum {equation}", [
            ("Einsum", ["x", "m"], {"equation": equation}), ("Reshape", ["v1", "t"], {})], m=constants, t=i64(1, -1))
    fixture("Einsum of a constant first", [("Einsum", ["m", "x"], {"equation": "oc, bchw -> bohw"})],
            m=m.T.copy())
    for equation in ("bchw->bhwc", "bchw->bc", "bchw->bwc", "bchw"):
        fixture(f"Einsum {equation}", [
            ("Einsum", ["x"], {"equation": equation}), ("Reshape", ["v1", "t"], {})], t=i64(1, -1))
    fixture("Einsum of tokens", [("Einsum", ["x", "m"], {"equation": "bnc,cd->bnd"})], shape=[1, 6, 3], m=m)
    fixture("Einsum of a vector", [("Einsum", ["x", "m"], {"equation": "bc,cd->bd"})], shape=[1, 3], m=m)
    fixture("Einsum of two tensors", [
        ("GlobalAveragePool", ["x"], {}), ("Einsum", ["x", "v1"], {"equation": "bchw,bcij->bhw"})])
    context = [
        ("Conv", ["x", "w"], {}), ("Reshape", ["v1", "s"], {}), ("Softmax", ["v2"], {"axis": 2}),
        ("Reshape", ["x", "t"], {})]
    fixture("MatMul with a column that is computed", context + [
        ("Transpose", ["v3"], {"perm": [0, 2, 1]}), ("MatMul", ["v4", "v5"], {}),
        ("Reshape", ["v6", "u"], {}), ("Mul", ["x", "v7"], {})], w=numbers(1, 3, 1, 1), s=i64(1, 1, 35),
        t=i64(1, 3, 35), u=i64(1, 3, 1, 1))
    fixture("MatMul with a row that is computed", context + [
        ("Transpose", ["v4"], {"perm": [0, 2, 1]}), ("MatMul", ["v3", "v5"], {})],
        w=numbers(1, 3, 1, 1), s=i64(1, 1, 35), t=i64(1, 3, 35))
    for kernel, dilation, pad in ((2, 2, 0), (3, 2, 2), (3, 3, 1), (2, 3, 1)):
        for stride in (1, 2):
            for ceil in (0, 1):
                one(f"MaxPool by {kernel} with {dilation} between padded {pad} in steps of {stride}, {ceil}",
                    "MaxPool", shape=[1, 2, 9, 10], kernel_shape=[kernel, kernel], strides=[stride, stride],
                    dilations=[dilation, dilation], pads=[pad] * 4, ceil_mode=ceil)
            one(f"AveragePool by {kernel} with {dilation} between padded {pad} in steps of {stride}", "AveragePool",
                shape=[1, 2, 9, 10], opset=19, kernel_shape=[kernel, kernel], strides=[stride, stride],
                dilations=[dilation, dilation], pads=[pad] * 4, count_include_pad=1)
    one("MaxPool of a row with 2 between", "MaxPool", shape=[1, 2, 9], kernel_shape=[3], dilations=[2])


def folded():
    """Arithmetic of weights, which exporters leave where they fold no constants."""
    centered = [
        ("ReduceMean", ["w"], {"axes": [1, 2, 3]}), ("Sub", ["w", "v1"], {}), ("Mul", ["v2", "v2"], {}),
        ("ReduceMean", ["v3"], {"axes": [1, 2, 3]}), ("Add", ["v4", "e"], {}), ("Sqrt", ["v5"], {}),
        ("Div", ["v2", "v6"], {}), ("Mul", ["v7", "g"], {})]
    fixture("standardized weights", centered + [("Conv", ["x", "v8"], {})], w=numbers(4, 3, 3, 3), e=f32(1e-5),
            g=numbers(4, 1, 1, 1) + 3)
    fixture("weights normalized as a batch", [
        ("Reshape", ["w", "s"], {}), ("BatchNormalization", ["v1", "g", "b", "m", "v"], {}),
        ("Reshape", ["v2", "t"], {}), ("Conv", ["x", "v3"], {})], w=numbers(4, 3, 3, 3), s=i64(1, 4, -1),
        t=i64(4, 3, 3, 3), g=numbers(4) + 3, b=numbers(4), m=numbers(4), v=numbers(4) + 4)
    # As timm standardizes weights; a mode of training gives the statistics, too.
    fixture("weights normalized by themselves", [
        ("Reshape", ["w", "s"], {}),
        ("BatchNormalization", ["v1", "g", "b", "m", "v"], {"training_mode": 1}), ("Reshape", ["v2", "t"], {}),
        ("Conv", ["x", "v3"], {})], more=[3], w=numbers(4, 3, 3, 3), s=i64(1, 4, -1), t=i64(4, 3, 3, 3),
        g=numbers(4) + 3, b=numbers(4), m=numbers(4), v=numbers(4) + 4)
    # Before operator set 14 the number of outputs is the mode.
    fixture("weights normalized by themselves, opset 12", [
        ("Reshape", ["w", "s"], {}), ("BatchNormalization", ["v1", "g", "b", "m", "v"], {}),
        ("Reshape", ["v2", "t"], {}), ("Conv", ["x", "v3"], {})], opset=12, more=[5], w=numbers(4, 3, 3, 3),
        s=i64(1, 4, -1), t=i64(4, 3, 3, 3), g=numbers(4) + 3, b=numbers(4), m=numbers(4), v=numbers(4) + 4)
    fixture("weights put together", [
        ("Concat", ["w", "u"], {"axis": 0}), ("Concat", ["v1", "v1"], {"axis": 1}),
        ("Concat", ["x", "x"], {"axis": 1}), ("Conv", ["v3", "v2"], {})], w=numbers(2, 3, 1, 1),
        u=numbers(3, 3, 1, 1))
    fixture("sizes reduced", [
        ("Shape", ["x"], {}), ("ReduceMax", ["v1"], {"axes": [0]}), ("ReduceMin", ["v1"], {"axes": [0]}),
        ("ReduceSum", ["v1", "z"], {"keepdims": 1}), ("Concat", ["v3", "t"], {"axis": 0}),
        ("Reshape", ["x", "v5"], {}), ("Cast", ["v2"], {"to": TensorProto.FLOAT}), ("Mul", ["v6", "v7"], {})],
        opset=13, z=i64(0), t=i64(105))


def local_functions():
    node, versions = helper.make_node, [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]
    def reference(node, name, kind):
        attribute = node.attribute.add()
        attribute.name, attribute.ref_attr_name, attribute.type = name, name, kind
        return node
    leaky = helper.make_function(
        "local", "Leaky", ["a"], ["b"], [
            node("Neg", ["a"], ["t"]),
            reference(node("LeakyRelu", ["t"], ["u"]), "alpha", onnx.AttributeProto.FLOAT), node("Neg", ["u"], ["b"])],
        versions, attributes=["alpha"])
    block = helper.make_function(
        "local", "Block", ["a", "w", "bias"], ["b"], [
            reference(node("Conv", ["a", "w", "bias"], ["t"]), "strides", onnx.AttributeProto.INTS),
            node("Leaky", ["t"], ["b"], domain="local", alpha=0.25), node("Leaky", ["b"], ["c"], domain="local")],
        versions, attributes=["strides"])
    fixture("functions of functions", [
        ("Block", ["x", "w"], {"strides": [2, 1]}), ("Leaky", ["v1"], {"alpha": 0.5}),
        ("Block", ["v2", "u", "b"], {}), ("Add", ["v3", "v3"], {})], functions=[leaky, block],
        w=numbers(4, 3, 3, 3), u=numbers(2, 4, 1, 1), b=numbers(2))


def choices():
    """Comparisons of computed values, and what is chosen by them."""
    for number, name in enumerate(["Greater", "GreaterOrEqual", "Less", "LessOrEqual"]):
        fixture(f"a choice by {name}", [
            (name, ["x", "c"], {}), ("Mul", ["x", "x"], {}), ("Where", ["v1", "v2", "d"], {})],
            c=f32(0.5), d=numbers(3, 1, 1))
        fixture(f"a choice by {name} of two tensors", [
            ("Mul", ["x", "x"], {}), (name, ["v1", "x"] if number % 2 else ["x", "v1"], {}),
            ("Not", ["v2"], {}), ("Where", ["v3", "z", "x"], {})], z=f32(0))
    fixture("soft and hard edges", [
        ("Less", ["x", "a"], {}), ("Greater", ["x", "b"], {}), ("Or", ["v1", "v2"], {}),
        ("Where", ["v3", "x", "z"], {}), ("And", ["v1", "v3"], {}), ("Where", ["v5", "v4", "o"], {})],
        a=f32(-0.5), b=f32(0.75), z=f32(0), o=f32(1))
    fixture("SELU by parts", [
        ("Greater", ["x", "z"], {}), ("Mul", ["x", "s"], {}), ("Exp", ["x"], {}),
        ("Sub", ["v3", "o"], {}), ("Mul", ["v4", "k"], {}), ("Where", ["v1", "v2", "v5"], {})],
        z=f32(0), s=f32(1.0507), o=f32(1), k=f32(1.7580993))


def opsets():
    """One network as each operator set spells it."""
    for opset in range(7, 25):
        # What was an attribute until an operator set is an input from then on.
        def spelled(since, operation, inputs, names, values, **attributes):
            if opset < since:
                given = {name: value.tolist() for name, value in zip(names, values)}
                return operation, inputs, {**attributes, **given}
            keys = [operation + name for name in names]
            constants.update(zip(keys, values))
            return operation, [*inputs, *keys], attributes
        constants = dict(w=numbers(4, 3, 3, 3), b=numbers(4), g=numbers(4) + 3, m=numbers(4), v=numbers(4) + 4,
                         d=numbers(4, 1, 3, 3), s=numbers(4, 1, 1), u=numbers(6, 4, 1, 1),
                         h=np.asarray([1, 1, 2, 2], np.float32), r=np.zeros(0, np.float32), t=i64(1, -1))
        nodes = [
            ("Conv", ["x", "w"], {"pads": [1, 1, 1, 1]}),
            ("BatchNormalization", ["v1", "g", "b", "m", "v"], {}),
            spelled(11, "Clip", ["v2"], ["min", "max"], [f32(-1), f32(2)]),
            spelled(11, "Pad", ["v3"], ["pads"], [i64(0, 0, 1, 0, 0, 0, 1, 1)]),
            ("Conv", ["v4", "d", "b"], {"group": 4, "strides": [2, 2]}),
            ("PRelu", ["v5", "s"], {}),
            ("Upsample", ["v6"] if opset < 9 else ["v6", "h"], {
                "mode": "nearest", **({"scales": [1.0, 1.0, 2.0, 2.0]} if opset < 9 else {})}) if opset < 10 else
            ("Resize", ["v6", "h"] if opset == 10 else ["v6", "r" if opset < 13 else "", "h"], {
                "mode": "nearest", **({} if opset == 10 else {
                    "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"})}),
            spelled(10, "Slice", ["v7"], ["starts", "ends", "axes"], [i64(1, 0), i64(99, -1), i64(2, 3)]),
            ("MaxPool", ["v8"], {"kernel_shape": [2, 2]}),
            ("AveragePool", ["v9"], {"kernel_shape": [2, 2], "pads": [1, 0, 0, 1]}),
            spelled(18, "ReduceMean", ["v9"], ["axes"], [i64(1)], keepdims=1),
            ("Sigmoid", ["v11"], {}), ("Mul", ["v10", "v12"], {}), ("Conv", ["v13", "u"], {}),
            ("HardSigmoid", ["v14"], {"alpha": 0.25}), ("Concat", ["v14", "v15"], {"axis": 1}),
            ("Dropout", ["v16"], {}), ("LeakyRelu", ["v17"], {"alpha": 0.2}), ("Flatten", ["v18"], {}),
            ("Reshape", ["v19", "t"], {}), ("Softmax", ["v20"], {"axis": 1})]
        fixture(f"a network of operator set {opset}", nodes, opset=opset, **constants)


for make in (reductions, functions, arithmetic, repetition, matrices, pools, paddings, norms, axes, sums, folded, choices,
             local_functions, opsets):
    make()
path = pathlib.Path(__file__).resolve().parent / "operators.json"
versions = {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__}
path.write_text(
    json.dumps({"made": versions, "cases": CASES}, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")
print(len(CASES), path.stat().st_size)
