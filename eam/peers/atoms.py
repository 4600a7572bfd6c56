"""One size of the table: every code interleaved in one fresh process, and memory in more."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np

from ..backends import prepare
from ..errors import CheckError, EamError, MissingBackendError, MissingToolError, NotOfferedError
from ..kernels.evaluator import Evaluator
from ..measure.check import check
from ..measure.timing import interleave
from ..measure.worker import ask, serve
from ..models import tabulated
from ..models.atomic import atomic_problem
from ..problem import Array
from . import memory
from .codes import CALCULATORS, LAMMPS_STYLES, Lammps, calculator, copper

HAND = "numba-inplace"
SLOW = 0.3  # seconds; a call that takes longer is timed once, beside the kernel, not in turn
TOO_SLOW = 4000  # atoms, above which calculators are left out: they take up to a minute a call


@dataclass
class Column:
    """The times at one size, in seconds a call.

    Attributes:
        n_atoms: in the crystal.
        fixed: with the list of neighbours given.
        building: with the list built in the call.
        memory: bytes per atom, at the peak, above what the code holds without atoms.
        differences: largest difference from the hand-written kernel's gradient, eV/angstrom.
        reasons: why a row has no number.
        failed: backends whose answer is wrong.
    """

    n_atoms: int
    fixed: dict[str, float]
    building: dict[str, float]
    memory: dict[str, float]
    differences: dict[str, float]
    reasons: dict[str, str]
    failed: list[str]


def measure(n_atoms: int, names: list[str], seconds: float) -> Column:
    """Time all codes on `n_atoms` atoms of copper, for about `seconds` in turn.

    Raises:
        WorkerError: the measuring process crashed.
    """
    question = {"n_atoms": n_atoms, "names": names, "seconds": seconds}
    answer = ask(__name__, question, timeout=1200.0 + 10.0 * seconds)
    column = Column(**answer, memory={})
    for name in dict.fromkeys([*LAMMPS_STYLES, *CALCULATORS, HAND, *names]):
        if name not in column.reasons:
            column.memory[name] = memory.measure(n_atoms, name)
    return column


class _Session:
    def __init__(self, n_atoms: int, folder: Path) -> None:
        self.sample = copper(n_atoms, folder)
        self.potential, self.atoms = self.sample.potential, self.sample.atoms
        self.fixed: dict[str, Any] = {}
        self.building: dict[str, Any] = {}
        self.differences: dict[str, float] = {}
        self.reasons: dict[str, str] = {}
        self.failed: list[str] = []
        self.kernel = kernel = Evaluator(self.potential, self.atoms)
        self.expected = kernel.gradient(self.atoms.positions)

    def add_backends(self, names: list[str]) -> None:
        problem = atomic_problem(self.potential, self.atoms, model=tabulated.MODEL)
        for name in dict.fromkeys([HAND, *names]):
            try:
                self.fixed[name] = check(prepare(problem, name)).hot_gradient()
            except (MissingBackendError, NotOfferedError, CheckError) as reason:
                self.reasons[name] = str(reason)
                if isinstance(reason, CheckError):
                    self.failed.append(name)
        self.building[HAND] = self._with_list

    def add_lammps(self) -> None:
        for name, style in LAMMPS_STYLES.items():
            try:
                kept = Lammps(self.sample, style, "kept")
            except MissingToolError as reason:
                self.reasons[name] = str(reason)
                continue
            self._compare(name, kept.gradient())
            self.fixed[name] = kept.call
            self.building[name] = Lammps(self.sample, style, "rebuilt").call

    def add_calculators(self) -> None:
        if len(self.atoms) > TOO_SLOW:
            self.reasons["times of ASE, matscipy"] = f"not taken above {TOO_SLOW} atoms"
            return
        for name in CALCULATORS:
            try:
                call = calculator(self.sample, name)
            except MissingToolError as reason:
                self.reasons[name] = str(reason)
                continue
            self._compare(name, call())
            self.building[name] = call

    def _with_list(self) -> Array:
        """The gradient from positions alone, in memory that is there, as in a simulation."""
        self.kernel.rebuild(self.atoms)
        return self.kernel.gradient(self.atoms.positions)

    def _compare(self, name: str, gradient: Array) -> None:
        self.differences[name] = float(np.abs(gradient - self.expected).max())


def _times(calls: dict[str, Any], seconds: float) -> dict[str, float]:
    """Seconds a call: of the kernel by hand at its best, of the others by their ratios to it."""
    beside = {name: (_once(calls[HAND]), _once(call)) for name, call in calls.items()}
    fast = {name: call for name, call in calls.items() if beside[name][1] < SLOW or name == HAND}
    # twice in a row: the second finds its own data in the cache, as in a simulation
    times = interleave([_twice(call) for call in fast.values()], seconds) / 2.0
    hand = times[:, list(fast).index(HAND)]
    best = float(hand.min())
    measured = {name: best * float(np.median(times[:, k] / hand)) for k, name in enumerate(fast)}
    for name in calls.keys() - fast.keys():
        by_hand, other = beside[name]
        measured[name] = best * other / by_hand
    return {name: measured[name] for name in calls}


def _twice(call: Any) -> Any:
    def both() -> None:
        call()
        call()

    return both


def _once(call: Any) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start


def _measure(n_atoms: int, names: list[str], seconds: float) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        session = _Session(n_atoms, Path(folder))
        session.add_backends(names)
        session.add_lammps()
        session.add_calculators()
        if HAND not in session.fixed:
            raise EamError(f"{HAND}: {session.reasons[HAND]}")
        return {
            "n_atoms": n_atoms,
            "fixed": _times(session.fixed, seconds),
            "building": _times(session.building, seconds / 3.0),
            "differences": session.differences,
            "reasons": session.reasons,
            "failed": session.failed,
        }


if __name__ == "__main__":
    serve(_measure)
