"""What the scripts of this folder share: an image, ONNX Runtime's answers, smaller files."""

import json
from pathlib import Path

import numpy
import onnx
import onnxruntime

FOLDER = Path(__file__).resolve().parent


def image(side):
    """`[1, side, side, 3]`, multiples of an eighth from -1 to 1."""
    values = numpy.arange(side * side * 3, dtype=numpy.int64) * 7919 % 17 - 8
    return (values / 8).astype(numpy.float32).reshape(1, side, side, 3)


def strip(path):
    """Removes what exporters note about the machine that they ran on."""
    model = onnx.load(path)
    for item in [*model.graph.node, *model.graph.input, *model.graph.output, model.graph]:
        del item.metadata_props[:]
        item.doc_string = ""
    del model.graph.value_info[:]
    onnx.save(model, path)


def write_expected(framework, names, versions):
    """Writes `expected-FRAMEWORK.json`: by file, ONNX Runtime's output for `image`."""
    outputs = {}
    for name in names:
        session = onnxruntime.InferenceSession(FOLDER / f"{name}.onnx")
        (source,) = session.get_inputs()
        is_nhwc = source.shape[3] == 3
        fed = image(source.shape[1] if is_nhwc else source.shape[2])
        fed = fed if is_nhwc else fed.transpose(0, 3, 1, 2)
        outputs[name] = session.run(None, {source.name: fed})[0].reshape(-1).tolist()
    versions |= {m.__name__: m.__version__ for m in (onnx, onnxruntime)}
    text = json.dumps({"versions": versions, "outputs": outputs}, indent=0)
    (FOLDER / f"expected-{framework}.json").write_text(text + "\n")
