"""Writes what Pillow makes of images: small files with their pixels, and pixels of photos.

    pip install pillow torchvision && python make_image_oracles.py --photos DIR

`DatasetsTests/Images` gets a file of each kind and `pixels.json` with what they show;
`photos.json` gets the SHA-256 of the pixels of each photo in DIR (`train/CLASS/*`, `test/CLASS/*`)
as it is decoded and after each of three ways to bring it to size. The photos themselves are other
people's and stay where they are.
"""

import argparse
import base64
import hashlib
import io
import json
from pathlib import Path

import numpy
import PIL
import torchvision
from named_weights import fractions
from PIL import Image, ImageFilter, ImageOps, features
from torchvision.transforms import CenterCrop, Compose, Resize

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent / "DatasetsTests" / "Images"
MADE = {
    "pillow": PIL.__version__,
    "libjpeg-turbo": features.version("libjpeg_turbo"),
    "torchvision": torchvision.__version__,
    "how": "python make_image_oracles.py --photos DIR",
}
WAYS = {
    "decoded": lambda image: image,
    "crop": Compose([Resize(256), CenterCrop(224)]),
    "shrink": Compose([Resize(97), CenterCrop(96)]),
    "squash": Resize((96, 96)),
}


def noise(height, width, channels=3):
    values = fractions(f"{height}x{width}x{channels}", height * width * channels, 1) * 256
    return values.astype(numpy.uint8).reshape(height, width, channels)


def text(pixels):
    return base64.b64encode(pixels.tobytes()).decode()


def upright(file):
    return ImageOps.exif_transpose(Image.open(file)).convert("RGB")


def files():
    """Each small file's name and bytes."""
    color = Image.fromarray(noise(9, 13)).filter(ImageFilter.GaussianBlur(1))

    def saved(image, name, **options):
        file = io.BytesIO()
        image.save(file, "PNG" if name.endswith("png") else "JPEG", **options)
        return name, file.getvalue()

    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x010E] = "a picture"
        exif[0x0112] = orientation
        yield saved(color, f"orientation-{orientation}.jpg", exif=exif, quality=95)
    exif[0x0112] = 6
    yield saved(color, "orientation-6.png", exif=exif)
    yield saved(color.convert("L"), "gray.jpg")
    yield saved(color, "progressive.jpg", progressive=True, subsampling="4:2:0")
    yield saved(color.convert("CMYK"), "cmyk.jpg", quality=95)
    odd = Image.fromarray(noise(33, 17)).filter(ImageFilter.GaussianBlur(1))
    for sampling in ("4:4:4", "4:2:2", "4:2:0"):
        digits = sampling.replace(":", "")
        yield saved(odd, f"sampling-{digits}.jpg", subsampling=sampling)
        yield saved(odd, f"progressive-{digits}.jpg", subsampling=sampling, progressive=True)
    yield saved(color.convert("L"), "gray.png")
    yield saved(color.convert("L").convert("1"), "bits.png")
    yield saved(color.quantize(7), "palette.png")
    yield saved(color.quantize(7), "palette-transparent.png", transparency=2)
    yield saved(Image.fromarray(noise(9, 13, 4), "RGBA"), "rgba.png")
    yield saved(Image.fromarray(noise(9, 13, 2), "LA"), "gray-alpha.png")


def small():
    pictures = {}
    for name, content in files():
        (FOLDER / name).write_bytes(content)
        image = upright(FOLDER / name)
        pictures[name] = {"width": image.width, "pixels": text(numpy.asarray(image))}
    resized = []
    # Pillow 13 resizes down first where more than twice as many rows go as columns, as of 90 x 21;
    # 64 x 44 to 24 x 24 is twice as many.
    for height, width in [(53, 37), (37, 53), (9, 31), (64, 64), (90, 21), (64, 44)]:
        image = Image.fromarray(noise(height, width))
        for size in [(24, 24), (70, 10), (1, 1), (64, 20)]:
            pixels = numpy.asarray(image.resize(size[::-1], Image.BILINEAR))
            resized.append({"from": [height, width], "to": size, "pixels": text(pixels)})
    content = {"made": MADE, "files": pictures, "resized": resized}
    (FOLDER / "pixels.json").write_text(json.dumps(content, indent=0) + "\n")


def photos(folder):
    result = {}
    for path in sorted(folder.glob("*/*/*")):
        image = upright(path)
        pixels = {}
        for way, transform in WAYS.items():
            pixels[way] = hashlib.sha256(numpy.asarray(transform(image)).tobytes()).hexdigest()
        result[str(path.relative_to(folder))] = pixels
    content = {"made": MADE, "photos": result}
    (FOLDER / "photos.json").write_text(json.dumps(content, indent=0) + "\n")


parser = argparse.ArgumentParser()
parser.add_argument("--photos", type=Path, required=True)
FOLDER.mkdir(exist_ok=True)
small()
photos(parser.parse_args().photos)
