"""The cost of a gradient in a simulation, in the units of those who run one.

A step of molecular dynamics takes a gradient, and every so many steps a new list of neighbours;
moving the atoms takes next to nothing beside that.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .ratios import Estimate, Ratio
from .results import REFERENCE, TIME, ModelResults, Run

LISTS = "atoms.Neighbours.time_build"  # (dimension, builder), of the copper of LISTED
LISTED = "tabulated"
EVERY = (1, 10, None)  # steps; None: one list for ever
TIMESTEP = 2.0  # femtoseconds
SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class StepTime:
    """A step with a new list of neighbours each `rebuilt_every` steps, or with none.

    Attributes:
        seconds: of a step.
        over_numpy, over_best: of the same step with the gradient by hand.
    """

    backend: str
    rebuilt_every: int | None
    seconds: float
    over_numpy: float | None
    over_best: float | None

    @property
    def nanoseconds_per_day(self) -> float:
        """Simulated time in a day, at TIMESTEP."""
        return SECONDS_PER_DAY / self.seconds * TIMESTEP * 1e-6


@dataclass(frozen=True)
class Simulation:
    """The steps at one number of atoms, and the builder of lists that was the fastest there."""

    dimension: int
    builder: str | None
    list_seconds: float | None
    seconds_per_atom: dict[str, float]
    steps: tuple[StepTime, ...]


def simulations(run: Run, model: str) -> list[Simulation]:
    """The simulations of a model of atoms, one for each number of atoms that was timed."""
    results = run.model(model)
    if results.unit != "atoms":
        return []
    return [_simulation(results, n, _lists(run, model, n)) for n in results.dimensions(TIME)]


def _lists(run: Run, model: str, dimension: int) -> dict[str, Estimate]:
    """builder -> time of a list of neighbours, the fastest first; empty where it was not timed."""
    found = {
        builder: estimate
        for (benchmark, *parameters), estimate in run.others.items()
        if benchmark == LISTS and model == LISTED and len(parameters) == 2
        for atoms, builder in [parameters]
        if atoms == str(dimension) and estimate.value > 0.0
    }
    return dict(sorted(found.items(), key=lambda item: item[1].value))


def _simulation(results: ModelResults, dimension: int, lists: dict[str, Estimate]) -> Simulation:
    times = {name: results.get(TIME, dimension, name) for name in results.backends(TIME)}
    seconds = {name: t.value for name, t in times.items() if t is not None and t.value > 0.0}
    builder, built = next(iter(lists.items()), (None, None))
    list_seconds = None if built is None else built.value
    shares = {every: 0.0 if every is None else _share(list_seconds, every) for every in EVERY}
    return Simulation(
        dimension,
        builder,
        list_seconds,
        {name: value / dimension for name, value in seconds.items()},
        tuple(
            _step(results, dimension, name, every, seconds, share)
            for name in seconds
            for every, share in shares.items()
            if share is not None
        ),
    )


def _share(list_seconds: float | None, every: int) -> float | None:
    """A step's share of the time of a list."""
    return None if list_seconds is None else list_seconds / every


def _step(
    results: ModelResults,
    dimension: int,
    backend: str,
    every: int | None,
    seconds: Mapping[str, float],
    share: float,
) -> StepTime:
    best = results.best_manual(dimension)
    return StepTime(
        backend,
        every,
        seconds[backend] + share,
        _over(results.overhead(dimension, backend, "numpy"), seconds.get(REFERENCE), share),
        _over(results.overhead(dimension, backend, "best"), seconds.get(best or ""), share),
    )


def _over(overhead: Ratio | None, by_hand: float | None, share: float) -> float | None:
    """A step's time over that with the gradient by hand: the overhead, beside the same list."""
    if overhead is None or by_hand is None:
        return None
    return (overhead.value * by_hand + share) / (by_hand + share)
