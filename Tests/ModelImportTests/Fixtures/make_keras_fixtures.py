#!/usr/bin/env python3
"""Writes keras.json: small networks as Keras' converter writes them in float, with weights of 16 bits, with
a dynamic range and in int8, with the outputs of LiteRT, of its reference kernels in int8.

Needs tensorflow and ai-edge-litert. Value i of the input is (37 i mod 64 - 32) / 16, and of an int8 input
that in steps of its scale.
"""

import base64
import json
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tensorflow import keras

L = keras.layers
CASES = []
KINDS = ("float", "float16", "dynamic", "int8")


class Function(L.Layer):
    """A function of tensors as a layer."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, x):
        return self.function(x)


def converted(model, shape, kind):
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if kind != "float":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if kind == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if kind == "int8":
        rng = np.random.default_rng(0)
        converter.representative_dataset = lambda: (
            [rng.uniform(-2, 2, shape).astype(np.float32)] for _ in range(16))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def network(name, x, y, kinds=KINDS):
    model = keras.Model(x, y)
    shape = [x.shape[0] or 1, *x.shape[1:]]
    numbers = (((np.arange(np.prod(shape[1:])) * 37) % 64 - 32) / 16).astype(np.float32)
    numbers = np.stack([numbers.reshape(shape[1:])] * shape[0])
    for kind in kinds:
        data = converted(model, shape, kind)
        # The reference kernel of an int8 SUM gives the same code everywhere.
        is_reference = kind == "int8" and not name.startswith("sum")
        resolvers = OpResolverType
        kernels = (
            resolvers.BUILTIN_REF if is_reference else resolvers.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
        interpreter = Interpreter(model_content=data, experimental_op_resolver_type=kernels)
        interpreter.allocate_tensors()
        source, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
        values = numbers
        if kind == "int8":
            scale, zero = source["quantization"]
            values = np.clip(np.round(numbers / scale) + zero, -128, 127).astype(np.int8)
        interpreter.set_tensor(source["index"], values)
        interpreter.invoke()
        output = interpreter.get_tensor(result["index"])[:1]
        CASES.append({
            "name": f"{name}, {kind}", "kind": kind, "model": base64.b64encode(data).decode(),
            "input": [float(v) for v in values[0].ravel()] if kind == "int8" else [],
            "output": [float(f"{v:.7g}") for v in output.ravel()]})


def image(batch=1):
    return L.Input((9, 8, 4), batch_size=batch)


def row():
    return L.Input((12, 4), batch_size=1)


def conv(x, **options):
    return L.Conv2D(6, 3, **options)(x)


def dilations():
    for dilation, padding in ((2, "same"), (3, "same"), (2, "valid")):
        x = image(None)  # of a known batch the converter finds the dilated convolution itself
        y = L.Conv2D(5, 3, dilation_rate=dilation, padding=padding, activation="relu")(x)
        network(f"dilation {dilation}, {padding}", x, y)
        x = image(None)
        y = L.DepthwiseConv2D((2, 3), dilation_rate=dilation, padding=padding)(x)
        network(f"depthwise dilation {dilation}, {padding}", x, y)
    x = L.Input((12, 4))
    network("dilated row", x, L.Conv1D(5, 3, dilation_rate=2, padding="same", activation="relu")(x))
    x = row()
    network("causal row", x, L.Conv1D(5, 3, dilation_rate=2, padding="causal")(x))


def paddings():
    for mode in ("REFLECT", "SYMMETRIC"):
        x = image()
        pad = Function(lambda t, mode=mode: tf.pad(t, [[0, 0], [1, 2], [2, 0], [0, 0]], mode))
        network(f"{mode} in front", x, conv(pad(x)))
        x = image()
        network(f"{mode} behind", x, pad(conv(x)))
    x = image()
    pad = Function(lambda t: tf.pad(t, [[0, 0], [1, 1], [1, 0], [0, 0]], constant_values=-1.5))
    network("a value", x, L.MaxPooling2D(3, 2)(pad(conv(x))))
    x = image()
    network("zeros", x, L.ZeroPadding2D(((1, 0), (2, 1)))(conv(x, activation="relu")))


def reductions():
    for name, function in (
            ("sum", tf.reduce_sum), ("mean", tf.reduce_mean), ("max", tf.reduce_max),
            ("min", tf.reduce_min)):
        for axes in ([1, 2], [1], [-1]):
            for keeps in (False, True):
                if name == "sum" and axes == [-1]:
                    kinds = ("float",)
                else:
                    kinds = ("float", "int8")
                x = image()
                reduce = Function(lambda t: function(t, axes, keepdims=keeps))
                network(f"{name} {axes} keeping {keeps}", x, reduce(conv(x)), kinds)
    x = row()
    network("mean of a row", x, L.GlobalAveragePooling1D()(L.Conv1D(5, 3, activation="relu")(x)))
    x = row()
    network("max of a row", x, L.GlobalMaxPooling1D()(L.MaxPooling1D(2)(L.Conv1D(5, 3)(x))))


def arithmetic():
    both = ("float", "int8")
    layers = (("subtract", L.Subtract), ("maximum", L.Maximum), ("minimum", L.Minimum), ("average", L.Average))
    for name, layer in layers:
        x = image()
        network(name, x, layer()([conv(x), conv(x)]), both)
    x = image()
    network("a constant less", x, Function(lambda t: 1 - t)(conv(x, activation="sigmoid")), both)
    x = image()
    network("less means", x, L.Subtract()([conv(x), L.GlobalAveragePooling2D(keepdims=True)(conv(x))]), both)
    x = image()
    network(
        "normalization", x,
        conv(L.Normalization(mean=[0.1, 0.2, 0.3, 0.4], variance=[1.0, 2.0, 3.0, 4.0])(x)), both)
    one = ("float",)
    for name, function in (
            ("quotient", lambda t: t[0] / (tf.abs(t[1]) + 1)),
            ("squared difference", lambda t: tf.math.squared_difference(t[0], t[1])),
            ("part of one", lambda t: 1 / (tf.square(t[0]) + 1)),
            ("power", lambda t: tf.pow(tf.abs(t[0]), 1.5)), ("floor", lambda t: tf.floor(t[0])),
            ("ceil", lambda t: tf.math.ceil(t[0])), ("round", lambda t: tf.round(t[0])),
            ("negative", lambda t: -t[0]), ("bounds", lambda t: tf.maximum(tf.minimum(t[0], 0.5), -0.25))):
        x = image()
        network(name, x, Function(function)([conv(x), conv(x)]), one)
    for name in ("softplus", "mish", "swish"):
        x = image()
        network(name, x, L.Activation(name)(conv(x)), one if name == "mish" else both)


def ends():
    one = ("float", "float16")
    x = image()
    unit = Function(lambda t: tf.math.l2_normalize(t, axis=-1))
    network("L2 normalization", x, unit(L.GlobalAveragePooling2D()(conv(x))), one)
    x = image()
    network("L2 normalization of pixels", x, unit(conv(x)), one)
    x = image()
    network("unit normalization", x, L.UnitNormalization()(L.GlobalAveragePooling2D()(conv(x))), one)
    x = row()
    network("rows of a matrix", x, L.Dense(5, activation="relu")(x))
    x = image(4)
    network("batch of 4", x, L.Dense(5)(L.Flatten()(L.MaxPooling2D(2)(conv(x)))), ("float", "float16"))


def networks():
    both = ("float", "int8")
    # Of an unknown batch, sizes that the converter leaves open.
    x = L.Input((7, 6))
    network("open rows", x, L.Dense(3)(L.Flatten()(L.Dense(5, activation="relu")(x))), both)
    x = image(None)
    network("open growth", x, conv(L.UpSampling2D(2)(conv(x, strides=2))), ("float",))
    x = image(None)
    y = conv(x, strides=2, padding="same", activation="relu")
    parts = [
        L.UpSampling2D(2, interpolation="bilinear")(y),
        L.Conv2DTranspose(6, 3, strides=2, padding="same")(y),
        L.Conv2DTranspose(6, 4, strides=2, padding="same", activation="relu")(y)]
    network("grown images", x, L.Add()(parts), ("float",))
    x = image(None)
    y = conv(x, activation="relu", padding="same")
    y = L.Concatenate()([L.Conv2DTranspose(4, 2, strides=2)(L.MaxPool2D()(L.ZeroPadding2D(
        ((0, 1), (0, 0)))(y))), L.ZeroPadding2D(((1, 0), (0, 0)))(y)])
    network("segmentation", x, L.Conv2D(3, 1, activation="softmax")(y), both)
    x = image(None)
    y = L.Conv2D(8, 3, padding="same", activation="relu")(x)
    gate = L.Dense(2, activation="relu")(L.GlobalAveragePooling2D()(y))
    gate = L.Reshape((1, 1, 8))(L.Dense(8, activation="hard_sigmoid")(gate))
    network("excitation", x, L.GlobalAveragePooling2D()(L.Multiply()([y, gate])), both)
    x = image(None)
    y = L.Reshape((7, 6, 2, 4))(L.Conv2D(8, 3, activation="relu")(x))
    y = L.DepthwiseConv2D(3)(L.Reshape((7, 6, 8))(L.Permute((1, 2, 4, 3))(y)))
    network("shuffled channels", x, y, both)
    x = L.Input((24, 3))
    y = L.MaxPool1D(2)(L.Conv1D(4, 5, activation="relu", padding="same")(x))
    y = L.SeparableConv1D(6, 3, padding="same")(L.Conv1D(6, 3, strides=2, activation="relu")(y))
    network("sequence", x, L.Dense(3, activation="softmax")(L.GlobalAveragePooling1D()(y)), both)


for seed, make in enumerate((dilations, paddings, reductions, arithmetic, ends, networks)):
    keras.utils.set_random_seed(seed)
    make()
path = pathlib.Path(__file__).resolve().parent / "keras.json"
made = {"tensorflow": tf.__version__, "keras": keras.__version__}
path.write_text(
    json.dumps({"made": made, "cases": CASES}, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")
print(len(CASES), path.stat().st_size)
