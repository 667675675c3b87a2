"""Float neural networks to bit-exact int8 ones, from Python.

    import mnquant

    model = mnquant.quantize("model.onnx", data="photos/", out="model.mnq")
    print(model.layers[0].weights.shape, model.run(images).argmax(-1))
    print(mnquant.compare(data="photos/", model="model.onnx", quantized=model).agreement)

Everything is computed by the program `mnquant` that the same wheel puts on the path.
"""

from ._model import Layer, Model, load
from ._program import GateNotMet, MNQuantError, UsageError, program, version
from ._steps import Comparison, LayerError, compare, quantize

__all__ = [
    "Comparison", "GateNotMet", "Layer", "LayerError", "MNQuantError", "Model", "UsageError",
    "compare", "load", "program", "quantize", "version",
]
