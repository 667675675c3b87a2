"""Prints the table of Docs/HostKernels.md: what other constants of the line method would find.

    python3 Tests/Benchmarks/line_kinds.py

Each row compiles `line_kinds.c` with copies of the kernels in which one constant is another.
"""

import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
KERNELS = ROOT / "Sources/Kernels/HostKernels"
UNITS = ("line.c", "int32_t low = -512;\n    int32_t high = 512;",
         "int32_t low = -{0};\n    int32_t high = {0};")
SCALES = ("line.c", "i < 9;", "i < {0};")
PLAIN = ("panel_s8.c", "line->bent ? 9 : 1;", "line->bent ? 9 : {0};")
BENT = ("panel_s8.c", "line->bent ? 9 : 1;", "line->bent ? {0} : 1;")
MENDED = ("panel_s8.c", "mended ? 33 :", "mended ? {0} :")
BEND = ("panel_s8.c", "0.1 * around_zero", "{0} * around_zero")
ROWS = [
    ("as it is: line, bent, mended, integers", None, None),
    ("64 units instead of 512", UNITS, 64),
    ("2048 units", UNITS, 2048),
    ("1 scale instead of 9", SCALES, 1),
    ("17 scales", SCALES, 17),
    ("9 centers for a plain line", PLAIN, 9),
    ("1 center for a bent one", BENT, 1),
    ("33 centers for a bent one", BENT, 33),
    ("9 centers for a mended one", MENDED, 9),
    ("65 centers for a mended one", MENDED, 65),
    ("bends 0.05 codes apart", BEND, 0.05),
    ("bends 0.2 codes apart", BEND, 0.2),
]


def run(constant, value, folder):
    """The figures of one row."""
    sources = {name: (KERNELS / "Integer" / name).read_text()
               for name in ("line.c", "panel_s8.c", "requantize.c")}
    if constant:
        name, old, new = constant
        assert sources[name].count(old) == 1, f"{name}: no single '{old}'"
        sources[name] = sources[name].replace(old, new.format(value))
    for name, text in sources.items():
        (folder / name).write_text(text.replace("../Shared/", ""))
    program = folder / "line_kinds"
    includes = [KERNELS / "Integer", KERNELS / "Shared", KERNELS / "include",
                ROOT / "Sources/Board/CRuntime/include"]
    subprocess.run(
        ["clang", "-O2", *(f"-I{folder}" for folder in includes), *(folder / n for n in sources),
         ROOT / "Tests/Benchmarks/line_kinds.c", "-lm", "-o", program], check=True)
    return subprocess.run([program], check=True, capture_output=True, text=True).stdout.strip()


def main():
    print("| | `double`, `z = -128` | `double` | `single-up` | `single-away` | µs |")
    print("|---|---|---|---|---|---|")
    first = None
    with tempfile.TemporaryDirectory() as folder:
        for title, constant, value in ROWS:
            cells = run(constant, value, pathlib.Path(folder)).split(" | ")
            first = first or cells
            shown = [cell if cells is first or cell != first[i] else "same"
                     for i, cell in enumerate(cells[:4])]
            print(f"| {title} | {' | '.join(shown)} | {cells[4]} |", flush=True)


main()
