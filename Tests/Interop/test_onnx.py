"""Exported ONNX files in ONNX Runtime, with the sessions that people open."""

import unittest

import numpy as np
import onnx
import onnxruntime

from support import (
    BUNDLED, EXACT, FOLDER, NO_REFERENCE_MODELS, REFERENCE, magnified, pictures, quantized, run,
    said_while, tool)

OPEN = """
import sys
import onnxruntime
onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
"""


def preprocessed(model, images):
    """Pixels as the file's metadata wants them: float32 [N, H, W, C]."""
    entries = {entry.key: entry.value for entry in model.metadata_props}
    mean, std = (
        np.array(entries[f"preprocessing.{key}"].split(","), np.float32) for key in ("mean", "std"))
    return (images.astype(np.float32) / np.float32(255) - mean) / std


def runtime(path, images, options=None):
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    planes = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    return np.concatenate([session.run(None, {name: plane[None]})[0] for plane in planes])


def s8():
    """The session that keeps int8 as it is where it can."""
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.qdqisint8allowed", "1")
    return options


class ONNX(unittest.TestCase):
    def check(self, source, images):
        path = FOLDER / f"{source.stem}.onnx"
        tool("export", source, "--format", "onnx", "--out", path)
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        self.assertEqual(said_while(OPEN, path), "")
        reals = preprocessed(model, images)
        expected = run(source, reals).reshape(len(images), -1).argmax(1)
        for options in (None, s8()):
            found = runtime(path, reals, options).reshape(len(images), -1).argmax(1)
            self.assertGreaterEqual(np.mean(found == expected), 0.999)

    def test_bundled_models(self):
        for name in BUNDLED:
            with self.subTest(name):
                self.check(quantized(name), pictures())

    def test_inputs_between_pixels(self):
        halves = ("--mean", "0.5", "--std", "0.5", "--samples", "64")
        model = quantized(BUNDLED[0], *EXACT, "--exact-input", preprocessing=halves)
        self.check(model, pictures())
        encoded = run(model, pictures())
        as_codes = run(model, (pictures().astype(np.int16) - 128).astype(np.int8))
        self.assertTrue((encoded == as_codes).all())

    def test_tables_of_runtimes(self):
        self.check(quantized(BUNDLED[-1], *EXACT), pictures())

    @unittest.skipUnless(REFERENCE[0].exists(), NO_REFERENCE_MODELS)
    def test_reference_models(self):
        for path in REFERENCE:
            with self.subTest(path.name):
                self.check(path, magnified(path))


if __name__ == "__main__":
    unittest.main()
