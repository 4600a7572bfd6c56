"""The system's C compiler, for the two things here that need one: peers and casadi-compiled."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .errors import CompilerError

OPTIMISED = ("-O3", "-march=native", "-ffast-math")


def find_compiler() -> str:
    """The C compiler: the environment variable CC, or cc, gcc, clang, whichever there is.

    Raises:
        CompilerError: there is none; the message says how to install one.
    """
    named = os.environ.get("CC")
    for name in [named] if named else ["cc", "gcc", "clang"]:
        if path := shutil.which(name):
            return path
    raise CompilerError(
        (f"CC names {named!r}, which is not there" if named else "no C compiler was found")
        + "; install one (Debian, Ubuntu: apt install gcc; Fedora: dnf install gcc; macOS: "
        "xcode-select --install), or set CC to one"
    )


def shared_library(source: Path, flags: Sequence[str]) -> Path:
    """Compile a C file to a shared library beside it, and return where that is.

    Compiled and linked apart: given -ffast-math when linking, gcc before 13 adds start-up code that
    turns subnormal numbers off for the whole process.

    Raises:
        CompilerError: there is no compiler, or it fails; the message has its first complaint.
    """
    compiler = find_compiler()
    compiled, library = source.with_suffix(".o"), source.with_suffix(".so")
    _run([compiler, *flags, "-fPIC", "-c", str(source), "-o", str(compiled)])
    _run([compiler, "-shared", str(compiled), "-o", str(library), "-lm"])
    return library


def _run(command: list[str]) -> None:
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CompilerError(f"the C compiler could not be run: {error}") from error
    if result.returncode:
        complaint = next((line for line in result.stderr.splitlines() if "error" in line), "")
        raise CompilerError(
            f"the C compiler failed (status {result.returncode}): {' '.join(command)}: "
            f"{complaint or result.stderr.strip() or 'no message'}"
        )
