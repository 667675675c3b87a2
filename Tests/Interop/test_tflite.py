"""Exported TensorFlow Lite files in LiteRT, with its reference kernels."""

import os
import unittest
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from support import (
    BUNDLED, EXACT, FOLDER, NO_REFERENCE_MODELS, REFERENCE, magnified, pictures, quantized, run,
    said_while, tool)

OPEN = """
import sys
from ai_edge_litert.interpreter import Interpreter, OpResolverType
reference = OpResolverType.BUILTIN_REF
Interpreter(sys.argv[1], experimental_op_resolver_type=reference).allocate_tensors()
"""


def litert(path, codes):
    """The codes that LiteRT's reference kernels give, one image at a time."""
    def part(images):
        interpreter = Interpreter(
            str(path), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
        interpreter.allocate_tensors()
        source = interpreter.get_input_details()[0]["index"]
        result = interpreter.get_output_details()[0]["index"]
        outputs = []
        for image in images:
            interpreter.set_tensor(source, image[None])
            interpreter.invoke()
            outputs.append(interpreter.get_tensor(result))
        return np.concatenate(outputs)

    parts = np.array_split(codes, os.cpu_count() or 1)
    with ThreadPoolExecutor(len(parts)) as pool:
        return np.concatenate(list(pool.map(part, parts)))


def centered(images):
    """Pixels as codes."""
    return (images.astype(np.int16) - 128).astype(np.int8)


class TFLite(unittest.TestCase):
    def exported(self, model):
        """The file that `model` becomes, which LiteRT opens without a word of warning."""
        path = FOLDER / f"{model.stem}-exported.tflite"
        tool("export", model, "--format", "tflite", "--out", path)
        said = said_while(OPEN, path).lower()
        self.assertFalse("warn" in said or "failed" in said, said)
        return path

    def test_bundled_models(self):
        codes = centered(pictures())
        for name in BUNDLED:
            with self.subTest(name):
                model = quantized(name, *EXACT)
                path = self.exported(model)
                self.assertEqual(run(model, codes).tobytes(), litert(path, codes).tobytes())

    @unittest.skipUnless(REFERENCE[0].exists(), NO_REFERENCE_MODELS)
    def test_reference_models(self):
        for source in REFERENCE:
            with self.subTest(source.name):
                codes = centered(magnified(source)[:100])
                path = self.exported(source)
                self.assertEqual(litert(source, codes).tobytes(), litert(path, codes).tobytes())


if __name__ == "__main__":
    unittest.main()
