"""Writes mobilenets-timm.json: layer tables and logits of timm's own networks.

    pip install timm==1.0.31 && python make_timm_mobilenets.py
"""

import json
from pathlib import Path

import timm
import torch
from make_torch_mobilenets import case
from timm.models import mobilenetv3
from timm.models.efficientnet import _gen_mobilenet_v1, _gen_mobilenet_v2

V4 = "mobilenet-v4-conv-"


def v1(width, **options):
    return _gen_mobilenet_v1("mobilenetv1_100", width, **options)


def v2(width, **options):
    return _gen_mobilenet_v2("mobilenetv2_100", width, **options)


def v3(size, width, **options):
    return mobilenetv3._gen_mobilenet_v3(f"mobilenetv3_{size}_100", width, **options)


def v4(size, width=1.0, **options):
    return mobilenetv3._gen_mobilenet_v4(f"mobilenetv4_conv_{size}", width, **options)


def small(net):
    """Strides for images of 32 x 32."""
    net.conv_stem.stride = (1, 1)
    for module in net.blocks[0].modules():
        if isinstance(module, torch.nn.Conv2d):
            module.stride = (1, 1)
    return net


def tables():
    for size in ("small", "medium", "large"):
        yield f"{V4}{size}", v4(size), 224
    for width in (0.35, 0.5, 1.25):
        yield f"{V4}small,width={width}", v4("small", width), 224
    for width in (0.5, 1.0, 1.25):
        yield f"mobilenet-v1,timm,width={width}", v1(width), 224
    for width in (0.35, 0.5, 1.0, 1.1, 1.4):
        yield f"mobilenet-v2,timm,width={width}", v2(width), 224
    for width in (0.35, 0.5, 0.75, 1.0, 1.5):
        for size in ("large", "small"):
            yield f"mobilenet-v3-{size},timm,width={width}", v3(size, width), 224


def networks():
    ends = "resolution=64,classes=7"
    yield f"{V4}small,width=0.35,{ends}", v4("small", 0.35, num_classes=7), 64
    yield f"{V4}medium,width=0.35,{ends}", v4("medium", 0.35, num_classes=7), 64
    yield f"{V4}small,width=0.35,small-images", small(v4("small", 0.35, num_classes=10)), 32
    yield f"mobilenet-v1,timm,width=0.25,{ends}", v1(0.25, num_classes=7), 64
    yield f"mobilenet-v2,timm,width=0.35,{ends}", v2(0.35, num_classes=7), 64
    for size in ("large", "small"):
        yield f"mobilenet-v3-{size},timm,width=0.35,{ends}", v3(size, 0.35, num_classes=7), 64


def main():
    cases = [case(*row, False) for row in tables()] + [case(*row, True) for row in networks()]
    made = {
        "made": {"timm": timm.__version__, "how": "python make_timm_mobilenets.py"},
        "cases": cases,
    }
    text = json.dumps(made, separators=(",", ":")).replace('{"architecture"', '\n{"architecture"')
    Path(__file__).with_name("mobilenets-timm.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
