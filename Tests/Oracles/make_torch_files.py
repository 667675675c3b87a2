"""Writes files of torch.save for the reader's tests: weights in every form, and what is refused.

    python Tests/Oracles/make_torch_files.py

Needs torch and numpy. Files go to ../FilesTests/Torch.
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
import torch

warnings.filterwarnings("ignore")
FOLDER = Path(__file__).resolve().parent.parent / "FilesTests" / "Torch"


def counted(*sizes, dtype=torch.float32):
    """0, 1, 2 and so on in quarters, less 1, in the order of the axes."""
    values = torch.arange(int(np.prod(sizes)), dtype=torch.float32) / 4 - 1
    return values.reshape(sizes).to(dtype)


def save(name, value, **options):
    torch.save(value, FOLDER / name, **options)


FORMS = {
    "float": counted(2, 3),
    "half": counted(2, 3, dtype=torch.float16),
    "bfloat": counted(2, 3, dtype=torch.bfloat16),
    "double": counted(2, 3, dtype=torch.float64),
    "count": torch.tensor(7),
    "bytes": torch.tensor([1, 255], dtype=torch.uint8),
    "channelsLast": counted(2, 3, 2, 2).to(memory_format=torch.channels_last),
    "transposed": counted(3, 2).t().contiguous().t(),
    "part": counted(4, 3)[1:3, ::2],
    "repeated": torch.tensor([0.5]).expand(2, 3),
    "empty": torch.zeros(0, 3),
    "parameter": torch.nn.Parameter(counted(2, 3)),
}
save("forms.pth", FORMS)
for protocol in (3, 4, 5):
    save(f"protocol{protocol}.pth", FORMS, pickle_protocol=protocol)

net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), torch.nn.BatchNorm2d(2))
with torch.no_grad():
    net[0].weight.copy_(counted(2, 1, 1, 1))
state = net.state_dict()
optimizer = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9)
save("state.pth", state)
save(
    "checkpoint.pth",
    {
        "epoch": 3,
        "state_dict": {f"module.{key}": value for key, value in state.items()},
        "optimizer": optimizer.state_dict(),
        "args": argparse.Namespace(rate=0.1),
        "best": np.float64(0.5),
    },
)
save("several.pth", {"first": state, "second": state})
save("tensor.pth", counted(2))
save("nothing.pth", {"epoch": 3})
save("network.pth", net)
save("legacy.pth", state, _use_new_zipfile_serialization=False)
torch.jit.script(net).save(FOLDER / "script.pt")


class Hostile:
    def __reduce__(self):
        return (print, ("run",))


save("hostile.pth", Hostile())
save("hostile-beside.pth", {**state, "extra": Hostile()})
