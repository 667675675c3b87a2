"""What the tests of this folder share: the built tool, pictures, and int8 models.

Pictures are CIFAR-10's from ../shared (or MNQUANT_SHARED), else drawn from a fixed seed in the same
layout, so that everything about the bundled models always runs.
"""

import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

PACKAGE = Path(__file__).resolve().parents[2]
TOOL = PACKAGE / ".build/release/mnquant"
SHARED = Path(os.environ.get("MNQUANT_SHARED", PACKAGE.parent / "shared"))
NO_REFERENCE_MODELS = "the reference models are not in ../shared"

COUNT = 1000
BUNDLED = ["cifar10-mobilenet-v1", "cifar10-mobilenet-v2-035", "cifar10-mobilenet-v3-small-050"]
REFERENCE = [SHARED / f"models/{name}.int8.tflite"
             for name in ("vww-mobilenet-v1-025-96", "cifar10-resnet8")]

# Kept alive, and removed with its content at the end of the process.
_folder = tempfile.TemporaryDirectory()
FOLDER = Path(_folder.name)


def tool(*arguments, folder=FOLDER):
    """Runs mnquant and returns what it printed."""
    result = subprocess.run(
        [TOOL, *map(str, arguments)], cwd=folder, capture_output=True, text=True)
    assert result.returncode == 0, f"mnquant {' '.join(map(str, arguments))}: {result.stderr}"
    return result.stdout


def drawn(count, seed):
    """Records of smooth noise: a label byte, then planes of 32 x 32 pixels."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (count, 3, 5, 5)).astype(np.float64)
    place = np.arange(32) / 8
    low = np.minimum(place.astype(int), 3)
    part = place - low
    rows = coarse[:, :, low] * (1 - part)[:, None] + coarse[:, :, low + 1] * part[:, None]
    planes = rows[..., low] * (1 - part) + rows[..., low + 1] * part
    labels = random.integers(0, 10, (count, 1))
    return np.hstack([labels, planes.reshape(count, -1)]).astype(np.uint8)


@functools.cache
def data():
    """A folder in CIFAR-10's binary layout."""
    if (SHARED / "cifar10/test_batch.bin").exists():
        return SHARED / "cifar10"
    folder = FOLDER / "drawn"
    folder.mkdir()
    drawn(512, seed=1).tofile(folder / "data_batch_1.bin")
    drawn(COUNT, seed=2).tofile(folder / "test_batch.bin")
    return folder


@functools.cache
def pictures():
    """Test pictures as uint8 [N, 32, 32, 3]."""
    records = np.fromfile(data() / "test_batch.bin", np.uint8).reshape(-1, 3073)[:COUNT]
    return np.ascontiguousarray(records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))


def magnified(path):
    """The pictures at the size that the reference model at `path` takes."""
    times = (96 if "-96." in path.name else 32) // 32
    return pictures().repeat(times, axis=1).repeat(times, axis=2)


# A runtime's own tables, on scales that are quick to find: which scales makes no difference to it.
EXACT = ["--exact-with", "litert", "--recipe", "minmax"]


@functools.cache
def quantized(name, *options, preprocessing=()):
    """The int8 model of a bundled float model."""
    workspace = FOLDER / "-".join([name, *preprocessing, "workspace"])
    if not workspace.exists():
        tool("calibrate", "--data", data(), "--model", name, "--workspace", workspace,
             *preprocessing)
    path = workspace / "-".join([*options, f"{name}.mnq"]).replace("--", "")
    tool("quantize", "--workspace", workspace, "--out", path, *options)
    return path


def run(model, images):
    """The int8 codes that mnquant gives for `images`."""
    np.save(FOLDER / "x.npy", images)
    tool("run", model, "--input", "x.npy", "--output", "y.npy")
    return np.load(FOLDER / "y.npy")


def said_while(code, path):
    """What a new Python prints to stderr while it runs `code` on `path`, warnings as errors."""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, path], capture_output=True, text=True)
    return result.stderr if result.returncode == 0 else f"failed: {result.stderr}"
