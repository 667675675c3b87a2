#!/usr/bin/env python3
"""Documentation of every module by the toolchain alone, in `.build/docc/MODULE.doccarchive`.

Symbol graphs of what `swift build -c release` made, all that other modules see, then `docc convert`. Fails
where a comment links to a symbol that is not there, or has any other fault but a parameter that it does not name.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / ".build/release"
OUT = ROOT / ".build/docc"


def run(*words):
    run = subprocess.run([str(w) for w in words], capture_output=True, text=True)
    if run.returncode:
        sys.exit(run.stdout + run.stderr)
    return (run.stdout + run.stderr).splitlines()


def main():
    toolchain = Path(shutil.which("swiftc")).resolve().parent
    target = run("swiftc", "-print-target-info")
    triple = next(line.split('"')[3] for line in target if '"triple"' in line)
    maps = [f"-fmodule-map-file={path}" for path in sorted(BUILD.glob("*.build/module.modulemap"))]
    folders = [f"-I{path}" for path in sorted(ROOT.glob("Sources/*/*/include"))]
    clang = [word for flag in maps + folders for word in ("-Xcc", flag)]
    modules = [path.stem for path in sorted((BUILD / "Modules").glob("*.swiftmodule"))]
    ours = [name for name in modules if (ROOT / "Sources" / name).is_dir() and name != "mnquant"
            or any(ROOT.glob(f"Sources/*/{name}")) and name != "ONNXSchema"]  # fmt: skip
    if not ours:
        sys.exit("no modules in .build/release: build first")
    shutil.rmtree(OUT, ignore_errors=True)
    faults, unnamed = [], set()
    for name in ours:
        graphs = OUT / "graphs" / name
        graphs.mkdir(parents=True)
        run(toolchain / "swift-symbolgraph-extract", "-module-name", name, "-target", triple, "-I",
            BUILD / "Modules", "-minimum-access-level", "package", "-skip-synthesized-members",
            "-output-dir", graphs, *clang)  # fmt: skip
        lines = run(toolchain / "docc", "convert", "--additional-symbol-graph-dir", graphs,
                    "--fallback-display-name", name, "--fallback-bundle-identifier", f"mnquant.{name}",
                    "--output-path", OUT / f"{name}.doccarchive", "--ide-console-output",
                    "--diagnostic-level", "warning")  # fmt: skip
        for line in lines:
            if "warning:" in line or "error:" in line:
                unnamed.add(line) if "is missing documentation" in line else faults.append(line)
    print(f"{len(ours)} modules, {len(unnamed)} parameters that their comments do not name")
    sys.exit("\n".join(faults) or 0)


main()
