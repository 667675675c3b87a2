"""Writes imagenet-v1-025.json: the class that ONNX Runtime finds in each test photo.

    pip install onnxruntime pillow torchvision numpy
    python make_imagenet_oracle.py --model imagenet-mobilenet-v1-025-224.onnx --photos DIR

The photos (DIR/test/CLASS/*, ImageNet's) are not part of the repository.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy
import onnxruntime
import PIL
import torchvision
from PIL import Image
from torchvision.transforms import CenterCrop, Compose, Resize

parser = argparse.ArgumentParser()
parser.add_argument("--model", type=Path, required=True)
parser.add_argument("--photos", type=Path, required=True)
arguments = parser.parse_args()

session = onnxruntime.InferenceSession(arguments.model)
name = session.get_inputs()[0].name
fit = Compose([Resize(256), CenterCrop(224)])
classes = {}
for path in sorted(arguments.photos.glob("test/*/*")):
    pixels = numpy.asarray(fit(Image.open(path).convert("RGB")), numpy.float32)
    image = (pixels / 127.5 - 1).transpose(2, 0, 1)[None]
    logits = session.run(None, {name: image})[0].reshape(-1)
    classes[str(path.relative_to(arguments.photos))] = int(logits.argmax())
content = {
    "made": {
        "onnxruntime": onnxruntime.__version__,
        "pillow": PIL.__version__,
        "torchvision": torchvision.__version__,
        "model": hashlib.sha256(arguments.model.read_bytes()).hexdigest(),
        "how": "python make_imagenet_oracle.py --model imagenet-mobilenet-v1-025-224.onnx --photos DIR",
    },
    "classes": classes,
}
Path(__file__).with_name("imagenet-v1-025.json").write_text(json.dumps(content, indent=0) + "\n")
