"""The series of the calibration: what the rounds that are counted together have in common."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import UnknownNameError
from ..gate.comparison import LIMITS

SAME_CODE = "0 %"
# Edits of the toy's NumPy gradient in the new version: change -> (file, old text, new text).
INSIDE = {
    "one exp more for each element": (
        "eam/models/toy.py",
        "    return xp.exp(-3.0 * (x + 1.0))\n",
        "    return xp.exp(-3.0 * (x + 1.0)) + 0.0 * xp.exp(x)\n",
    ),
    "an extra copy": (
        "eam/models/toy.py",
        "    rho = np.sum(density(np, x))\n    return embedding_derivative(rho) * density",
        "    x = x.copy()\n"
        "    rho = np.sum(density(np, x))\n    return embedding_derivative(rho) * density",
    ),
    "an added allocation": (
        "eam/models/toy.py",
        "    rho = np.sum(density(np, x))\n    return embedding_derivative(rho) * density",
        "    np.empty_like(x)[0] = 0.0\n"
        "    rho = np.sum(density(np, x))\n    return embedding_derivative(rho) * density",
    ),
}


@dataclass(frozen=True)
class Series:
    """The comparisons of a round.

    Attributes:
        key: how the command line calls it.
        model, backends, dimensions: every backend is compared at every dimension.
        changes: of the new version, one a round, in this order: a percentage, or a key of INSIDE.
            Identical code comes most often: it must never alarm, and a small rate needs many
            trials.
        limits: of the gate, at x.size up to 10^4 and above.
        is_loaded: whether the machine is kept busy meanwhile (:mod:`eam.calibration.load`).
    """

    key: str
    model: str
    backends: tuple[str, ...]
    dimensions: tuple[int, ...]
    changes: tuple[str, ...]
    limits: tuple[float, float] = LIMITS
    is_loaded: bool = False

    @property
    def name(self) -> str:
        """The heading of its table."""
        load = ", on a busy machine" if self.is_loaded else ""
        if self.key == "asv":
            return f"asv continuous{load}"
        small, large = self.limits
        return f"{self.key}, limits {small:g} and {large:g}{load}"

    @property
    def cases(self) -> list[tuple[str, int]]:
        """(backend, dimension) of each comparison."""
        return [(backend, dimension) for backend in self.backends for dimension in self.dimensions]


# A sample of the ways to call a gradient: an array operation, compiled code, and two dispatchers.
# It is small, because a night must hold enough trials of each. It does not follow the registry,
# because stored rounds would then no longer belong together.
_BACKENDS = ("numpy", "numba", "jax", "torch")
_DIMENSIONS = (100, 10_000, 1_000_000)
_ALL = (
    Series("toy", "toy", _BACKENDS, _DIMENSIONS, ("0 %", "5 %", "0 %", "10 %", "0 %", "20 %")),
    Series("small", "toy", _BACKENDS, _DIMENSIONS, ("0 %", "1 %", "0 %", "2 %", "0 %", "5 %")),
    Series(
        "atoms",
        "tabulated",
        ("numpy", "numba", "numba-parallel", "jax", "torch"),
        (4000,),
        ("0 %", "5 %", "0 %", "10 %"),
    ),
    Series("inside", "toy", ("numpy",), _DIMENSIONS, tuple(INSIDE)),
    Series("asv", "toy", _BACKENDS, _DIMENSIONS, ("0 %", "5 %", "10 %", "20 %")),
)
SERIES = {series.key: series for series in _ALL}


def series(key: str) -> Series:
    """A series by its key; UnknownNameError lists the valid ones."""
    if key not in SERIES:
        raise UnknownNameError("series", key, SERIES)
    return SERIES[key]


def percentages(changes: Sequence[str]) -> list[float]:
    """The fractions of extra work among changes, such as 0.05 for 5 %, without 0."""
    steps = dict.fromkeys(change for change in changes if change not in INSIDE)
    return [float(step.rstrip(" %")) / 100 for step in steps if step != SAME_CODE]
