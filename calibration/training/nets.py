"""The bundled networks: MobileNet V1, V2 and V3-small for 32x32 images of ten classes."""

from torch import nn


def divisible(channels, divisor=8):
    """`channels` rounded to a multiple of `divisor`, never down by more than a tenth."""
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * channels else rounded


class ConvNormAct(nn.Sequential):
    """Convolution without bias, batch normalization, activation (None for a linear one)."""

    def __init__(self, inputs, outputs, kernel=3, stride=1, groups=1, act=nn.ReLU6, eps=1e-5):
        layers = [
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(outputs, eps=eps),
        ]
        if act:
            layers.append(act(inplace=True))
        super().__init__(*layers)


class Net(nn.Module):
    """Features, the mean over the image, a classifier."""

    def __init__(self, features, classifier):
        super().__init__()
        self.features = nn.Sequential(*features)
        self.classifier = classifier

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


def mobilenet_v1():
    """V1, small: eight depthwise-separable blocks, 32 to 512 channels, total stride 16."""
    layers, inputs = [ConvNormAct(3, 32)], 32
    for outputs, stride in [
        (32, 1), (64, 2), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
    ]:  # fmt: skip
        layers.append(ConvNormAct(inputs, inputs, 3, stride, inputs))
        layers.append(ConvNormAct(inputs, outputs, 1))
        inputs = outputs
    return Net(layers, nn.Linear(inputs, 10))


class InvertedResidual(nn.Module):
    """V2's block: expand, depthwise, project; a shortcut where the shapes allow one."""

    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        hidden = inputs * expansion
        self.shortcut = stride == 1 and inputs == outputs
        layers = [ConvNormAct(inputs, hidden, 1)] if expansion != 1 else []
        layers += [
            ConvNormAct(hidden, hidden, 3, stride, hidden),
            ConvNormAct(hidden, outputs, 1, act=None),
        ]
        self.conv = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.conv(x) if self.shortcut else self.conv(x)


def mobilenet_v2(alpha):
    """V2 with strides for 32x32 images: stem 1, stages (1, 2, 2, 1, 1, 2, 1)."""
    inputs = divisible(32 * alpha)
    layers = [ConvNormAct(3, inputs)]
    for expansion, channels, blocks, stride in [
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 1),
        (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ]:  # fmt: skip
        outputs = divisible(channels * alpha)
        for block in range(blocks):
            layers.append(InvertedResidual(inputs, outputs, stride if block == 0 else 1, expansion))
            inputs = outputs
    layers.append(ConvNormAct(inputs, 1280, 1))
    return Net(layers, nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, 10)))


class SqueezeExcite(nn.Module):
    """Scales each channel by a gate computed from the channel means."""

    def __init__(self, channels):
        super().__init__()
        hidden = divisible(channels // 4)
        self.fc1 = nn.Conv2d(channels, hidden, 1)
        self.fc2 = nn.Conv2d(hidden, channels, 1)
        self.relu = nn.ReLU(inplace=True)
        self.gate = nn.Hardsigmoid()

    def forward(self, x):
        return x * self.gate(self.fc2(self.relu(self.fc1(x.mean((2, 3), keepdim=True)))))


class BottleneckV3(nn.Module):
    """V3's block: V2's with a free kernel, h-swish and squeeze-and-excitation."""

    def __init__(self, kernel, inputs, hidden, outputs, swish, excite, stride):
        super().__init__()
        act = nn.Hardswish if swish else nn.ReLU
        self.shortcut = stride == 1 and inputs == outputs
        layers = [ConvNormAct(inputs, hidden, 1, act=act, eps=1e-3)] if hidden != inputs else []
        layers.append(ConvNormAct(hidden, hidden, kernel, stride, hidden, act, 1e-3))
        if excite:
            layers.append(SqueezeExcite(hidden))
        layers.append(ConvNormAct(hidden, outputs, 1, act=None, eps=1e-3))
        self.block = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.block(x) if self.shortcut else self.block(x)


def mobilenet_v3_small(alpha):
    """V3-small with strides for 32x32 images: stem 1, total stride 8."""
    inputs = divisible(16 * alpha)
    layers = [ConvNormAct(3, inputs, act=nn.Hardswish, eps=1e-3)]
    for kernel, hidden, outputs, swish, excite, stride in [
        (3, 16, 16, False, True, 1), (3, 72, 24, False, False, 2),
        (3, 88, 24, False, False, 1), (5, 96, 40, True, True, 2),
        (5, 240, 40, True, True, 1), (5, 240, 40, True, True, 1),
        (5, 120, 48, True, True, 1), (5, 144, 48, True, True, 1),
        (5, 288, 96, True, True, 2), (5, 576, 96, True, True, 1),
        (5, 576, 96, True, True, 1),
    ]:  # fmt: skip
        hidden, outputs = divisible(hidden * alpha), divisible(outputs * alpha)
        layers.append(BottleneckV3(kernel, inputs, hidden, outputs, swish, excite, stride))
        inputs = outputs
    last, wide = 6 * inputs, divisible(1024 * alpha)
    layers.append(ConvNormAct(inputs, last, 1, act=nn.Hardswish, eps=1e-3))
    classifier = nn.Sequential(
        nn.Linear(last, wide), nn.Hardswish(), nn.Dropout(0.2), nn.Linear(wide, 10)
    )
    return Net(layers, classifier)


NETS = {
    "mobilenet-v1": mobilenet_v1,
    "mobilenet-v2-035": lambda: mobilenet_v2(0.35),
    "mobilenet-v3-small-050": lambda: mobilenet_v3_small(0.5),
}
