#!/usr/bin/env python3
"""Makes what users install: `make dist`.

Compiles the tool against the static Swift runtime, links one stripped program, lays it out with its
resources as `bin` and `share`, and packs that tree as a tarball, a Debian package and a Python wheel
in `.build/dist`, with checksums. The same commit gives the same bytes, whatever the folder.
"""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import archives
import inside
import manual

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / ".build/dist"
SCRATCH = OUT / "build"
TREE = OUT / "tree"
HERE = ROOT / "Sources/Packaging"
#: Of the system, in the program: what `-l` finds as an archive and nowhere else.
ARCHIVES = {"jpeg": "libjpeg.a", "png": "libpng16.a", "z": "libz.a", "stdc++": "libstdc++.a"}
MOST_BYTES = 25_000_000


def run(*command, **options):
    """The output of `command`; ends the program where it fails."""
    words = [str(word) for word in command]
    result = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, **options)
    if result.returncode != 0:
        sys.exit(f"dist: {' '.join(words)[:400]} ended with status {result.returncode}")
    return result.stdout


def commit():
    """Hash and time of the commit; a `+` where files have changed since."""
    name = run("git", "rev-parse", "--short=12", "HEAD").strip()
    changed = run("git", "status", "--porcelain", "--untracked-files=no").strip()
    return name + ("+" if changed else ""), int(run("git", "show", "-s", "--format=%ct", "HEAD"))


def compile_objects():
    """Compiles all modules of the tool; returns their object files and the resource folders.

    Paths of this folder go into no object file. The accessors of resources that SwiftPM generates are
    of no file here, so they stay out: nothing calls them, they name this folder, and they need all of
    Foundation.
    """
    maps = [f"{ROOT}=."]
    flags = [w for m in maps for w in ("-Xswiftc", "-file-prefix-map", "-Xswiftc", m)]
    flags += [w for m in maps for w in ("-Xcc", f"-ffile-prefix-map={m}")]
    # So that the linker leaves out what nothing calls.
    flags += ["-Xcc", "-ffunction-sections", "-Xcc", "-fdata-sections"]
    run("swift", "build", "-c", "release", "--explicit-target-dependency-import-check", "error",
        "--static-swift-stdlib", "--scratch-path", SCRATCH, "--target", "mnquant", *flags)
    release = SCRATCH / "release"
    modules = reachable_modules()
    objects = [o for m, sources in modules.items()
               for o in sorted((release / f"{m}.build").rglob("*.o"))
               # Of files that are gone objects stay; those of other packages never go.
               if (sources is None or o.stem in sources)]
    folders = [f for m in modules if (f := release / f"mnquant_{m}.resources").is_dir()]
    return objects, folders


def reachable_modules():
    """The tool's modules and those of the packages that it depends on, sorted, with the names of
    their source files; `None` for the packages'."""
    package = json.loads(run("swift", "package", "--scratch-path", SCRATCH, "describe",
                             "--type", "json"))
    targets = {t["name"]: t for t in package["targets"]}
    found = dict.fromkeys(["ArgumentParser", "ArgumentParserToolInfo", "SwiftProtobuf"])
    waiting = ["mnquant"]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = {Path(source).name for source in targets[name]["sources"]}
            waiting += targets[name].get("target_dependencies", [])
    return dict(sorted(found.items()))


def link(objects, commit_name):
    """Links and strips the program; returns its path."""
    libraries = OUT / "libraries"
    shutil.rmtree(libraries, ignore_errors=True)
    libraries.mkdir(parents=True)
    for name, file in ARCHIVES.items():
        (libraries / f"lib{name}.a").symlink_to(run("clang", f"-print-file-name={file}").strip())
    extra = OUT / "extra.o"
    run("clang", "-O2", "-Wall", "-Wextra", "-Werror", "-c", f'-DMNQ_COMMIT="{commit_name}"',
        f"-ffile-prefix-map={ROOT}=.", HERE / "linked.c", "-o", extra)
    objects_file = OUT / "objects.txt"
    # First of all archives, so that what Foundation has, too, is not taken from there.
    essentials = Path(shutil.which("swiftc")).resolve().parents[1] / \
        "lib/swift_static/linux/libFoundationEssentials.a"
    objects_file.write_text("\n".join(map(str, [*objects, extra, essentials])) + "\n")
    program = TREE / "bin/mnquant"
    program.parent.mkdir(parents=True, exist_ok=True)
    linker = ["--gc-sections", "--build-id=sha1", "-s", "--defsym", "main=mnquant_main",
              f"--version-script={HERE / 'exports.map'}",
              "-T", HERE / "sections.ld", f"-Map={OUT}/mnquant.map"]
    run("swiftc", "-static-stdlib", "-emit-executable", "-module-name", "mnquant", "-o", program,
        f"@{objects_file}", "-use-ld=lld", f"-L{libraries}", *[f"-l{n}" for n in ARCHIVES], "-lm",
        "-Xclang-linker", "-static-libgcc", *[w for flag in linker for w in ("-Xlinker", flag)])
    if program.stat().st_size > MOST_BYTES:
        sys.exit(f"dist: the program has {program.stat().st_size} bytes, {MOST_BYTES} at most")
    return program


def glibc(program):
    """The oldest GNU C library that has all that `program` asks for, as `(2, 34)`."""
    symbols = run("objdump", "-T", program)
    needed = set(re.findall(r"NEEDED\s+(\S+)", run("objdump", "-p", program)))
    unknown = needed - {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"}
    if unknown:
        sys.exit(f"dist: the program needs {', '.join(sorted(unknown))}, which users may not have")
    versions = re.findall(r"GLIBC_(\d+)\.(\d+)", symbols)
    return max((int(major), int(minor)) for major, minor in versions)


def lay_out(program, folders, facts):
    """Fills `share` beside the program."""
    share = TREE / "share"
    for folder in folders:
        shutil.copytree(folder, share / "mnquant" / folder.name)
    places = {"bash": "bash-completion/completions/mnquant",
              "zsh": "zsh/vendor-completions/_mnquant",
              "fish": "fish/vendor_completions.d/mnquant.fish"}
    for shell, place in places.items():
        write(share / place, run(program, "--generate-completion-script", shell))
    for name, text in manual.pages(run(program, "--experimental-dump-help"), facts).items():
        write(share / "man/man1" / f"{name}.gz", gzip.compress(text.encode(), 9, mtime=0))
    documents = share / "doc/mnquant"
    for name in ("README.md", "Docs/Changes.md"):
        write(documents / Path(name).name, (ROOT / name).read_bytes())
    write(documents / "copyright", inside.notices(facts))
    write(documents / "sbom.spdx.json", inside.bill(facts))


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def main():
    for old in [TREE, *OUT.glob("*mnquant*"), OUT / "SHA256SUMS"]:
        shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
    name, time = commit()
    objects, folders = compile_objects()
    program = link(objects, name)
    version = run(program, "--version").split()[0]
    facts = inside.Facts(ROOT, SCRATCH / "checkouts", program, folders, version, name, time,
                         glibc(program))
    lay_out(program, folders, facts)
    made = [archives.tarball(TREE, OUT, facts), archives.debian(TREE, OUT, facts),
            archives.wheel(TREE, ROOT / "Sources/Python/mnquant", OUT, facts)]
    sums = [f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}\n" for f in sorted(made)]
    (OUT / "SHA256SUMS").write_text("".join(sums))
    print(f"{program.stat().st_size:>10}  bin/mnquant, needs glibc {facts.libc}")
    for file in sorted(made):
        print(f"{file.stat().st_size:>10}  {os.path.relpath(file, ROOT)}")
    print("".join(sums), end="")


if __name__ == "__main__":
    main()
