"""The system's compilers, for the peers in C, casadi-compiled, torch-compile and torch-aot."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .errors import CompilerError

OPTIMISED = ("-O3", "-march=native", "-ffast-math")

# language -> environment variable, usual names of the compiler, package that has it
_LANGUAGES = {
    "C": ("CC", ["cc", "gcc", "clang"], "gcc"),
    "C++": ("CXX", ["g++", "clang++", "c++"], "g++"),
}


def find_compiler(language: str = "C") -> str:
    """The path of the compiler that CC (for C++: CXX) names, or else of one with a usual name.

    Raises:
        CompilerError: there is no compiler; the message says how to install one.
    """
    variable, usual, package = _LANGUAGES[language]
    named = os.environ.get(variable)
    for name in [named] if named else usual:
        if path := shutil.which(name):
            return path
    missing = f"{variable} names {named!r}, which does not exist"
    raise CompilerError(
        f"{missing if named else f'no {language} compiler was found'}; install one (Debian, "
        f"Ubuntu: apt install {package}; Fedora: dnf install {package}; macOS: "
        f"xcode-select --install), or set {variable} to one"
    )


def shared_library(source: Path, flags: Sequence[str]) -> Path:
    """Compile a C file to a shared library beside it, and return the path of the library.

    Compiling and linking are two commands: with -ffast-math in the linking command, gcc before 13
    adds start-up code that turns subnormal numbers off for the whole process.

    Raises:
        CompilerError: there is no compiler, or it fails; the message has its first error.
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
