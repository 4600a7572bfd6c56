"""A model: a family of functions, and what the rest of the project needs to know of it."""

from collections.abc import Callable
from dataclasses import dataclass, field


def one_per_dimension(dimension: int) -> int:
    """The size of x where the dimension is N of f: R^N -> R."""
    return dimension


def three_per_atom(dimension: int) -> int:
    """The size of x where the dimension counts atoms."""
    return 3 * dimension


@dataclass(frozen=True)
class Dimensions:
    """The dimensions at which a model is tested and measured.

    Attributes:
        tests: a few that are quick to try.
        reference: the one at which backends are compared and verdicts are given.
        gradients: those at which gradients are timed.
        values: those at which values are timed.
        overheads: those at which overheads are measured from interleaved blocks.
        allocations: those at which allocations are counted.
        peaks: those at which the peak memory of a process is measured.
    """

    tests: tuple[int, ...] = (1,)
    reference: int = 1
    gradients: tuple[int, ...] = ()
    values: tuple[int, ...] = ()
    overheads: tuple[int, ...] = ()
    allocations: tuple[int, ...] = ()
    peaks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Model:
    """A family of functions with parameters; a :class:`eam.problem.Problem` is one of them.

    Attributes:
        name: as :func:`eam.model_names` lists it.
        summary: a phrase that says what the model is.
        unit: what the dimension counts: "N" for f: R^N -> R, or "atoms".
        size: the number of elements of x at a dimension.
        has_pairs: whether the energy sums over pairs of atoms, so that a backend has to gather
            positions by index and to take constant arrays.
        kernels: the names of the compiled hand-written gradients.
        has_energy_loop: whether there is a compiled energy for Enzyme to differentiate.
        dimensions: where the model is tested and measured.
    """

    name: str
    summary: str = ""
    unit: str = "atoms"
    size: Callable[[int], int] = three_per_atom
    has_pairs: bool = False
    kernels: tuple[str, ...] = ()
    has_energy_loop: bool = False
    dimensions: Dimensions = field(default_factory=Dimensions)
