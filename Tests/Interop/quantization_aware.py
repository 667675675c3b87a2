"""Trains MobileNets quantization-aware in PyTorch, and judges them by ONNX Runtime and by this tool.

    python quantization_aware.py [v2|v3]... [--folder F] [--images N] [--epochs N]

Needs torch, torchvision, torchao, onnxscript, onnxruntime, CIFAR-10 in ../shared and the tool that
`make build` makes. Some epochs in float, one with torchao's fake quantization (PT2E), exported as
ONNX of QuantizeLinear and DequantizeLinear pairs. Prints a row of `Docs/Results.md`: accuracy on the
10,000 test images in PyTorch (float), by ONNX Runtime on the file, and of the int8 network that
`quantize` makes of it; on how many images these two choose another class; and whether C computes the
same codes.
"""

import argparse
import logging
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import torch
import torchvision
from torchao.quantization import pt2e
from torchao.quantization.pt2e import quantize_pt2e
from torchao.quantization.pt2e.quantizer import x86_inductor_quantizer as x86

from support import SHARED, tool

BATCH = 64
NETWORKS = {
    "v2": lambda: torchvision.models.mobilenet_v2(width_mult=0.35, num_classes=10),
    "v3": lambda: torchvision.models.mobilenet_v3_small(width_mult=0.5, num_classes=10),
}


def pictures(name):
    """Normalized pictures of CIFAR-10, channels first, and their classes."""
    records = np.fromfile(SHARED / f"cifar10/{name}.bin", np.uint8).reshape(-1, 3073)
    images = records[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32) / 127.5 - 1
    return torch.from_numpy(images), torch.from_numpy(records[:, 0].astype(np.int64))


def train(net, images, labels, epochs, rate):
    """Descent over `images`, half of each batch mirrored."""
    optimizer = torch.optim.SGD(net.parameters(), rate, momentum=0.9, weight_decay=5e-5)
    steps = epochs * (len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    for _ in range(epochs):
        for chosen in torch.randperm(len(images)).split(BATCH)[: len(images) // BATCH]:
            batch = images[chosen]
            batch[::2] = batch[::2].flip(3)
            loss = torch.nn.functional.cross_entropy(net(batch), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


def accuracy(scores, labels):
    return 100 * np.mean(scores.argmax(1) == labels.numpy())


def quantization_aware(net, images, labels):
    """The network with fake quantization, trained one epoch more and converted."""
    sizes = ({0: torch.export.Dim("batch", min=2, max=1024)},)
    exported = torch.export.export(net.train(), (images[:BATCH],), dynamic_shapes=sizes).module()
    quantizer = x86.X86InductorQuantizer()
    quantizer.set_global(x86.get_default_x86_inductor_quantization_config(is_qat=True))
    prepared = quantize_pt2e.prepare_qat_pt2e(exported, quantizer)
    train(prepared, images, labels, 1, 0.005)
    converted = quantize_pt2e.convert_pt2e(prepared)
    return pt2e.move_exported_model_to_eval(converted)


def row(name, folder, count, epochs):
    torch.manual_seed(0)
    parts = [pictures(f"data_batch_{number}") for number in range(1, 6)]
    images, labels = (torch.cat(part)[:count] for part in zip(*parts))
    tests, classes = pictures("test_batch")
    net = NETWORKS[name]().train()
    train(net, images, labels, epochs, 0.1)
    with torch.no_grad():
        real = np.concatenate([net.eval()(part).numpy() for part in tests.split(500)])
    file = folder / f"{name}.onnx"
    torch.onnx.export(
        quantization_aware(net, images, labels), (images[:BATCH],), file, opset_version=18,
        dynamo=True, external_data=False, verbose=False, dynamic_shapes=({0: "batch"},))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(file, options)
    source = session.get_inputs()[0].name
    expected = np.concatenate([
        session.run(None, {source: part.numpy()})[0] for part in tests.split(BATCH)])
    for path, some in (("train.npy", images[:512]), ("test.npy", tests), ("few.npy", tests[:100])):
        np.save(folder / path, some.permute(0, 2, 3, 1).contiguous().numpy())
    codes = {}
    tool("calibrate", "--model", file, "--data", "train.npy", folder=folder)
    tool("quantize", "--out", f"{name}.mnq", folder=folder)
    for engine, source in (("int8", "test.npy"), ("c", "few.npy")):
        tool("run", f"{name}.mnq", "--engine", engine, "--input", source, "--output", "codes.npy",
             folder=folder)
        codes[engine] = np.load(folder / "codes.npy").reshape(-1, 10)
    others = np.sum(codes["int8"].argmax(1) != expected.argmax(1))
    return [f"{accuracy(scores, classes):.2f}" for scores in (real, expected, codes["int8"])] + [
        str(others), str(np.array_equal(codes["c"], codes["int8"][:100]))]


def main():
    warnings.filterwarnings("ignore")
    logging.disable()
    parser = argparse.ArgumentParser()
    parser.add_argument("networks", nargs="*")
    parser.add_argument("--folder", type=Path, help="keep the files here")
    parser.add_argument("--images", type=int, default=25_000, help="to train with")
    parser.add_argument("--epochs", type=int, default=6, help="in float")
    choice = parser.parse_args()
    for name in choice.networks or NETWORKS:
        with tempfile.TemporaryDirectory() as temporary:
            cells = row(name, choice.folder or Path(temporary), choice.images, choice.epochs)
        print(f"| {' | '.join([name, *cells])} |", flush=True)


if __name__ == "__main__":
    main()
