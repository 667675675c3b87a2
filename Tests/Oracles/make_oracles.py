"""Writes the logits that ONNX Runtime gives for the first test images, one .npy a model.

    python Tests/Oracles/make_oracles.py --cifar10 DIR --shapes DIR

The float reference is tested against these. Each file is [N, 10] float32; oracles.json says
which runtime made it, from which model and which images, and is read by the tests as well.
DIR holds test_batch.bin in CIFAR-10's binary layout. A data set left out keeps its files.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "calibration" / "training"))
from describe import logits  # noqa: E402

COUNTS = {"cifar10": 1000, "shapes": 200}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def oracle(model, dataset, folder):
    """Writes one model's logits; returns its stamp."""
    count = COUNTS[dataset]
    path = ROOT / "calibration" / "models" / model["file"]
    records = np.fromfile(folder / "test_batch.bin", np.uint8, count * 3073).reshape(-1, 3073)
    if len(records) != count:
        sys.exit(f"{folder}/test_batch.bin holds {len(records)} records, {count} are needed")
    values = logits(path, records)
    np.save(HERE / f"{model['name']}.npy", values)
    return {
        "model": model["name"],
        "modelSHA256": sha256(path.read_bytes()),
        "dataset": dataset,
        "images": count,
        "recordsSHA256": sha256(records.tobytes()),
        "preprocessing": "(pixel / 255 - mean) / std in float32, mean and std of the model",
        "logits": f"{model['name']}.npy",
        "top1": round(float((values.argmax(1) == records[:, 0]).mean()), 4),
        "onnxruntime": onnxruntime.__version__,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for dataset in COUNTS:
        parser.add_argument(f"--{dataset}", type=Path, help="folder with its test_batch.bin")
    folders = vars(parser.parse_args())
    models = json.loads((ROOT / "calibration/models/models.json").read_text())["models"]
    stamps_file = HERE / "oracles.json"
    stamps = {}
    if stamps_file.exists():
        stamps = {s["model"]: s for s in json.loads(stamps_file.read_text())["oracles"]}
    for model in models:
        folder = folders[model["dataset"]]
        if folder:
            stamps[model["name"]] = oracle(model, model["dataset"], folder)
    command = "python Tests/Oracles/make_oracles.py --cifar10 DIR --shapes DIR"
    text = json.dumps({"command": command, "oracles": list(stamps.values())}, indent=2)
    stamps_file.write_text(text + "\n")


if __name__ == "__main__":
    main()
