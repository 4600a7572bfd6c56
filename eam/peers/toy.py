"""One dimension of the peers table: C and every backend interleaved in one fresh process."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..measure.outcome import Outcome
from ..measure.overhead import QUANTILE
from ..measure.serve import Say
from ..measure.timing import interleave
from ..measure.together import Watch, check_again, prepare_each
from ..measure.worker import Case, Progress, run_cases
from ..models import problem as make_problem
from .native import PEERS, REFERENCE, load

SILENCE = 900.0  # seconds; at N = 10^7 some graphs take minutes to build


@dataclass
class Column:
    """The times at one dimension.

    Attributes:
        dimension: N.
        seconds: a call, for each peer and backend that could be timed; the 5 % quantile of its
            blocks, which repeats best on a machine with other work.
        ratios: the same over the literal C gradient.
        reasons: why a backend has no number.
        failed: the backends that gave a wrong answer, crashed or hung.
    """

    dimension: int
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    ratios: dict[str, float] = field(default_factory=dict[str, float])
    reasons: dict[str, str] = field(default_factory=dict[str, str])
    failed: list[str] = field(default_factory=list[str])


def measure(
    dimension: int,
    names: Sequence[str],
    built: dict[tuple[str, ...], str],
    seconds: float,
    progress: Progress | None = None,
) -> Column:
    """Time the peers and the backends `names` at N = `dimension` for about `seconds`."""
    cases = [(dimension, name) for name in (*PEERS, *names)]
    question = {"built": list(built.items()), "seconds": seconds / len(cases)}
    column = Column(dimension)
    outcomes = run_cases(
        measure_here, [cases], question, silence=SILENCE + seconds, progress=progress
    )
    for (_, name), outcome in outcomes.items():
        if outcome.succeeded:
            column.seconds[name] = outcome.value["seconds"]
            column.ratios[name] = outcome.value["ratio"]
        else:
            column.reasons[name] = outcome.missing or outcome.failed or ""
            if outcome.failed is not None:
                column.failed.append(name)
    return column


def measure_here(
    say: Say, cases: Sequence[Case], built: list[tuple[list[str], str]], seconds: float
) -> Iterator[Outcome]:
    """Measure cases of one dimension in this process, each call for `seconds`."""
    dimension = cases[0][0]
    problem = make_problem("toy", dimension)
    watch = Watch()
    calls: dict[str, Any] = dict(load({tuple(flags): path for flags, path in built}, problem))
    ready = prepare_each(problem, [name for _, name in cases if name not in calls], say)
    for name, outcome in ready.items():
        if outcome.succeeded:
            calls[name] = outcome.value.hot_gradient()
    watch.require_calm()
    times = interleave(
        list(calls.values()),
        seconds * len(calls),
        progress=lambda fraction: say(f"timing at N = {dimension}", fraction),
    )
    watch.require_calm()
    quick = dict(zip(calls, np.quantile(times, QUANTILE, axis=0).tolist(), strict=True))
    ready = check_again(ready, say)
    for _, name in cases:
        if name in PEERS or ready[name].succeeded:
            ratio = quick[name] / quick[REFERENCE]
            yield Outcome({"seconds": quick[name], "ratio": ratio})
        else:
            yield ready[name]
