"""Takes today's small networks, as timm and torchvision export them, the whole way to a Cortex-M4.

    python modern_networks.py [NAME...]

Needs torch, timm, torchvision and the tool that `make build` makes. Prints the table of
`Docs/Models.md`: for images of 96 x 96 and ten classes the difference of the float network from
PyTorch's, relative to the largest output, then of the int8 network millions of
multiply-accumulates, bytes of constants and arena, and millions of instructions under emulation.
Weights are random, since the shapes decide all that.
"""

import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import timm
import torch
import torchvision

warnings.filterwarnings("ignore")
TOOL = Path(__file__).resolve().parent.parent.parent / ".build/release/mnquant"
SIDE, CLASSES = 96, 10
NAMES = """
    timm/mobilenetv4_conv_small_050 timm/mobilenetv4_conv_small timm/mobilenetv4_conv_medium
    timm/mobilenetv3_small_100 timm/tf_mobilenetv3_small_minimal_100 timm/efficientnet_lite0
    timm/mnasnet_small timm/lcnet_050 timm/mobileone_s0 timm/ghostnet_050 timm/repghostnet_050
    timm/tinynet_e timm/semnasnet_075 timm/regnetx_002 timm/mixnet_s timm/fbnetc_100
    torchvision/shufflenet_v2_x0_5 torchvision/mnasnet0_5 torchvision/squeezenet1_1
""".split()


def network(name):
    library, kind = name.split("/")
    torch.manual_seed(0)
    if library == "timm":
        net = timm.create_model(kind, num_classes=CLASSES, exportable=True)
    else:
        net = getattr(torchvision.models, kind)(weights=None, num_classes=CLASSES)
    return net.eval()


def settled(net, images):
    """With the statistics of `images` in each batch normalization, as after training."""
    norms = [m for m in net.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.train()
        norm.momentum = None
        norm.reset_running_stats()
    with torch.no_grad():
        net(images)
    return net.eval()


def mnquant(folder, *arguments):
    done = subprocess.run(
        [TOOL, *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return done.stdout


def row(name, folder):
    net = network(name)
    images = torch.rand(16, 3, SIDE, SIDE)
    settled(net, images)
    with torch.no_grad():
        expected = net(images[:1]).numpy().ravel()
    torch.onnx.export(net, images[:1], folder / "net.onnx", opset_version=17, dynamo=False)
    np.save(folder / "images.npy", images.permute(0, 2, 3, 1).contiguous().numpy())
    np.save(folder / "image.npy", images[:1].permute(0, 2, 3, 1).contiguous().numpy())
    run = ["run", "net.onnx", "--input", "image.npy", "--output", "float.npy"]
    mnquant(folder, *run)
    found = np.load(folder / "float.npy").ravel()
    difference = abs(found - expected).max() / abs(expected).max()
    mnquant(folder, "calibrate", "--model", "net.onnx", "--data", "images.npy")
    mnquant(folder, "quantize", "--recipe", "fast", "--out", "net.mnq")
    summary = json.loads(mnquant(folder, "summary", "net.mnq", "--json"))
    cells = [f"{difference:.0e}", f"{summary['macs'] / 1e6:.1f}", f"{summary['int8Bytes']:,}"]
    try:
        bench = ["bench", "net.mnq", "--target", "cortex-m4", "--json"]
        figures = json.loads(mnquant(folder, *bench))["figures"]
        cells += [f"{figures['arenaBytes']:,}", f"{figures['instructions'] / 1e6:.1f}"]
    except RuntimeError as error:
        cells += [f"{summary['arenaBytes']:,}", str(error).split(": ", 2)[-1].split(":")[0]]
    return cells


def main():
    for name in sys.argv[1:] or NAMES:
        with tempfile.TemporaryDirectory() as folder:
            try:
                cells = row(name, Path(folder))
            except RuntimeError as error:  # What the tool refuses is a row, too.
                cells = [str(error)]
            print(f"| {' | '.join([name, *cells])} |", flush=True)


if __name__ == "__main__":
    main()
