"""Writes torchvision's networks, a few blocks and channels of them, as PyTorch's exporters do.

    pip install torch==2.9.1 torchvision==0.24.1 onnx onnxscript onnxruntime
    python make_torch_exports.py
"""

import warnings
from functools import partial

import torch
import torchvision
from exports import FOLDER, strip, write_expected
from torch import nn
from torchvision.models import MobileNetV2, MobileNetV3
from torchvision.models.mobilenetv3 import InvertedResidualConfig
from torchvision.ops import Conv2dNormActivation

SIDE = 32


def v2():
    net = MobileNetV2(num_classes=5, width_mult=0.25, inverted_residual_setting=[
        [1, 16, 1, 1], [6, 24, 2, 2],
    ])  # fmt: skip
    net.features[-1] = Conv2dNormActivation(8, 24, 1, activation_layer=nn.ReLU6)
    net.classifier[1] = nn.Linear(24, 5)
    return net


def v3():
    block = partial(InvertedResidualConfig, dilation=1, width_mult=1)
    setting = [
        block(8, 3, 8, 8, True, "RE", 2), block(8, 3, 24, 8, False, "RE", 1),
        block(8, 5, 24, 16, True, "HS", 2),
    ]  # fmt: skip
    return MobileNetV3(setting, 20, 5)


def trained(net):
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
            nn.init.uniform_(module.running_mean, -0.5, 0.5)
            nn.init.uniform_(module.running_var, 0.5, 2.0)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0, 0.3)
    return net.eval()


def export(name, net, **options):
    path = FOLDER / f"{name}.onnx"
    if options.get("dynamo"):
        options["external_data"] = False
    torch.manual_seed(1)
    torch.onnx.export(
        trained(net), (torch.zeros(1, 3, SIDE, SIDE),), str(path), verbose=False, **options
    )
    strip(path)
    return name


def main():
    warnings.filterwarnings("ignore")
    torch.manual_seed(0)
    names = [
        export(f"torchvision-v3-script-{opset}", v3(), opset_version=opset, dynamo=False)
        for opset in (13, 17, 20)
    ]
    names += [
        export(f"torchvision-v3-dynamo-{opset}", v3(), opset_version=opset, dynamo=True)
        for opset in (18, 20)
    ]
    keep = torch.onnx.TrainingMode.PRESERVE
    options = {"dynamo": False, "training": keep, "do_constant_folding": False}
    names += [export("torchvision-v2-unfolded-13", v2(), opset_version=13, **options)]
    names += [export("torchvision-v2-dynamo-18", v2(), opset_version=18, dynamo=True)]
    versions = {m.__name__: m.__version__ for m in (torch, torchvision)}
    write_expected("torch", names, versions)


main()
