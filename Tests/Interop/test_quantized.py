"""Networks of random shapes that ONNX Runtime quantized, code by code: its own outputs against int8's."""

import logging
import sys
import unittest

import numpy as np
import onnx
import onnxruntime

from support import FOLDER, PACKAGE, tool

sys.path.append(str(PACKAGE / "Tests/ModelImportTests/Fixtures/Quantized"))
from make_quantized import INTEGERS, PAIRS, S8, SIZES, U8, Net, quantized  # noqa: E402

COUNT = 24
MODES = [(S8, S8, PAIRS, True), (U8, S8, PAIRS, False), (U8, U8, PAIRS, False), (U8, U8, PAIRS, True),
         (S8, S8, INTEGERS, True), (U8, S8, INTEGERS, False), (U8, U8, INTEGERS, False)]


def network(seed):
    """Some layers of any kind, an image or a vector at the end."""
    net = Net(seed)
    choose = lambda *values: values[net.random.integers(len(values))]
    x, channels, side = "x", 3, 8
    for _ in range(net.random.integers(2, 6)):
        outputs, stride = int(net.random.integers(3, 12)), choose(1, 1, 2)
        kind = choose("dense", "dense", "depthwise", "pointwise", "residual", "gate", "pool")
        if kind == "pool" and side > 2:
            x = net.add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
            side //= 2
        elif kind == "residual":
            y = net.conv(net.relu(net.conv(x, channels, outputs, 3)), outputs, channels, 1)
            x = net.relu(net.add("Add", x, y))
        elif kind == "gate":
            y = net.conv(net.add("GlobalAveragePool", x), channels, channels, 1)
            x = net.add("Mul", x, net.add("Sigmoid", y))
        else:
            group = channels if kind == "depthwise" else 1
            outputs = channels if kind == "depthwise" else outputs
            x = net.conv(x, channels, outputs, 1 if kind == "pointwise" else 3, group, stride)
            x = choose(net.relu, net.relu, lambda x: x, lambda x: net.add("HardSwish", x))(x)
            channels, side = outputs, -(-side // stride)
    if choose(True, False):
        return net.model(net.conv(x, channels, 4, 1))
    return net.model(net.gemm(net.add("Flatten", net.add("GlobalAveragePool", x)), channels, 5))


class Quantized(unittest.TestCase):
    def outputs(self, seed):
        """ONNX Runtime's, the float engine's and the int8 engine's codes."""
        path = FOLDER / f"quantized-{seed}.onnx"
        model = quantized(network(seed), *MODES[seed % len(MODES)])
        onnx.save(model, path)
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        random = np.random.default_rng(seed)
        images = random.normal(0, 1, [8, *SIZES[1:]]).astype(np.float32)
        expected = np.concatenate([session.run(None, {"x": image[None]})[0] for image in images])
        if expected.ndim == 4:
            expected = expected.transpose(0, 2, 3, 1)
        np.save(FOLDER / "x.npy", np.ascontiguousarray(images.transpose(0, 2, 3, 1)))
        space = ["--workspace", FOLDER / f"quantized-{seed}"]
        tool("calibrate", "--model", path, "--data", "x.npy", *space)
        tool("quantize", "--out", "q.mnq", *space)
        tool("run", path, "--engine", "float", "--input", "x.npy", "--output", "real.npy")
        tool("run", "q.mnq", "--input", "x.npy", "--output", "codes.npy")
        constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
        last = model.graph.node[-1]
        self.assertEqual(last.op_type, "DequantizeLinear")
        scale, zero = (constants[name] for name in last.input[1:])
        offset = int(zero) - (128 if zero.dtype == np.uint8 else 0)
        codes = lambda reals: np.rint(reals / scale).astype(int).ravel() + offset
        return (codes(expected), codes(np.load(FOLDER / "real.npy")),
                np.load(FOLDER / "codes.npy").astype(int).ravel())

    def test_codes(self):
        logging.disable()
        real, integer = [], []
        for seed in range(COUNT):
            with self.subTest(seed):
                expected, reals, integers = self.outputs(seed)
                real.append(np.abs(reals - expected))
                integer.append(np.abs(integers - expected))
                # A code that a tie of floats put next to another grows behind later layers: 3 at most
                # were seen in these networks.
                self.assertLessEqual(integer[-1].max(), 4)
        for name, found in (("float", np.concatenate(real)), ("int8", np.concatenate(integer))):
            print(f"{name}: {found.size} codes, {np.sum(found == 0)} equal, {np.sum(found == 1)} one off, "
                  f"{np.sum(found > 1)} more", file=sys.stderr)
            self.assertGreaterEqual(np.mean(found == 0), 0.97)


if __name__ == "__main__":
    unittest.main()
