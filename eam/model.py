"""A model: a family of functions, and what the rest of the project needs to know of it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field


def one_per_dimension(dimension: int) -> tuple[int, ...]:
    """The shape of x where the dimension is N of f: R^N -> R."""
    return (dimension,)


def three_per_atom(dimension: int) -> tuple[int, ...]:
    """The shape of x where the dimension counts atoms."""
    return (dimension, 3)


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
        quantities: those at which quantities beyond the gradient are measured; where there are
            none, the model's are tested and not tracked.
    """

    tests: tuple[int, ...] = (1,)
    reference: int = 1
    gradients: tuple[int, ...] = ()
    values: tuple[int, ...] = ()
    overheads: tuple[int, ...] = ()
    allocations: tuple[int, ...] = ()
    peaks: tuple[int, ...] = ()
    quantities: tuple[int, ...] = ()


@dataclass(frozen=True)
class Model:
    """A family of functions with parameters; a :class:`eam.problem.Problem` is one of them.

    Attributes:
        name: as :func:`eam.model_names` lists it.
        summary: a phrase that says what the model is.
        unit: what the dimension counts: "N" for f: R^N -> R, or a plural such as "atoms".
        shape: the shape of x at a dimension.
        has_pairs: whether the energy sums over pairs of atoms, so a backend has to gather
            positions by index and to take constant arrays.
        has_gradient_into: whether the gradient by hand in NumPy can write into a given array.
        has_adjoint_rule: whether the energy offers a hand-written adjoint: of an inner sum, or of
            the gather of atoms.
        kernels: the names of the compiled hand-written gradients.
        quantities: what the model has by hand beyond the gradient (:mod:`eam.quantities`).
        compiled_quantities: those of them that have a compiled loop by hand.
        has_energy_loop: whether there is a compiled energy for Enzyme to differentiate.
        dimensions: where the model is tested and measured.
        source: the file or object that a function of the reader's own comes from, as
            :func:`eam.problem` takes it; empty for a registered model.
    """

    name: str
    summary: str = ""
    unit: str = "atoms"
    shape: Callable[[int], tuple[int, ...]] = three_per_atom
    has_pairs: bool = False
    has_gradient_into: bool = True
    has_adjoint_rule: bool = True
    kernels: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()
    compiled_quantities: tuple[str, ...] = ()
    has_energy_loop: bool = False
    dimensions: Dimensions = field(default_factory=Dimensions)
    source: str = ""

    @property
    def reference(self) -> str:
        """The name or path from which :func:`eam.problem` makes this problem in any process."""
        return self.source or self.name

    def size(self, dimension: int) -> int:
        """The number of elements of x at a dimension."""
        return math.prod(self.shape(dimension))
