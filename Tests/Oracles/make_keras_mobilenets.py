"""Writes mobilenets-keras.json: layer tables and logits of `keras.applications`' own networks.

    pip install tensorflow-cpu==2.21.0 keras==3.15.1 && python make_keras_mobilenets.py
"""

import json
from pathlib import Path

import keras
from keras import applications, layers
from named_weights import image, kernel, offset, positive


def fill(net):
    """Gives every variable the values that its path determines."""
    for variable in net.variables:
        path, shape = variable.path, tuple(variable.shape)
        kind = path.rsplit("/", 1)[1]
        if kind == "kernel":
            depthwise = "depthwise" in path or "conv_dw" in path
            products = shape[0] * shape[1] if depthwise else variable.value.numpy()[..., 0].size
            variable.assign(kernel(path, shape, products))
        elif kind in ("gamma", "moving_variance"):
            variable.assign(positive(path, shape))
        elif kind != "seed_generator_state":
            variable.assign(offset(path, shape))
    return net


def table(net):
    """Output shape, parameters and MACs of each convolution and matrix, by name."""
    rows = {}
    for layer in net.layers:
        if isinstance(layer, (layers.Conv2D, layers.DepthwiseConv2D, layers.Dense)):
            shape = [1, *layer.output.shape[1:]]
            if isinstance(layer, layers.Dense) or shape[1:3] == [1, 1]:
                values = shape[-1]
            else:
                values = shape[1] * shape[2] * shape[3]
            weights = layer.kernel.shape
            each = weights[0] * weights[1] if "Depthwise" in type(layer).__name__ else 1
            if each == 1:
                for size in weights[:-1]:
                    each *= size
            rows[layer.name] = [shape, layer.count_params(), values * each]
    return rows


def case(spelling, make, side, keep_logits, **options):
    keras.backend.clear_session()
    net = make(input_shape=(side, side, 3), weights=None, classifier_activation=None, **options)
    trained = sum(v.value.numpy().size for v in net.trainable_variables)
    result = {"architecture": spelling, "parameters": trained, "layers": table(net)}
    if keep_logits:
        result["logits"] = [round(float(v), 7) for v in fill(net)(image(side))[0]]
        result["weights"] = {v.path: list(v.shape) for v in net.variables if v.dtype == "float32"}
    return result


def cases():
    v1, v2 = applications.MobileNet, applications.MobileNetV2
    large, small = applications.MobileNetV3Large, applications.MobileNetV3Small
    v3 = {"include_preprocessing": False}
    for width in (0.25, 1.0):
        yield case(f"mobilenet-v1,keras,width={width}", v1, 224, False, alpha=width)
        yield case(f"mobilenet-v2,keras,width={width}", v2, 224, False, alpha=width)
    for width in (0.5, 0.75, 1.0, 1.25):
        for name, make in (("large", large), ("small", small)):
            for flag in ("", ",minimalistic"):
                yield case(
                    f"mobilenet-v3-{name},keras,width={width}{flag}", make, 224, False,
                    alpha=width, minimalistic=flag != "", **v3,
                )  # fmt: skip
    # 75 is odd, and so are some of the sizes on the way down.
    for side in (64, 75):
        end = f"resolution={side},classes=7"
        yield case(
            f"mobilenet-v1,keras,width=0.25,{end}", v1, side, True, alpha=0.25, classes=7
        )
        yield case(
            f"mobilenet-v2,keras,width=0.35,{end}", v2, side, True, alpha=0.35, classes=7
        )
        for name, make in (("large", large), ("small", small)):
            for flag in ("", ",minimalistic"):
                yield case(
                    f"mobilenet-v3-{name},keras,width=0.35,{end}{flag}", make, side, True,
                    alpha=0.35, classes=7, minimalistic=flag != "", **v3,
                )  # fmt: skip


def main():
    import tensorflow

    made = {
        "made": {
            "keras": keras.__version__,
            "tensorflow": tensorflow.__version__,
            "how": "python make_keras_mobilenets.py",
        },
        "cases": list(cases()),
    }
    text = json.dumps(made, separators=(",", ":")).replace('{"architecture"', '\n{"architecture"')
    Path(__file__).with_name("mobilenets-keras.json").write_text(text + "\n")


main()
