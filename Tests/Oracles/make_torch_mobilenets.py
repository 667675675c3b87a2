"""Writes mobilenets-torch.json: layer tables and logits of PyTorch's own networks.

    pip install torch==2.9.1 torchvision==0.24.1 && python make_torch_mobilenets.py
"""

import json
from functools import partial
from pathlib import Path

import torch
import torchvision
from named_weights import image, kernel, offset, positive
from torch import nn
from torchvision.models import mobilenet_v2, mobilenetv2, mobilenetv3
from torchvision.ops import Conv2dNormActivation, SqueezeExcitation


class V1(nn.Module):
    """Howard et al. 2017, table 1, in torchvision's habit of naming."""

    full = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + 5 * [(512, 1)] + [
        (1024, 2), (1024, 1),
    ]  # fmt: skip
    small = [(32, 1), (64, 2), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]

    def __init__(self, blocks, width=1.0, classes=1000, stride=2, act=nn.ReLU6, bias=False):
        super().__init__()
        conv = partial(Conv2dNormActivation, activation_layer=act, bias=bias)
        inputs = int(32 * width)
        layers = [conv(3, inputs, 3, stride)]
        for outputs, stride in blocks:
            outputs = int(outputs * width)
            layers.append(conv(inputs, inputs, 3, stride, groups=inputs))
            layers.append(conv(inputs, outputs, 1))
            inputs = outputs
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(inputs, classes)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


class ProjectedResidual(mobilenetv2.InvertedResidual):
    """V2's block with a 1 x 1 convolution in the shortcut of every block of stride 1."""

    def __init__(self, inputs, outputs, stride, expand_ratio, norm_layer=None, always=True):
        super().__init__(inputs, outputs, stride, expand_ratio, norm_layer)
        if stride == 1 and (always or inputs != outputs):
            self.shortcut = Conv2dNormActivation(inputs, outputs, 1, activation_layer=None)

    def forward(self, x):
        if hasattr(self, "shortcut"):
            return self.conv(x) + self.shortcut(x)
        return super().forward(x)


class NormalizedExcitation(SqueezeExcitation):
    """Squeeze-and-excitation with batch normalization in place of biases."""

    def __init__(self, channels, squeezed, eps=1e-3):
        super().__init__(channels, squeezed, scale_activation=nn.Hardsigmoid)
        self.fc1 = nn.Conv2d(channels, squeezed, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(squeezed, eps)
        self.fc2 = nn.Conv2d(squeezed, channels, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels, eps)

    def forward(self, x):
        gate = self.activation(self.bn1(self.fc1(self.avgpool(x))))
        return x * self.scale_activation(self.bn2(self.fc2(gate)))


def v2(width=1.0, classes=1000, block=None, small=False, relu=False):
    strides = (1, 2, 2, 1 if small else 2, 1, 2, 1)
    table = [(1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3), (6, 160, 3), (6, 320, 1)]
    setting = [[*row, stride] for row, stride in zip(table, strides)]
    net = mobilenet_v2(
        width_mult=width, num_classes=classes, block=block, inverted_residual_setting=setting
    )
    if small:
        net.features[0][0].stride = (1, 1)
    return net


def v3(size, width=1.0, classes=1000, excitation=None, small=False):
    setting, last = mobilenetv3._mobilenet_v3_conf(f"mobilenet_v3_{size}", width_mult=width)
    if small:
        setting[0 if size == "small" else 1].stride = 1
    block = partial(mobilenetv3.InvertedResidual, se_layer=excitation) if excitation else None
    net = mobilenetv3.MobileNetV3(setting, last, num_classes=classes, block=block)
    if small:
        net.features[0][0].stride = (1, 1)
    return net


def fill(net):
    """Gives every tensor the values that its name determines."""
    state = net.state_dict()
    norms = {name for name, module in net.named_modules() if isinstance(module, nn.BatchNorm2d)}
    for name, tensor in state.items():
        layer, variable = name.rsplit(".", 1)
        if variable == "num_batches_tracked":
            continue
        if variable == "weight" and layer not in norms:
            values = kernel(name, tensor.shape, tensor[0].numel())
        elif variable in ("weight", "running_var"):
            values = positive(name, tensor.shape)
        else:
            values = offset(name, tensor.shape)
        state[name] = torch.from_numpy(values)
    net.load_state_dict(state)
    return net.eval()


def table(net, x):
    """Output shape (NHWC), parameters and MACs of each convolution and matrix, by name."""
    rows = {}

    def record(name, module, _, output):
        axes = list(output.shape)
        shape = [axes[0], axes[2], axes[3], axes[1]] if len(axes) == 4 else axes
        macs = output.numel() * module.weight[0].numel()
        rows[name] = [shape, sum(p.numel() for p in module.parameters()), macs]

    for name, module in net.named_modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.register_forward_hook(partial(record, name))
    with torch.no_grad():
        logits = net(x)
    return rows, logits


def case(spelling, net, side, keep_logits):
    x = torch.from_numpy(image(side)).permute(0, 3, 1, 2)
    rows, logits = table(fill(net), x)
    parameters = sum(p.numel() for p in net.parameters())
    result = {"architecture": spelling, "parameters": parameters, "layers": rows}
    if keep_logits:
        result["logits"] = [round(value, 7) for value in logits[0].tolist()]
        result["weights"] = {
            name: list(tensor.shape)
            for name, tensor in net.state_dict().items()
            if tensor.dtype == torch.float32
        }
    return result


def tables():
    for width in (0.25, 0.5, 0.75, 1.0):
        yield f"mobilenet-v1,width={width}", V1(V1.full, width), 224
    yield "mobilenet-v1,resolution=96", V1(V1.full), 96
    for width in (0.35, 0.5, 0.75, 1.0, 1.4):
        yield f"mobilenet-v2,width={width}", v2(width), 224
    for width in (0.5, 0.75, 1.0, 1.25):
        yield f"mobilenet-v3-large,width={width}", v3("large", width), 224
        yield f"mobilenet-v3-small,width={width}", v3("small", width), 224


def networks():
    yield "mobilenet-v1,width=0.25,resolution=96,classes=7", V1(V1.full, 0.25, 7), 96
    yield "mobilenet-v1,width=0.25,resolution=75,classes=1", V1(V1.full, 0.25, 1), 75
    yield (
        "mobilenet-v1,small-images,width=0.25,relu,biased",
        V1(V1.full, 0.25, 10, 1, nn.ReLU, bias=True), 32,
    )  # fmt: skip
    yield "mobilenet-v1-small,width=0.5", V1(V1.small, 0.5, 10, 1), 32
    yield "mobilenet-v2,width=0.35,resolution=96,classes=7", v2(0.35, 7), 96
    yield "mobilenet-v2,width=0.35,small-images", v2(0.35, 10, small=True), 32
    matching = partial(ProjectedResidual, always=False)
    yield (
        "mobilenet-v2,width=0.35,resolution=64,classes=7,projected-shortcut",
        v2(0.35, 7, ProjectedResidual), 64,
    )  # fmt: skip
    yield (
        "mobilenet-v2,width=0.35,resolution=64,classes=7,matching-shortcut",
        v2(0.35, 7, matching), 64,
    )  # fmt: skip
    for size in ("large", "small"):
        name = f"mobilenet-v3-{size},width=0.35"
        yield f"{name},resolution=64,classes=7", v3(size, 0.35, 7), 64
        yield f"{name},small-images", v3(size, 0.35, 10, small=True), 32
        yield (
            f"{name},resolution=64,classes=7,normalized-se",
            v3(size, 0.35, 7, NormalizedExcitation), 64,
        )  # fmt: skip


def main():
    cases = [case(*row, False) for row in tables()] + [case(*row, True) for row in networks()]
    made = {
        "made": {
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
            "how": "python make_torch_mobilenets.py",
        },
        "cases": cases,
    }
    text = json.dumps(made, separators=(",", ":")).replace('{"architecture"', '\n{"architecture"')
    Path(__file__).with_name("mobilenets-torch.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
