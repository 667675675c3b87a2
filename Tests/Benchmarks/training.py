"""Compares `mnquant bench --training` with PyTorch: pairs of processes in turn, medians of ratios.

    python training.py --mnquant .build/release/mnquant --json training.json

Both train the same network on a batch of 128 random images of 32 x 32 that is there already:
forward with the batch's statistics, cross-entropy, backward, SGD with Nesterov momentum 0.9 and
weight decay. PyTorch holds images and weights as channels_last, which is faster. Ratios pair
images per CPU-second in the same round. Memory is how much the steps raise the most that the process
held: PyTorch's own libraries and both sides' images are not in it.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

BATCH = 128
# As mnquant and as `make_torch_mobilenets.py` spell them.
NETWORKS = {
    "mobilenet-v1-small": lambda m: m.V1(m.V1.small, classes=10, stride=1),
    "mobilenet-v2,width=0.35,small-images": lambda m: m.v2(0.35, 10, small=True),
    "mobilenet-v3-small,width=0.5,small-images": lambda m: m.v3("small", 0.5, 10, small=True),
}


def most_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def run_peer(name, threads, seconds):
    """Trains in PyTorch for a while and prints what `mnquant bench --training --json` prints."""
    sys.path.append(str(Path(__file__).parents[1] / "Oracles"))
    import make_torch_mobilenets
    import torch

    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    torch.manual_seed(1)
    net = NETWORKS[name](make_torch_mobilenets).to(memory_format=torch.channels_last).train()
    images = torch.randn(BATCH, 3, 32, 32).to(memory_format=torch.channels_last)
    labels = torch.randint(0, 10, (BATCH,))
    optimizer = torch.optim.SGD(
        net.parameters(), lr=0.01, momentum=0.9, nesterov=True, weight_decay=5e-5
    )
    loss = torch.nn.CrossEntropyLoss()
    before = most_bytes()

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss(net(images), labels).backward()
        optimizer.step()

    for _ in range(2):
        step()
    steps, start, cpu = 0, time.monotonic(), time.process_time()
    while time.monotonic() - start < seconds:
        step()
        steps += 1
    rate = steps * BATCH / (time.process_time() - cpu)
    print(json.dumps({"imagesPerCPUSecond": rate, "bytes": most_bytes() - before}))


def measure(command):
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output)


def compare(name, threads, options):
    """Medians of both sides and of their ratios."""
    how = ["--threads", str(threads), "--seconds", str(options.seconds)]
    ours = [options.mnquant, "bench", name, "--training", "--batch", str(BATCH), "--json", *how]
    theirs = [sys.executable, "-W", "ignore", __file__, "--peer", name, *how]
    pairs = []
    for pair in range(options.pairs):
        print(f"{name}, {threads}: pair {pair + 1} of {options.pairs}", file=sys.stderr)
        pairs.append((measure(ours), measure(theirs)))

    def middle(pick):
        return median(pick(*pair) for pair in pairs)

    return {
        "mnquant": round(middle(lambda a, b: a["imagesPerCPUSecond"])),
        "torch": round(middle(lambda a, b: b["imagesPerCPUSecond"])),
        "ratio": round(
            middle(lambda a, b: a["imagesPerCPUSecond"] / b["imagesPerCPUSecond"]), 2
        ),
        "mnquantMiB": round(middle(lambda a, b: a["bytes"] / 2**20)),
        "torchMiB": round(middle(lambda a, b: b["bytes"] / 2**20)),
        "memory": round(middle(lambda a, b: a["bytes"] / b["bytes"]), 2),
    }


def table(results):
    """Markdown: one row a network and number of threads."""
    lines = [
        "| network | threads | mnquant | PyTorch | ratio | MiB | PyTorch's | ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in results:
        lines.append(
            f"| `{row['network']}` | {row['threads']} | {row['mnquant']:,} | {row['torch']:,} "
            f"| {row['ratio']:.2f} | {row['mnquantMiB']} | {row['torchMiB']} "
            f"| {row['memory']:.2f} |"
        )
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mnquant", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--peer", choices=NETWORKS, help="what a pair's other process runs")
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS), choices=NETWORKS)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=4)
    options = parser.parse_args()
    if options.peer:
        return run_peer(options.peer, options.threads[0], options.seconds)
    results = [
        {"network": name, "threads": threads, **compare(name, threads, options)}
        for name in options.networks
        for threads in options.threads
    ]
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    print(table(results))


main()
