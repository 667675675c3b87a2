"""Writes small int8 TensorFlow Lite networks with what LiteRT and TFLM give for them.

    python Tests/Oracles/make_tflite_oracles.py [--conformance DIR] [--models DIR --cifar10 DIR]

Needs numpy, flatbuffers, ai-edge-litert and tflite-micro. Networks and inputs go to tflite/,
outputs to tflite.json, which also holds, for every case of the conformance kit, the SHA-256 of
TFLM's output bytes, and for resnet8 LiteRT's predictions for all test images of CIFAR-10.
Both runtimes use their reference kernels. What is left out keeps its old values.
"""

import argparse
import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_micro.python.tflite_micro import runtime
from tflite_writer import KINDS, OP, Writer, float_network, network

HERE = Path(__file__).resolve().parent
SEEDS = 2


def litert(model):
    """A function from inputs to outputs."""
    interpreter = Interpreter(
        model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    source = interpreter.get_input_details()[0]["index"]
    result = interpreter.get_output_details()[0]["index"]

    def run(values):
        interpreter.set_tensor(source, values)
        interpreter.invoke()
        return interpreter.get_tensor(result)

    return run


def tflm(model, values):
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=4 << 20)
    interpreter.set_input(values, 0)
    interpreter.invoke()
    return interpreter.get_output(0)


def case(kind, seed):
    name = f"{kind}-{seed}"
    model, values = network(kind, seed)
    (HERE / "tflite" / f"{name}.tflite").write_bytes(model)
    outputs = {"litert": litert(model)(values), "tflm": tflm(model, values)}
    flat = {runtime: [v.item() for v in y.ravel()] for runtime, y in outputs.items()}
    return {"name": name, "input": [v.item() for v in values.ravel()], **flat}


def unsupported():
    """A network of one operator that cannot be imported."""
    net = Writer()
    x, y = net.tensor((1, 4), 0.1, 0), net.tensor((1, 4), 1 / 128, 0)
    net.operator(OP.NEG, [x], [y])
    (HERE / "tflite" / "unsupported.tflite").write_bytes(net.file([x], [y]))


def open_sizes():
    """A network whose converter did not know the image's size."""
    net = Writer()
    x, y = (net.tensor((1, 1, 1, 3), dtype="float32") for _ in range(2))
    for tensor in net.tensors:
        tensor.shapeSignature = [-1, -1, -1, 3]
    net.operator(OP.RELU, [x], [y])
    (HERE / "tflite" / "open-sizes.tflite").write_bytes(net.file([x], [y]))


def float_case():
    model, values = float_network()
    (HERE / "tflite" / "float.tflite").write_bytes(model)
    output = litert(model)(values)
    return {"input": [v.item() for v in values.ravel()], "litert": [v.item() for v in output.ravel()]}


def vww_float(models):
    """LiteRT's probabilities for the image whose pixel i is i * 37 mod 256, scaled to 0...1."""
    image = (np.arange(96 * 96 * 3) * 37 % 256).astype(np.float32) / 255
    output = litert((models / "vww-mobilenet-v1-025-96.float.tflite").read_bytes())(
        image.reshape(1, 96, 96, 3))
    return [v.item() for v in output.ravel()]


def conformance(folder):
    """SHA-256 of TFLM's output for each case of the kit."""
    digests = {}
    for path in sorted(folder.iterdir()):
        model = (path / "model.tflite").read_bytes()
        output = tflm(model, np.load(path / "input.npy"))
        digests[path.name] = hashlib.sha256(output.tobytes()).hexdigest()
    return digests


def predictions(models, cifar10):
    """The class that resnet8 puts first, by test image, one digit each."""
    path = models / "cifar10-resnet8.int8.tflite"
    run = litert(path.read_bytes())
    records = np.fromfile(cifar10 / "test_batch.bin", np.uint8).reshape(-1, 3073)
    digits = []
    for record in records:
        image = record[1:].reshape(3, 32, 32).transpose(1, 2, 0)
        codes = (image.astype(np.int16) - 128).astype(np.int8)[None]
        digits.append(str(run(codes)[0].argmax()))
    return {
        "model": path.name,
        "modelSHA256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "recordsSHA256": hashlib.sha256(records.tobytes()).hexdigest(),
        "accuracy": float(np.mean([int(d) for d in digits] == records[:, 0])),
        "classes": "".join(digits),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for folder in ("conformance", "models", "cifar10"):
        parser.add_argument(f"--{folder}", type=Path)
    arguments = parser.parse_args()
    file = HERE / "tflite.json"
    oracle = json.loads(file.read_text()) if file.exists() else {}
    oracle["versions"] = {name: version(name) for name in ("ai-edge-litert", "tflite-micro")}
    (HERE / "tflite").mkdir(exist_ok=True)
    oracle["cases"] = [case(kind, seed) for kind in KINDS for seed in range(SEEDS)]
    if arguments.conformance:
        oracle["conformanceTFLM"] = conformance(arguments.conformance)
    oracle["float"] = float_case()
    unsupported()
    open_sizes()
    if arguments.models:
        oracle["vwwFloat"] = vww_float(arguments.models)
    if arguments.models and arguments.cifar10:
        oracle["resnet8"] = predictions(arguments.models, arguments.cifar10)
    file.write_text(json.dumps(oracle, separators=(",", ":")).replace('},{"name"', '},\n{"name"') + "\n")


if __name__ == "__main__":
    main()
