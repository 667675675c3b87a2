"""An int8 model: its layers as arrays, and its outputs by the program's engine."""

from __future__ import annotations

import json
import os
import struct
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping, Optional, Union

import numpy as np
import numpy.typing as npt

from ._program import MNQuantError, PathLike, options, run

#: NumPy's types by their names in safetensors.
_TYPES = {"I8": "<i1", "U8": "<u1", "I16": "<i2", "I32": "<i4", "I64": "<i8", "F32": "<f4",
          "F64": "<f8"}

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Layer:
    """A layer of an int8 network, in execution order."""

    name: str
    #: What it does: `conv2D`, `depthwiseConv2D`, `add` …
    kind: str
    #: Its parameters as the file has them: shapes, zero points, rounding.
    parameters: Mapping[str, Any]
    #: Its tensors by name: `weights` int8, `bias` int32, `multipliers` int32, `shifts` int8,
    #: `weightScales` float32, tables. They are flat, as the file has them, but for `weights` where
    #: the shape is known.
    tensors: Mapping[str, Array] = field(repr=False)

    @property
    def weights(self) -> Optional[Array]:
        """The weights: `[outputs, height, width, inputs]` of a convolution, `[height, width,
        channels]` of a depthwise one, `[outputs, inputs]` of a fully connected one; else `None`."""
        return self.tensors.get("weights")


class Model:
    """An int8 model in a `.mnq` file."""

    def __init__(self, path: PathLike) -> None:
        """Reads the file at `path`.

        Raises:
            MNQuantError: It is missing or no `.mnq` file.
        """
        self.path = str(path)
        tensors, metadata = _safetensors(self.path)
        if metadata.get("format") != "mnquant":
            raise MNQuantError(f"{path}: it is no .mnq file; `mnquant.quantize` writes one")
        #: The network as the file describes it: layers, labels, preprocessing, provenance.
        self.description: dict[str, Any] = json.loads(metadata["model"])
        self.layers: list[Layer] = [_layer(entry, tensors) for entry in self.description["layers"]]

    @property
    def labels(self) -> list[str]:
        """The classes' names; none where the model has none."""
        return list(self.description.get("labels", []))

    def run(self, images: npt.ArrayLike, *, engine: str = "int8",
            threads: Optional[int] = None) -> Union[Array, dict[str, Array]]:
        """The outputs for `images`, by the engine whose results firmware repeats bit for bit.

        Args:
            images: `[N, H, W, C]`: uint8 pixels, which are preprocessed; float32, taken as
                preprocessed; or int8 codes.
            engine: `int8`, `c` (what firmware does) or `swift`.

        Returns:
            int8 codes, `[N, …]`, whatever the images are; by the outputs' names where there are
            several.

        Raises:
            MNQuantError: The shape or type does not suit the model.
        """
        array = np.ascontiguousarray(images)
        if array.dtype == np.float64:
            array = array.astype(np.float32)
        with tempfile.TemporaryDirectory(prefix="mnquant-") as folder:
            given, result = Path(folder) / "images.npy", Path(folder) / "outputs"
            np.save(given, array)
            several = "outputs" in self.description
            target = f"{result}/" if several else f"{result}.npy"
            run("run", os.path.abspath(self.path), "--input", given, "--output", target,
                *options(engine=engine, threads=threads), folder=folder)
            if not several:
                codes: Array = np.load(f"{result}.npy")
                return codes
            return {file.stem: np.load(file) for file in sorted(result.glob("*.npy"))}

    def __repr__(self) -> str:
        return f"Model({self.path!r}, {len(self.layers)} layers)"


def load(path: PathLike) -> Model:
    """The int8 model in the `.mnq` file at `path`; its layers are NumPy arrays."""
    return Model(path)


def _safetensors(path: str) -> tuple[dict[str, Array], dict[str, str]]:
    """The tensors and the metadata of a safetensors file."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise MNQuantError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        (count,) = struct.unpack_from("<Q", content)
        header = json.loads(content[8 : 8 + count])
        metadata = header.pop("__metadata__", {})
        tensors = {}
        for name, entry in header.items():
            first, last = entry["data_offsets"]
            values = np.frombuffer(content[8 + count + first : 8 + count + last],
                                   _TYPES[entry["dtype"]])
            tensors[name] = values.reshape(entry["shape"])
    except (struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MNQuantError(f"{path}: it is no safetensors file: {error}") from error
    return tensors, metadata


def _layer(entry: dict[str, Any], tensors: dict[str, Array]) -> Layer:
    operation = entry["operation"]
    own = {key: tensors[value] for key, value in {**operation, **entry}.items()
           if isinstance(value, str) and value in tensors}
    shape = _weight_shape(operation)
    if "weights" in own and shape and own["weights"].size == int(np.prod(shape)):
        own["weights"] = own["weights"].reshape(shape)
    rest = {key: value for key, value in operation.items() if key not in own and key != "kind"}
    return Layer(entry["name"], operation["kind"], rest, own)


def _weight_shape(operation: dict[str, Any]) -> Optional[tuple[int, ...]]:
    kernel = operation.get("kernel", {})
    sides = (kernel.get("height"), kernel.get("width"))
    if operation["kind"] == "conv2D":
        groups = operation.get("groups", 1)
        return (operation["outputChannels"], *sides, operation["inputChannels"] // groups)
    if operation["kind"] == "depthwiseConv2D":
        return (*sides, operation["channels"] * operation.get("channelMultiplier", 1))
    if operation["kind"] == "fullyConnected":
        return (operation["outputCount"], operation["inputCount"])
    return None
