"""One size of the table: every code interleaved in one fresh process, and memory in more."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np

from ..atoms.configuration import crystal
from ..errors import WorkerError
from ..kernels.evaluator import Evaluator
from ..measure.outcome import Outcome, attempt
from ..measure.serve import Say
from ..measure.timing import interleave
from ..measure.together import Watch, check_again, prepare_each
from ..measure.worker import Case, Progress, run_cases
from ..models import tabulated
from ..models.atomic import atomic_problem
from ..problem import Array
from . import memory
from .codes import CALCULATORS, LAMMPS_STYLES, Lammps, Sample, calculator, copper

HAND = "numba-inplace"
SLOW = 0.3  # seconds; a call that takes longer is timed once, right after the kernel
TOO_SLOW = 4000  # atoms, above which calculators are left out: they take up to a minute a call
SILENCE = 1200.0  # seconds


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
        failed: codes that gave a wrong answer, crashed or hung.
    """

    n_atoms: int
    fixed: dict[str, float] = field(default_factory=dict[str, float])
    building: dict[str, float] = field(default_factory=dict[str, float])
    memory: dict[str, float] = field(default_factory=dict[str, float])
    differences: dict[str, float] = field(default_factory=dict[str, float])
    reasons: dict[str, str] = field(default_factory=dict[str, str])
    failed: list[str] = field(default_factory=list[str])

    def add(self, name: str, outcome: Outcome) -> None:
        """Take over the times of a code, or the reason why there are none."""
        if not outcome.succeeded:
            self._lacks(name, outcome)
            return
        tables = {"fixed": self.fixed, "building": self.building, "difference": self.differences}
        for key, table in tables.items():
            if outcome.value[key] is not None:
                table[name] = outcome.value[key]

    def add_memory(self, name: str, outcome: Outcome) -> None:
        """Take over the memory that a code needs."""
        if outcome.succeeded:
            self.memory[name] = outcome.value
        elif outcome.failed is not None:
            self._lacks(f"memory of {name}", outcome)

    def _lacks(self, name: str, outcome: Outcome) -> None:
        self.reasons[name] = outcome.missing or outcome.failed or ""
        if outcome.failed is not None:
            self.failed.append(name)


def measure(
    n_atoms: int, names: Sequence[str], seconds: float, progress: Progress | None = None
) -> Column:
    """Time all codes on `n_atoms` atoms of copper, interleaved, for about `seconds`.

    Raises:
        InputError: no crystal has `n_atoms` atoms.
        WorkerError: the kernel that all others are divided by could not be timed.
    """
    potential = tabulated.potential()
    crystal(potential.structure, potential.lattice_constant, n_atoms)  # or InputError
    codes = dict.fromkeys([*LAMMPS_STYLES, *CALCULATORS, HAND, *names])
    cases = [(n_atoms, name) for name in codes]
    question = {"seconds": seconds / len(cases)}
    outcomes = run_cases(
        measure_here, [cases], question, silence=SILENCE + seconds, progress=progress
    )
    if not outcomes[n_atoms, HAND].succeeded:
        lacking = outcomes[n_atoms, HAND]
        raise WorkerError(f"{HAND} could not be timed: {lacking.missing or lacking.failed}")
    column = Column(n_atoms)
    if n_atoms > TOO_SLOW:
        column.reasons["times of ASE, matscipy"] = f"not taken above {TOO_SLOW} atoms"
    for (_, name), outcome in outcomes.items():
        column.add(name, outcome)
        if outcome.succeeded:
            if progress is not None:
                progress(f"measuring the memory of {name}", 1.0)
            column.add_memory(name, memory.measure(n_atoms, name))
    return column


@dataclass
class _Code:
    """The calls of one code.

    Attributes:
        fixed: with the list of neighbours given.
        building: with the list built in the call.
        gradient: what it computes; None for a backend, which is checked instead.
    """

    fixed: Callable[[], Any] | None = None
    building: Callable[[], Any] | None = None
    gradient: Callable[[], Array] | None = None


def measure_here(say: Say, cases: Sequence[Case], seconds: float) -> Iterator[Outcome]:
    """Measure codes at one size in this process, each for about `seconds`."""
    n_atoms = cases[0][0]
    names = list(dict.fromkeys([HAND, *(name for _, name in cases)]))
    with TemporaryDirectory() as folder:
        watch = Watch()
        sample = copper(n_atoms, Path(folder))
        problem = atomic_problem(sample.potential, sample.atoms, model=tabulated.MODEL)
        others = (*LAMMPS_STYLES, *CALCULATORS)
        ready = prepare_each(problem, [name for name in names if name not in others], say)
        codes = {name: _code(sample, name, ready, say) for name in names}
        watch.require_calm()
        fixed = _times(codes, "fixed", seconds * len(codes), say)
        building = _times(codes, "building", seconds * len(codes) / 3.0, say)
        watch.require_calm()
        ready = check_again(ready, say)
        for _, name in cases:
            outcome = ready.get(name, codes[name])
            if outcome.succeeded:
                difference = _difference(sample, codes[name].value)
                times = {"fixed": fixed.get(name), "building": building.get(name)}
                outcome = Outcome({**times, "difference": difference})
            yield outcome


def _code(sample: Sample, name: str, ready: dict[str, Outcome], say: Say) -> Outcome:
    """The calls of a code; the value of the outcome is a :class:`_Code`."""
    say(f"preparing {name}", 0.0)
    if name in LAMMPS_STYLES:
        return attempt(_lammps, sample, LAMMPS_STYLES[name])
    if name in CALCULATORS:
        return attempt(_calculator, sample, name)
    if not ready[name].succeeded:
        return ready[name]
    code = _Code(ready[name].value.hot_gradient())
    if name == HAND:
        code.building = _with_list(sample)
    return Outcome(code)


def _lammps(sample: Sample, style: str) -> _Code:
    kept = Lammps(sample, style, "kept")
    return _Code(kept.call, Lammps(sample, style, "rebuilt").call, kept.gradient)


def _calculator(sample: Sample, name: str) -> _Code:
    call = calculator(sample, name)
    return _Code() if len(sample.atoms) > TOO_SLOW else _Code(building=call, gradient=call)


def _with_list(sample: Sample) -> Callable[[], Array]:
    """The gradient from positions alone, in memory that is there, as in a simulation."""
    kernel = Evaluator(sample.potential, sample.atoms)

    def call() -> Array:
        kernel.rebuild(sample.atoms)
        return kernel.gradient(sample.atoms.positions)

    return call


def _difference(sample: Sample, code: _Code) -> float | None:
    if code.gradient is None:
        return None
    expected = Evaluator(sample.potential, sample.atoms).gradient(sample.atoms.positions)
    return float(np.abs(code.gradient() - expected).max())


def _times(codes: dict[str, Outcome], stage: str, seconds: float, say: Say) -> dict[str, float]:
    """Seconds a call: of the kernel by hand at its best, of the others by their ratios to it."""
    calls = {name: getattr(code.value, stage) for name, code in codes.items() if code.succeeded}
    calls = {name: call for name, call in calls.items() if call is not None}
    beside: dict[str, tuple[float, float]] = {}
    for name, call in calls.items():
        say(f"trying {name}", 0.0)
        beside[name] = (_once(calls[HAND]), _once(call))
    fast = {name: call for name, call in calls.items() if beside[name][1] < SLOW or name == HAND}
    # twice in a row: the second finds its own data in the cache, as in a simulation
    times = interleave(
        [_twice(call) for call in fast.values()],
        seconds,
        progress=lambda fraction: say(f"timing with the list {stage}", fraction),
    )
    times /= 2.0
    hand = times[:, list(fast).index(HAND)]
    best = float(hand.min())
    measured = {name: best * float(np.median(times[:, k] / hand)) for k, name in enumerate(fast)}
    for name in calls.keys() - fast.keys():
        by_hand, other = beside[name]
        measured[name] = best * other / by_hand
    return measured


def _twice(call: Any) -> Any:
    def both() -> None:
        call()
        call()

    return both


def _once(call: Any) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start
