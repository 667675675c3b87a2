"""Writes gradients-torch.json: gradients of whole networks, by PyTorch in double precision.

    pip install torch==2.9.1 torchvision==0.24.1 && python make_gradient_oracles.py

Weights, images and the gradient of the logits are those that names determine (named_weights.py); batch
normalization takes the statistics of the batch. Of each array: its norm, and the values at four
places that its name determines.
"""

import json
from pathlib import Path

import numpy
import torch
from make_torch_mobilenets import V1, fill, v2, v3
from named_weights import fractions, uniform
from torch import nn

IMAGES, CLASSES, PLACES = 4, 10, 4


def networks():
    # ReLU6 has kinks, and at other sizes some values lie so near that rounding decides: V2's at 16 and
    # 32 pixels, and V1's at 32, within 5e-7.
    yield "mobilenet-v1-small,resolution=16", V1(V1.small, 1.0, CLASSES, 1), 16
    yield "mobilenet-v2,width=0.35,small-images,resolution=24", v2(0.35, CLASSES, small=True), 24
    yield "mobilenet-v3-small,width=0.5,small-images", v3("small", 0.5, CLASSES, small=True), 32


def arranged(module, gradient):
    """In the order of the package: NHWC kernels, depthwise channels innermost."""
    if gradient.ndim != 4:
        return gradient
    axes = (2, 3, 0, 1) if module.groups > 1 else (0, 2, 3, 1)
    return gradient.permute(*axes)


def case(spelling, net, side):
    fill(net).double().train()
    for module in net.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0
    images = uniform("input", (IMAGES, side, side, 3), -1, 1)
    upstream = uniform("upstream", (IMAGES, CLASSES), -1, 1)
    logits = net(torch.from_numpy(images).double().permute(0, 3, 1, 2))
    logits.backward(torch.from_numpy(upstream).double())
    gradients = []
    for path, module in net.named_modules():
        for variable, parameter in module.named_parameters(recurse=False):
            values = arranged(module, parameter.grad).reshape(-1).numpy()
            name = f"{path}.{variable}"
            places = (fractions(name + " places", PLACES, 1) * values.size).astype(int)
            gradients.append({
                "name": name,
                "count": values.size,
                "norm": float(numpy.linalg.norm(values)),
                "places": places.tolist(),
                "values": values[places].tolist(),
            })  # fmt: skip
    return {
        "architecture": spelling,
        "logits": logits.detach().reshape(-1).tolist(),
        "gradients": gradients,
    }


def main():
    made = {
        "made": {"torch": torch.__version__, "how": "python make_gradient_oracles.py"},
        "images": IMAGES,
        "cases": [case(*row) for row in networks()],
    }
    text = json.dumps(made, separators=(",", ":")).replace('{"name"', '\n{"name"')
    Path(__file__).with_name("gradients-torch.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
