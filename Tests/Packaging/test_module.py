"""The Python module on a bundled model, against NumPy and what the program itself prints."""

import json
import subprocess

import numpy as np
import pytest

import mnquant

MODEL = "shapes-mobilenet-v3-small"


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(18).integers(0, 256, (48, 32, 32, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def model(images, tmp_path_factory):
    out = tmp_path_factory.mktemp("model") / "model.mnq"
    return mnquant.quantize(MODEL, data=images, out=out, samples=32, recipe="fast")


def test_version_is_the_packages():
    from importlib import metadata
    assert mnquant.version().split()[0] == metadata.version("mnquant")


def test_layers_are_those_of_the_program(model):
    said = subprocess.run([mnquant.program(), "summary", model.path, "--json"], check=True,
                          capture_output=True, text=True).stdout
    assert [l.name for l in model.layers] == [l["name"] for l in json.loads(said)["layers"]]
    assert len(model.labels) == 10
    assert "layers" in repr(model)
    first = model.layers[0]
    assert first.kind == "conv2D" and first.weights.shape == (8, 3, 3, 3)
    assert first.weights.dtype == np.int8 and first.tensors["bias"].dtype == np.int32
    assert any(l.kind == "depthwiseConv2D" and l.weights.ndim == 3 for l in model.layers)


def rounded_shift(x, by):
    """x / 2^by, to nearest, ties away from zero, by gemmlowp's definition."""
    mask = (1 << by) - 1
    rest = x & mask
    return (x >> by) + (rest > (mask >> 1) + (x < 0))


def doubling_high(a, b):
    product = a * b
    nudge = np.where(product >= 0, 1 << 30, 1 - (1 << 30))
    return np.trunc((product + nudge) / 2.0**31).astype(np.int64)


def test_first_layer_by_numpy(model, images, tmp_path):
    """The arrays are all that the arithmetic needs: the first convolution, computed here."""
    codes = np.random.default_rng(1).integers(-128, 128, (1, 32, 32, 3), dtype=np.int8)
    np.save(tmp_path / "codes.npy", codes)
    subprocess.run([mnquant.program(), "run", model.path, "--input", tmp_path / "codes.npy",
                    "--output", tmp_path / "out.npy", "--dump-layers", tmp_path / "layers"],
                   check=True, capture_output=True)
    expected = np.load(sorted((tmp_path / "layers").glob("*.npy"))[0])
    layer, p = model.layers[0], model.layers[0].parameters
    assert p["rounding"] == "double"
    (ph, pw), (sh, sw) = ((p[k]["height"], p[k]["width"]) for k in ("padding", "stride"))
    (kh, kw), (oh, ow) = ((p[k]["height"], p[k]["width"]) for k in ("kernel", "output"))
    x = np.pad(codes[0].astype(np.int64) - p["inputZeroPoint"],
               ((ph, ph + kh), (pw, pw + kw), (0, 0)))
    sums = np.tile(layer.tensors["bias"].astype(np.int64), (oh, ow, 1))
    for i in range(kh):
        for j in range(kw):
            window = x[i : i + oh * sh : sh, j : j + ow * sw : sw]
            sums += window @ layer.weights[:, i, j].astype(np.int64).T
    shifts = layer.tensors["shifts"].astype(np.int64)
    left, right = np.maximum(shifts, 0), np.maximum(-shifts, 0)
    high = doubling_high(sums << left, layer.tensors["multipliers"].astype(np.int64))
    result = np.stack([rounded_shift(high[..., c], int(r)) for c, r in enumerate(right)], axis=-1)
    result = np.clip(result + p["outputZeroPoint"], *p["clamp"])
    assert np.array_equal(result.astype(np.int8), expected[0])


def test_run_gives_what_firmware_does(model, images):
    outputs = model.run(images)
    assert outputs.shape == (48, 10) and outputs.dtype == np.int8
    assert np.array_equal(outputs, model.run(images, engine="c"))
    assert np.array_equal(outputs[:5], model.run(images[:5], threads=1))
    codes = model.run(np.zeros((2, 32, 32, 3), np.int8))
    assert codes.dtype == np.int8


def test_compare(model, images):
    found = mnquant.compare(images, MODEL, model, labels=np.zeros(48, np.int64))
    assert found.images == 48 and 0 <= found.agreement <= 1
    assert found.float_top1 is not None and found.delta_top1_points is not None
    assert {l.name for l in found.layers} <= {l.name for l in model.layers}
    assert mnquant.compare(images, MODEL, model, limit=7).float_top1 is None
    with pytest.raises(mnquant.GateNotMet, match="--max-drop allows -100") as failure:
        mnquant.compare(images, MODEL, model, labels=np.zeros(48, np.int64), max_drop=-100)
    assert failure.value.status == 2


def test_errors_are_the_programs_sentences(model, images, tmp_path):
    with pytest.raises(mnquant.MNQuantError, match="there is no such file, and no bundled model"):
        mnquant.quantize("nothing-of-this-name.onnx", data=images, out=tmp_path / "x.mnq")
    with pytest.raises(mnquant.UsageError, match="Did you mean 'fast'"):
        mnquant.quantize(MODEL, data=images, out=tmp_path / "x.mnq", recipe="fasd")
    with pytest.raises(mnquant.MNQuantError, match="cannot be read"):
        mnquant.load(tmp_path / "gone.mnq")
    with pytest.raises(mnquant.MNQuantError):
        model.run(np.zeros((1, 5, 5, 3), np.float32))
    (tmp_path / "bad.mnq").write_bytes(b"\x10\0\0\0\0\0\0\0{not json")
    with pytest.raises(mnquant.MNQuantError, match="no safetensors"):
        mnquant.load(tmp_path / "bad.mnq")
    assert not (tmp_path / "x.mnq").exists()
