"""Memory of each code: one size of one code in a fresh process.

The code runs on a small crystal first, so that its libraries are loaded and its kernels compiled;
what the process holds then is the state before. It is then given the large crystal and computes
once, which compiles again where a library does so for each size; then, with all freed memory given
back to the system, it computes again. What the process held at most during that, above the state
before, is what the atoms cost: lists, tables of pairs and all intermediate results.
"""

import ctypes
import gc
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from ..backends import prepare
from ..measure.worker import ask, serve
from ..models.atomic import atomic_problem
from .codes import CALCULATORS, LAMMPS_STYLES, Lammps, Sample, calculator, copper

SMALL = 108  # atoms
_CLEAR_PEAK = "5"  # what proc(5) says to write into clear_refs
_THP_DISABLE = 41  # prctl(2)


def measure(n_atoms: int, name: str) -> float:
    """Bytes per atom that a code needs at `n_atoms`; NaN where the system does not tell.

    Raises:
        WorkerError: the process crashed.
    """
    if sys.platform != "linux":
        return float("nan")
    # no large pages: they would round every array up
    return ask(__name__, {"n_atoms": n_atoms, "name": name}, 1200.0, GLIBC_TUNABLES="")


def _measure(n_atoms: int, name: str) -> float:
    ctypes.CDLL(None).prctl(_THP_DISABLE, 1, 0, 0, 0)
    with TemporaryDirectory() as folder:
        small = copper(SMALL, Path(folder))
        _call(small, name)()
        before = _trimmed()
        call = _call(small.resized(n_atoms), name)
        if name not in CALCULATORS:  # which compile nothing, and take a minute
            call()
        _trimmed()
        Path("/proc/self/clear_refs").write_text(_CLEAR_PEAK)
        call()
        return (_status("VmHWM") - before) / n_atoms


def _call(sample: Sample, name: str) -> Callable[[], object]:
    """Energy and forces with the list of neighbours kept, if the code can."""
    if name in LAMMPS_STYLES:
        return Lammps(sample, LAMMPS_STYLES[name], "kept").call
    if name in CALCULATORS:
        return calculator(sample, name)
    return prepare(atomic_problem(sample.potential, sample.atoms), name).hot_gradient()


def _trimmed() -> int:
    """Resident bytes, once what was freed is given back."""
    gc.collect()
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):  # glibc
        libc.malloc_trim(0)
    return _status("VmRSS")


def _status(name: str) -> int:
    """A size of this process, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (value,) = [line.split()[1] for line in lines if line.startswith(f"{name}:")]
    return int(value) * 1024


if __name__ == "__main__":
    serve(_measure)
