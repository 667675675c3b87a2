"""Says where the instructions of an inference go: every one that QEMU executes is counted by address.

    mnquant emit-c --quantized MODEL --target cortex-m4 --self-test 1 --out firmware
    python instruction_mix.py firmware

The firmware is built anew with line numbers, which do not change its code. An instruction that the
compiler inlined from a function of the output stage counts as requantization, one from a function
that collects or widens what a kernel multiplies as gathering, whichever function is innermost; all
others go by what they are.
"""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

STAGES = {
    "": r"multiply|matrix_(short|long|pairs)",
    "requantize": r"requantiz|rescale|saturate|mnq_code|high_(product|sum)|rounded_shift|clamp"
    r"|finish|store_block|mnq_lanes|upper",
    "gather": r"expand|load_plane|window_row|gather|copy|fill|memcpy|memset",
}
KINDS = {
    "multiply": r"smla|smul|smmla|smmul|umul|umla|mul|mla|vmla|vmul|vqrdmulh",
    "unpack": r"[su]xt|pkh|rev|vmov|[su]bfx|vdup",
    "load": r"ldr|ldm|pop|vldr|vpop|vldm",
    "store": r"str|stm|push|vstr|vpush|vstm",
    "loop": r"b(l|x|lx)?(eq|ne|lt|le|gt|ge|cs|cc|hi|ls|mi|pl)?(\.[nw])?$|cb|cmp|cmn|tst|i[te]|dls|wls"
    r"|le(tp)?$|lctp|vctp|vpst|tb[bh]",
}
COLUMNS = ["multiply", "load", "unpack", "gather", "requantize", "loop", "store", "other"]


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def counts_by_address(folder):
    """Times that each address was executed, from start-up to end."""
    make = ["make", "--no-print-directory", "-C", folder]
    run(*make, "clean")
    run(*make, "build/firmware.elf", "OPTIMIZE=-O2 -g")
    command = run(*make, "-n", "run").strip().splitlines()[-1].replace("build/", f"{folder}/build/")
    command = command.replace("</dev/null", "").replace("stdio,", "file,path=/dev/stderr,")
    command = command.replace("signal=on", "append=on")
    traced = f"{command} -singlestep -d exec,nochain -D /dev/stdout </dev/null"
    lines = run("sh", "-c", traced + r" | awk -F/ '/^Trace/ { n[$2]++ } END { for (a in n) print a, n[a] }'")
    return {int(a, 16): int(n) for a, n in (line.split() for line in lines.splitlines())}


def instructions(elf, tools):
    """Mnemonic and function of each address."""
    function, found = "", {}
    # Without it, binutils knows no MVE.
    core = ["-m", "armv8.1-m.main"] if tools.startswith("arm") else []
    for line in run(f"{tools}objdump", "-d", "--no-show-raw-insn", *core, elf).splitlines():
        if label := re.match(r"[0-9a-f]+ <(.+)>:", line):
            function = label[1]
        elif code := re.match(r" *([0-9a-f]+):\s+(\S+)", line):
            found[int(code[1], 16)] = (code[2], function)
    return found


def frames(elf, tools, addresses):
    """The functions that each address comes from, innermost first, and the outermost one's file."""
    text = "\n".join(f"{address:#x}" for address in addresses)
    output = run(f"{tools}addr2line", "-a", "-i", "-f", "-e", elf, input=text)
    blocks = re.split(r"^0x", output, flags=re.MULTILINE)[1:]
    lines = [block.strip().split("\n") for block in blocks]
    return {int(b[0], 16): (b[1::2], Path(b[-1].split(":")[0]).stem) for b in lines}


def column(mnemonic, names):
    stages = (s for name in names for s, pattern in STAGES.items() if re.search(pattern, name))
    if stage := next(stages, ""):
        return stage
    return next((k for k, p in KINDS.items() if re.match(p, mnemonic)), "other")


def mix(folder):
    """Counts by kernel and column, of one inference."""
    counts = counts_by_address(folder)
    elf = f"{folder}/build/firmware.elf"
    tools = re.search(r"CROSS \?= (\S+)", Path(folder, "Makefile").read_text())[1]
    code = instructions(elf, tools)
    inlined = frames(elf, tools, [a for a in counts if a in code])
    # The network runs once a self-test, once to count and once for the stack.
    runs = counts[next(a for a in sorted(code) if code[a][1] == "net_run")]
    table = {}
    for address, count in counts.items():
        mnemonic, function = code.get(address, ("", ""))
        names, file = inlined.get(address, ([], ""))
        if file.startswith("mnq_") or file == "net" or re.match("mem|__aeabi_mem", function):
            kernel = file.removeprefix("mnq_") if file.startswith("mnq_") else "the rest"
            names = [*names, function]
            table.setdefault(kernel, Counter())[column(mnemonic, names)] += count / runs
    return table


def show(folder):
    table = mix(folder)
    total = sum(table.values(), Counter())
    everything = sum(total.values())
    print(f"| {folder} | all | " + " | ".join(COLUMNS) + " |")
    print("|---" * (len(COLUMNS) + 2) + "|")
    rows = sorted(table.items(), key=lambda row: -sum(row[1].values()))
    for kernel, row in rows + [("all", total)]:
        cells = [f"{row[c] / everything:.1%}" if row[c] else "" for c in COLUMNS]
        print(f"| {kernel} | {sum(row.values()):,.0f} | " + " | ".join(cells) + " |")


for argument in sys.argv[1:]:
    show(argument)
