"""Starts the program, and turns how it ends into a result or an exception."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sysconfig
from importlib import metadata
from pathlib import Path
from typing import Any, Optional, Sequence, Union

PathLike = Union[str, "os.PathLike[str]"]


class MNQuantError(Exception):
    """A file is wrong or missing, or an operator is not supported.

    Its text is the program's sentence: what, where, what was expected and found, and what to do.
    """

    #: The program's exit status.
    status: int = 1


class GateNotMet(MNQuantError):
    """A gate was not met, such as `max_drop`."""

    status = 2


class UsageError(MNQuantError):
    """An argument is not as the program takes it."""

    status = 64


@functools.lru_cache(maxsize=None)
def program() -> str:
    """The path of the program `mnquant`: that of the environment variable `MNQUANT`, else that of
    this package's wheel, else that of the path.

    Raises:
        MNQuantError: There is none.
    """
    chosen = os.environ.get("MNQUANT")
    if chosen:
        return chosen
    for candidate in [*_installed(), Path(sysconfig.get_path("scripts")) / "mnquant"]:
        if candidate.is_file():
            return str(candidate)
    found = shutil.which("mnquant")
    if found is None:
        raise MNQuantError("the program mnquant is not there; install the wheel again, or name it in "
                           "the environment variable MNQUANT")
    return found


def _installed() -> list[Path]:
    """Where the wheel's record says that the program is."""
    try:
        files = metadata.files("mnquant") or []
    except metadata.PackageNotFoundError:
        return []
    return [Path(str(f.locate())).resolve() for f in files if f.parts[-2:] == ("bin", "mnquant")]


def version() -> str:
    """The program's version, with the commit where it knows that."""
    return run("--version").strip()


def run(*words: Any, folder: Optional[PathLike] = None) -> str:
    """What the program prints for the arguments `words`.

    Args:
        folder: The working directory; this process's by default.

    Raises:
        MNQuantError: or the one of its kinds that the exit status stands for.
    """
    command = [program(), *map(str, words)]
    ended = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           text=True, check=False)
    if ended.returncode == 0:
        return ended.stdout
    kinds: dict[int, type[MNQuantError]] = {2: GateNotMet, 64: UsageError}
    error = kinds.get(ended.returncode, MNQuantError)(_sentence(ended.stderr, ended.returncode))
    error.status = ended.returncode
    raise error


def run_json(*words: Any, folder: Optional[PathLike] = None) -> Any:
    """The object that the program prints with `--json`."""
    return json.loads(run(*words, "--json", folder=folder))


def _sentence(log: str, status: int) -> str:
    """The error of a log that may also tell progress."""
    lines = log.strip().splitlines()
    errors = [i for i, line in enumerate(lines) if line.startswith("Error: ")]
    if not errors:
        return lines[-1] if lines else f"mnquant ended with status {status}"
    end = next((i for i in range(errors[-1], len(lines)) if lines[i].startswith("Usage: ")),
               len(lines))
    return "\n".join(lines[errors[-1]:end]).replace("Error: ", "", 1).strip()


def options(**values: Any) -> Sequence[str]:
    """Arguments of those that are neither `None` nor `False`: `max_drop=1` is `--max-drop 1`."""
    words: list[str] = []
    for name, value in values.items():
        if value is None or value is False:
            continue
        option = "--" + name.replace("_", "-")
        # With `=`, so that a negative number is no option.
        words.append(option if value is True else f"{option}={value}")
    return words
