"""Random int8 networks in LiteRT, with its reference kernels: as they are, and exported again."""

import subprocess
import unittest

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from support import FOLDER, PACKAGE

NETWORKS = PACKAGE / ".build/release/RandomNetworks"
COUNT = 800  # every fourth is an int8 network for LiteRT


def litert(path, codes):
    """The codes that LiteRT's reference kernels give; None where it does not take the network."""
    try:
        interpreter = Interpreter(
            str(path), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
        interpreter.allocate_tensors()
    except (RuntimeError, ValueError):
        return None
    source = interpreter.get_input_details()[0]
    interpreter.set_tensor(source["index"], codes.reshape(source["shape"]))
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).tobytes()


class Networks(unittest.TestCase):
    def test_random_networks(self):
        folder = FOLDER / "networks"
        folder.mkdir()
        subprocess.run([NETWORKS, "--write", folder, "--count", str(COUNT)], check=True)
        taken = 0
        for output in sorted(folder.glob("*.out"), key=lambda path: int(path.stem)):
            codes = np.fromfile(output.with_suffix(".in"), np.int8)
            expected = output.read_bytes()
            found = litert(output.with_suffix(".tflite"), codes)
            if found is None:
                continue
            taken += 1
            with self.subTest(output.stem):
                self.assertEqual(found, expected)
                exported = litert(output.with_suffix(".exported.tflite"), codes)
                self.assertEqual(exported, expected)
        self.assertGreater(taken, COUNT // 4 * 3 // 4)


if __name__ == "__main__":
    unittest.main()
