"""The steps of the way: a float model to an int8 one, and the two compared."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Optional, Sequence, Union
from contextlib import contextmanager

import numpy as np

from ._model import Array, Model, load
from ._program import PathLike, options, run, run_json

#: A folder or a file, or the images themselves.
Data = Union[PathLike, Array]


@dataclass(frozen=True)
class LayerError:
    """How far a layer's int8 outputs are from the float ones."""

    name: str
    #: Signal to quantization noise in decibels; `None` where there is no noise.
    sqnr_db: Optional[float]
    cosine: float
    #: The share of outputs at the ends of the range.
    saturated: float


@dataclass(frozen=True)
class Comparison:
    """What `compare` found. Shares are of 1."""

    images: int
    #: Top-1 of either network; `None` without labels.
    float_top1: Optional[float]
    int8_top1: Optional[float]
    #: Points of top-1 that int8 gains.
    delta_top1_points: Optional[float]
    #: The share of images to which both networks give one class.
    agreement: float
    #: `None` where there is no noise.
    output_sqnr_db: Optional[float]
    layers: Sequence[LayerError]
    warnings: Sequence[str]


def quantize(model: Optional[PathLike] = None, data: Optional[Data] = None, *,
             out: PathLike = "model.mnq", samples: int = 512, method: Optional[str] = None,
             recipe: Optional[str] = None, int16: Optional[str] = None, int4: Optional[str] = None,
             fit: Optional[str] = None, classes: Optional[PathLike] = None,
             threads: Optional[int] = None) -> Model:
    """Calibrates and quantizes a float model; writes `out` and returns it.

    Args:
        model: A file (.onnx, .tflite …) or a bundled model's name; the bundled default without.
        data: A folder of images or a file as `mnquant calibrate --data` takes it, or an array
            `[N, H, W, C]`: uint8 pixels, or float32, taken as preprocessed.
        samples: How many images calibrate, spread evenly.
        method, recipe, int16, int4, fit: As the options of `mnquant calibrate` and `quantize`.

    Raises:
        MNQuantError: With the program's sentence.
    """
    if data is None:
        raise TypeError("quantize needs data: a folder of images or an array")
    with tempfile.TemporaryDirectory(prefix="mnquant-") as folder, _path(data, folder) as images:
        workspace = Path(folder) / "workspace"
        run("calibrate", *options(model=model, data=images, samples=samples, method=method,
                                  classes=classes, threads=threads, workspace=workspace))
        run("quantize", *options(recipe=recipe, int16=int16, int4=int4, fit=fit, threads=threads,
                                 workspace=workspace, out=out))
    return load(out)


def compare(data: Data, model: Optional[PathLike] = None,
            quantized: Union[Model, PathLike, None] = None, *, split: Optional[str] = None,
            limit: Optional[int] = None, max_drop: Optional[float] = None,
            classes: Optional[PathLike] = None, threads: Optional[int] = None,
            labels: Optional[Array] = None) -> Comparison:
    """Runs the float model and the int8 model on images.

    Args:
        data: As in `quantize`.
        labels: The classes of images that are an array: `[N]` integers.
        max_drop: The points of top-1 that int8 may lose.

    Raises:
        GateNotMet: int8 loses more than `max_drop`.
        MNQuantError: With the program's sentence.
    """
    file = quantized.path if isinstance(quantized, Model) else quantized
    with tempfile.TemporaryDirectory(prefix="mnquant-") as folder:
        with _path(data, folder, labels) as images:
            found = run_json("compare", *options(
                model=model, quantized=file, data=images, split=split, limit=limit,
                max_drop=max_drop, classes=classes, threads=threads))
    return _comparison(found)


def _comparison(found: dict[str, Any]) -> Comparison:
    layers = [LayerError(e["name"], e["sqnrDB"], e["cosine"], e["saturated"])
              for e in found["layers"]]
    return Comparison(
        found["images"], found.get("float", {}).get("top1"), found.get("int8", {}).get("top1"),
        found.get("deltaTop1Points"), found["agreement"], found["outputSQNRdB"], layers,
        found["warnings"])


@contextmanager
def _path(data: Data, folder: str, labels: Optional[Array] = None) -> Iterator[str]:
    """`data` as something that the program reads."""
    if isinstance(data, (str, os.PathLike)):
        yield os.fspath(data)
        return
    file = Path(folder) / "images.npy"
    array = np.ascontiguousarray(data)
    np.save(file, array.astype(np.float32) if array.dtype == np.float64 else array)
    if labels is not None:
        np.save(Path(folder) / "images.labels.npy", np.asarray(labels))
    yield str(file)
