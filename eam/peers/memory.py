"""Memory of each code: one size of one code in a fresh process.

The code runs on a small crystal first, so its libraries are loaded and its kernels compiled;
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
from ..measure.outcome import Outcome
from ..measure.serve import Say
from ..measure.worker import run
from ..models.atomic import atomic_problem
from .codes import CALCULATORS, LAMMPS_STYLES, Lammps, Sample, calculator, copper

SMALL = 108  # atoms
_CLEAR_PEAK = "5"  # what proc(5) says to write into clear_refs
_THP_DISABLE = 41  # prctl(2)


def measure(n_atoms: int, name: str) -> Outcome:
    """Bytes per atom that a code needs at `n_atoms`; missing where the system does not tell."""
    if sys.platform != "linux":
        return Outcome(missing="the peak memory of a process is read as Linux gives it")
    # no large pages: they would round every array up
    question = {"n_atoms": n_atoms, "name": name}
    return run(measure_here, question, silence=1200.0, variables={"GLIBC_TUNABLES": ""})


def measure_here(say: Say, n_atoms: int, name: str) -> float:
    """Measure in this process, which must not have computed anything yet."""
    say(f"measuring the memory of {name}", 0.0)
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
