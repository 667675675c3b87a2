"""Turns over single bits of what a network keeps in flash, and counts how many firmware finds.

    mnquant emit-c --target cortex-m4 --out firmware ... && make -C firmware run
    python3 Tests/Benchmarks/flip_bits.py firmware --count 1000

Each bit is drawn from all objects between _model_tables_start and _model_tables_end in
build/firmware.elf, not from the bytes that align one object behind another: nothing reads those.
The image with that one bit changed runs under the emulator that the Makefile names. A flip is
found where the run ends with another status than 0.
"""

import argparse
import collections
import pathlib
import random
import re
import subprocess
import tempfile


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def tables(image, tools):
    """The objects in the tables: the name of each, and the bytes of the file that hold it."""
    symbols = [line.split() for line in output(tools + "nm", "-nS", image).splitlines()]
    ends = {line[-1]: int(line[0], 16) for line in symbols if line[-1].startswith("_model_tables_")}
    section = re.search(r" \.rodata +PROGBITS +([0-9a-f]+) ([0-9a-f]+)",
                        output(tools + "readelf", "-SW", image))
    address, offset = (int(part, 16) for part in section.groups())
    objects = {}
    for start, size, _, name in (line for line in symbols if len(line) == 4):
        if ends["_model_tables_start"] <= int(start, 16) < ends["_model_tables_end"]:
            first = int(start, 16) - address + offset
            objects[name] = range(first, first + int(size, 16))
    return objects


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    makefile = (options.folder / "Makefile").read_text()
    tools = re.search(r"^CROSS \?= (\S+)$", makefile, re.M).group(1)
    emulator = re.search(r"^run: .*\n\t@(.*) \$< </dev/null$", makefile, re.M).group(1).split()
    image = options.folder / "build/firmware.elf"
    objects, content = tables(str(image), tools), image.read_bytes()
    places = [(name, byte) for name, place in objects.items() for byte in place]
    draw = random.Random(options.seed)
    found = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        flipped = pathlib.Path(folder) / "flipped.elf"
        for _ in range(options.count):
            (name, byte), bit = draw.choice(places), draw.randrange(8)
            changed = bytearray(content)
            changed[byte] ^= 1 << bit
            flipped.write_bytes(changed)
            run = subprocess.run(["timeout", "-s", "KILL", "60", *emulator, str(flipped)],
                                 stdin=subprocess.DEVNULL, capture_output=True, text=True)
            word = run.stdout.splitlines()[0] if run.stdout else "nothing printed"
            where = f"{name}, byte {byte - objects[name].start}, bit {bit}"
            found[word if run.returncode else f"NOT FOUND: {where}"] += 1
    missed = sum(count for word, count in found.items() if word.startswith("NOT FOUND"))
    for word, count in found.most_common():
        print(f"{count:6} {word}")
    print(f"{options.count - missed} of {options.count} flips in {len(places)} bytes found")


if __name__ == "__main__":
    main()
