"""Writes networks of `keras.applications`, as narrow as they get, as Keras' exporters do.

    pip install tensorflow-cpu==2.21.0 keras==3.15.1 tf2onnx==1.17.0 onnx onnxruntime
    python make_keras_exports.py
"""

import keras
import numpy
import tensorflow
import tf2onnx
from exports import FOLDER, image, strip, write_expected
from keras import applications
from keras.src.applications import mobilenet_v3

SIDE = 32


def v3(minimalistic=False):
    """V3 with its own stem, blocks and head, but three blocks of few channels."""

    def blocks(x, kernel, activation, excitation):
        block = mobilenet_v3._inverted_res_block
        x = block(x, 1, 8, 3, 2, excitation, mobilenet_v3.relu, 0)
        x = block(x, 3, 8, 3, 1, None, mobilenet_v3.relu, 1)
        return block(x, 3, 16, kernel, 2, excitation, activation, 2)

    return mobilenet_v3.MobileNetV3(
        blocks, 20, input_shape=(SIDE, SIDE, 3), model_type="small", weights=None, classes=5,
        minimalistic=minimalistic,
    )  # fmt: skip


def v1():
    return applications.MobileNet((SIDE, SIDE, 3), alpha=0.07, weights=None, classes=5)


def trained(net):
    random = numpy.random.default_rng(1)
    for variable in net.variables:
        kind = variable.path.rsplit("/", 1)[1]
        if kind in ("gamma", "moving_variance"):
            variable.assign(random.uniform(0.5, 1.5, variable.shape))
        elif kind in ("beta", "moving_mean", "bias"):
            variable.assign(random.uniform(-0.5, 0.5, variable.shape))
    net(image(SIDE))
    return net


def by_tf2onnx(name, net, opset):
    keras.utils.set_random_seed(0)
    signature = [tensorflow.TensorSpec((1, SIDE, SIDE, 3), tensorflow.float32, name="image")]
    path = FOLDER / f"{name}.onnx"
    tf2onnx.convert.from_keras(
        trained(net), input_signature=signature, opset=opset, output_path=str(path)
    )
    strip(path)
    return name


def by_keras(name, net):
    path = FOLDER / f"{name}.onnx"
    trained(net).export(str(path), format="onnx", verbose=False)
    strip(path)
    return name


def main():
    keras.utils.set_random_seed(0)
    names = [
        by_tf2onnx("keras-v1-tf2onnx-13", v1(), 13),
        by_tf2onnx("keras-v3-tf2onnx-13", v3(), 13),
        by_tf2onnx("keras-v3-tf2onnx-18", v3(), 18),
        by_tf2onnx("keras-v3-minimalistic-tf2onnx-17", v3(minimalistic=True), 17),
        by_keras("keras-v3-export", v3()),
        by_keras("keras-v1-export", v1()),
    ]
    versions = {m.__name__: m.__version__ for m in (keras, tensorflow, tf2onnx)}
    write_expected("keras", names, versions)


main()
