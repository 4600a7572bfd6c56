"""One dimension of the peers table: C and every backend interleaved in one fresh process."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..backends import prepare
from ..errors import CheckError, MissingBackendError, NotOfferedError
from ..measure.check import check
from ..measure.overhead import QUANTILE
from ..measure.timing import interleave
from ..measure.worker import ask, serve
from ..models import problem as make_problem
from .native import REFERENCE, load


@dataclass
class Column:
    """The times at one dimension.

    Attributes:
        dimension: N.
        seconds: a call, for each peer and backend that could be timed; the 5 % quantile of its
            blocks, which repeats best on a machine with other work.
        ratios: the same over the literal C gradient.
        reasons: why a backend has no number.
        failed: the backends whose answer is wrong.
    """

    dimension: int
    seconds: dict[str, float]
    ratios: dict[str, float]
    reasons: dict[str, str]
    failed: list[str]


def measure(
    dimension: int, names: list[str], built: dict[tuple[str, ...], str], seconds: float
) -> Column:
    """Time the peers and the backends `names` at N = `dimension` for about `seconds`.

    Raises:
        WorkerError: the measuring process crashed.
    """
    answer: dict[str, Any] = ask(
        __name__,
        {"dimension": dimension, "names": names, "built": list(built.items()), "seconds": seconds},
        timeout=900.0 + 10.0 * seconds,
    )
    return Column(**answer)


def _measure(
    dimension: int, names: list[str], built: list[tuple[list[str], str]], seconds: float
) -> dict[str, Any]:
    problem = make_problem("toy", dimension)
    reasons: dict[str, str] = {}
    failed: list[str] = []
    calls: dict[str, Any] = dict(load({tuple(flags): path for flags, path in built}, problem))
    for name in names:
        try:
            calls[name] = check(prepare(problem, name)).hot_gradient()
        except (MissingBackendError, NotOfferedError, CheckError) as reason:
            reasons[name] = str(reason)
            if isinstance(reason, CheckError):
                failed.append(name)
    times = interleave(list(calls.values()), seconds)
    quick = dict(zip(calls, np.quantile(times, QUANTILE, axis=0).tolist(), strict=True))
    ratios = {name: time / quick[REFERENCE] for name, time in quick.items()}
    return {
        "dimension": dimension, "seconds": quick, "ratios": ratios,
        "reasons": reasons, "failed": failed,
    }  # fmt: skip


if __name__ == "__main__":
    serve(_measure)
