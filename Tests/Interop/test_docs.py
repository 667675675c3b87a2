"""Docs/Opening.md and Docs/Models.md do what they say: their blocks are run one after the other."""

import importlib.util
import os
import re
import subprocess
import unittest

import numpy as np

from support import FOLDER, PACKAGE, TOOL, data, tool

BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Opening(unittest.TestCase):
    def test_blocks(self):
        folder = FOLDER / "opening"
        folder.mkdir()
        (folder / "cifar10").symlink_to(data())
        blocks = BLOCK.findall((PACKAGE / "Docs/Opening.md").read_text())
        self.assertGreater(len(blocks), 5)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder)
        path = f"{TOOL.parent}:{os.environ['PATH']}"
        names = {}
        for language, block in blocks:
            if language == "sh":
                subprocess.run(
                    ["sh", "-ec", block], check=True, capture_output=True,
                    env=os.environ | {"PATH": path})
            else:
                exec(compile(block, "Docs/Opening.md", "exec"), names)


def torchvision_net():
    import torchvision
    return torchvision.models.mobilenet_v2(width_mult=0.5, num_classes=10)


def keras_net():
    import keras
    net = keras.applications.MobileNetV3Small((224, 224, 3), weights=None, classes=10)
    # Keras exports what has been called, as what has been trained was.
    net(np.zeros((1, 224, 224, 3), np.float32))
    return net


# What a chapter of Docs/Models.md needs, the network that it speaks of where it makes none itself, and
# the files that it leaves.
CHAPTERS = {
    "From PyTorch": (["torch", "torchvision", "onnxscript", "safetensors"], torchvision_net,
                     ["net.onnx", "net.safetensors"]),
    "From timm": (["torch", "timm"], lambda: None, ["net.pth"]),
    "From Keras": (["tensorflow", "keras", "tf2onnx", "safetensors"], keras_net,
                   ["net.onnx", "net.tflite", "net.safetensors"]),
}


class Models(unittest.TestCase):
    def chapter(self, title):
        packages, net, files = CHAPTERS[title]
        missing = [name for name in packages if importlib.util.find_spec(name) is None]
        if missing:
            self.skipTest(f"needs {', '.join(missing)}")
        text = (PACKAGE / "Docs/Models.md").read_text()
        text = text.split(f"## {title}\n")[1].split("\n## ")[0]
        folder = FOLDER / title.replace(" ", "-")
        folder.mkdir()
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder)
        names = {"net": net()}
        for language, block in BLOCK.findall(text):
            self.assertEqual(language, "python")
            # Weights by chance serve as well.
            block = block.replace("pretrained=True", "pretrained=False")
            exec(compile(block, "Docs/Models.md", "exec"), names)
        np.save("x.npy", np.random.default_rng(1).normal(size=(1, 224, 224, 3)).astype(np.float32))
        options = re.findall(r"# (--architecture) (\S+)", text)
        for file in files:
            more = options[0] if file.endswith(".pth") else []
            tool("run", file, "--engine", "float", "--input", "x.npy", "--output", "y.npy", *more,
                 folder=folder)
            self.assertIn(np.load("y.npy").size, (10, 1000), file)

    def test_pytorch(self):
        self.chapter("From PyTorch")

    def test_timm(self):
        self.chapter("From timm")

    def test_keras(self):
        self.chapter("From Keras")


if __name__ == "__main__":
    unittest.main()
