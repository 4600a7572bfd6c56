"""What every benchmark shares: the parameters, and problems prepared once per process."""

from functools import lru_cache

import eam
from eam.measure.check import check
from eam.measure.environment import settle

DECADES = [1, 3, 10, 100, 1_000, 10_000, 100_000, 1_000_000]
# Never what happens to be installed: a missing library is n/a, so results of machines line up.
BACKENDS = list(eam.backend_names())


@lru_cache(maxsize=1)
def unchecked(model, dimension, backend):
    """The problem made ready: imported, compiled, warmed.

    MissingBackendError and NotOfferedError become n/a with their text; any other error fails.
    """
    settle()
    try:
        return eam.prepare(eam.problem(model, dimension), backend)
    except eam.errors.MissingBackendError as missing:
        raise NotImplementedError(str(missing)) from missing


@lru_cache(maxsize=1)
def prepared(model, dimension, backend):
    """The same, with its answer checked: a wrong one (CheckError) fails and is given no number."""
    return check(unchecked(model, dimension, backend))


class Grid:
    """The parameters of every benchmark."""

    model = "toy"
    param_names = ["dimension", "backend"]
    params = [DECADES, BACKENDS]
    timeout = 180
