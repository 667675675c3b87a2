"""Trains one of the bundled networks on a data set in CIFAR-10's binary layout, exports ONNX.

    python train.py --net mobilenet-v3-small-050 --data DIR --epochs 16 --out MODEL.onnx

SGD with Nesterov momentum, one cycle of the learning rate, random flip and reflected crop,
label smoothing; one thread and one seed, so that a machine repeats itself.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F

from nets import NETS


def load(files):
    """Images [N, 3, 32, 32] uint8 and labels [N] of some batch files."""
    records = np.concatenate([np.fromfile(file, np.uint8).reshape(-1, 3073) for file in files])
    images = records[:, 1:].reshape(-1, 3, 32, 32)
    return torch.from_numpy(images.copy()), torch.from_numpy(records[:, 0].astype(np.int64))


def statistics(images):
    """Mean and standard deviation per channel of pixels scaled to 0...1, to four decimals."""
    pixels = images.numpy().transpose(1, 0, 2, 3).reshape(3, -1) / 255
    return [[round(float(v), 4) for v in s] for s in (pixels.mean(1), pixels.std(1))]


def augmented(images, random):
    """Each image shifted by up to four pixels, edges reflected, and flipped half of the time."""
    padded = F.pad(images.float(), (4, 4, 4, 4), mode="reflect")
    shifted = torch.empty_like(images, dtype=torch.float32)
    for i, (dy, dx, flip) in enumerate(zip(*random.integers(0, [[9], [9], [2]], (3, len(images))))):
        crop = padded[i, :, dy : dy + 32, dx : dx + 32]
        shifted[i] = crop.flip(2) if flip else crop
    return shifted


def top1(net, normalized, images, labels):
    """The share of images whose largest logit is at their label."""
    net.eval()
    with torch.no_grad():
        hits = sum(
            int((net(normalized(x.float())).argmax(1) == y).sum())
            for x, y in zip(images.split(500), labels.split(500))
        )
    return hits / len(images)


def train(net, data, test, normalized, options, random):
    """Trains in place; prints loss and test accuracy after each epoch."""
    images, labels = data
    steps = len(images) // options.batch
    optimizer = torch.optim.SGD(
        net.parameters(), options.rate, momentum=0.9, weight_decay=5e-4, nesterov=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, options.rate, total_steps=options.epochs * steps, pct_start=0.2
    )
    start = time.time()
    for epoch in range(options.epochs):
        net.train()
        total = 0.0
        for chosen in torch.randperm(len(images))[: steps * options.batch].split(options.batch):
            logits = net(normalized(augmented(images[chosen], random)))
            loss = F.cross_entropy(logits, labels[chosen], label_smoothing=0.1)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        accuracy = top1(net, normalized, *test)
        seconds = time.time() - start
        print(f"epoch {epoch + 1} loss {total / steps:.4f} test {accuracy:.4f} {seconds:.0f} s",
              flush=True)  # fmt: skip


def export(net, path, mean, std, names):
    """Writes ONNX: input x [n, 3, 32, 32], output y [n, 10], batch normalization folded."""
    net.eval().to(memory_format=torch.contiguous_format)
    torch.onnx.export(
        net, torch.zeros(1, 3, 32, 32), str(path), opset_version=17, dynamo=False,
        input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "n"}, "y": {0: "n"}},
    )  # fmt: skip
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {
        "preprocessing.mean": ",".join(f"{v:.4f}" for v in mean),
        "preprocessing.std": ",".join(f"{v:.4f}" for v in std),
        "labels": "\n".join(names),
    })  # fmt: skip
    onnx.save(model, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--net", choices=NETS, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=0.4, help="peak learning rate")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    random = np.random.default_rng(options.seed)
    data = load(sorted(options.data.glob("data_batch_*.bin")))
    test = load([options.data / "test_batch.bin"])
    names = (options.data / "batches.meta.txt").read_text().split()
    mean, std = statistics(data[0])
    shape = (1, 3, 1, 1)
    center, spread = torch.tensor(mean).view(shape), torch.tensor(std).view(shape)

    def normalized(x):
        return ((x / 255 - center) / spread).contiguous(memory_format=torch.channels_last)

    net = NETS[options.net]().to(memory_format=torch.channels_last)
    train(net, data, test, normalized, options, random)
    export(net, options.out, mean, std, names)


if __name__ == "__main__":
    main()
