"""The backends: a literal, lazy registry of libraries and the ways they get a gradient.

A backend's library is imported when the backend is first prepared, never before. To add one,
write a module of `way(problem) -> Native` functions and a line in the table below; the
conformance test, the benchmarks and the report pick it up by themselves.
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from ..errors import MissingBackendError, NotOfferedError, UnknownBackendError
from ..ops import Ops
from ..problem import Problem
from .protocol import Native, Prepared

__all__ = [
    "Backend",
    "Native",
    "Ops",
    "Prepared",
    "backend_names",
    "describe",
    "is_available",
    "prepare",
]

MANUAL = "manual"
PARALLEL = "manual, all cores"  # all others use one
REVERSE = "reverse mode"
CUSTOM = "custom adjoint"
PRIMITIVE = "one primitive"
FORWARD = "forward mode"
BY_HAND = (MANUAL, PARALLEL)

LISTED = "its graph lists every element, and takes seconds and gigabytes to build"


@dataclass(frozen=True)
class Backend:
    """A library and one way it gets a gradient.

    Attributes:
        library: import name, which is also the name of the pip extra.
        module: below eam.backends.
        way: the function in that module that makes a :class:`Native` from a problem.
        kind: how the gradient is got: one of the constants of this module.
        in_place: whether the timed gradient writes into memory that it reuses.
        max_size: the largest x.size for which this way makes sense; None for no bound.
        growth: why it makes none beyond.
        platforms: where alone the library can be installed; empty for everywhere.
        needs_pairs: whether this way is about pairs of atoms, and makes no sense without.
    """

    library: str
    module: str
    way: str
    kind: str
    in_place: bool = False
    max_size: int | None = None
    growth: str = "its cost grows with the square of the size"
    platforms: str = ""
    needs_pairs: bool = False


_REGISTRY = {
    "numpy": Backend("numpy", "_numpy", "allocating", MANUAL),
    "numpy-inplace": Backend("numpy", "_numpy", "in_place", MANUAL, in_place=True),
    "numba": Backend("numba", "_numba", "allocating", MANUAL),
    "numba-inplace": Backend("numba", "_numba", "in_place", MANUAL, in_place=True),
    "numba-parallel": Backend(
        "numba", "_numba", "parallel", PARALLEL, in_place=True, needs_pairs=True
    ),
    "numba-literal": Backend("numba", "_numba", "literal", MANUAL, in_place=True),
    "autograd": Backend("autograd", "_autograd", "reverse", REVERSE),
    "autograd-custom": Backend("autograd", "_autograd", "custom", CUSTOM),
    "autograd-primitive": Backend("autograd", "_autograd", "whole", PRIMITIVE),
    "casadi": Backend(
        "casadi",
        "_casadi",
        "interpreted",
        REVERSE,
        in_place=True,
        max_size=10**6,
        growth=LISTED,
    ),
    "casadi-compiled": Backend(
        "casadi",
        "_casadi",
        "compiled",
        REVERSE,
        in_place=True,
        max_size=10**6,
        growth=LISTED,
    ),
    "enzyme": Backend(
        "enzyme_ad",
        "_enzyme",
        "reverse",
        REVERSE,
        in_place=True,
        platforms="CPython 3.11 on x86-64 Linux",
    ),
    "jax": Backend("jax", "_jax", "reverse", REVERSE),
    "jax-custom": Backend("jax", "_jax", "custom", CUSTOM),
    "jax-blocked": Backend("jax", "_jax", "blocked", REVERSE, needs_pairs=True),
    "jax-dense": Backend("jax", "_jax", "dense", REVERSE, needs_pairs=True),
    "jax-donated": Backend("jax", "_jax", "donated", REVERSE, in_place=True),
    "jax-sync": Backend("jax", "_jax", "synchronous", REVERSE),
    "jax-forward": Backend("jax", "_jax", "forward", FORWARD, max_size=300),
    "pytensor": Backend("pytensor", "_pytensor", "reverse", REVERSE),
    "torch": Backend("torch", "_torch", "reverse", REVERSE),
    "torch-custom": Backend("torch", "_torch", "custom", CUSTOM),
    "torch-primitive": Backend("torch", "_torch", "whole", PRIMITIVE),
    "torch-inplace": Backend("torch", "_torch", "in_place", REVERSE, in_place=True),
    "torch-compile": Backend("torch", "_torch", "compiled", REVERSE),
    "torch-aot": Backend("torch", "_torch_aot", "ahead", REVERSE),
    "torch-forward": Backend("torch", "_torch", "forward", FORWARD, max_size=300),
}


def backend_names() -> tuple[str, ...]:
    """Names of all backends, installed or not, in a fixed order."""
    return tuple(_REGISTRY)


def describe(name: str) -> Backend:
    """What backend `name` is; UnknownBackendError lists the valid names."""
    try:
        return _REGISTRY[name]
    except (KeyError, TypeError):
        raise UnknownBackendError(name, _REGISTRY) from None


def is_available(name: str) -> bool:
    """Whether the library behind backend `name` is installed. Imports nothing."""
    return find_spec(describe(name).library) is not None


def prepare(problem: Problem, name: str) -> Prepared:
    """Make a problem ready in one backend: its library is imported here, and compiles here.

    Raises:
        UnknownBackendError: no such backend.
        MissingBackendError: its library is not installed. A library that is installed but broken
            raises its own error.
        NotOfferedError: this way makes no sense, or does not work, for this problem.
    """
    backend = describe(name)
    if not is_available(name):
        raise MissingBackendError(name, backend.library, backend.library, backend.platforms)
    refuse_if_not_offered(problem.dimension, problem.x0.size, name)
    if backend.needs_pairs and "i" not in problem.data:
        raise NotOfferedError(
            f"backend {name!r} goes through pairs of atoms, and {problem.model!r} has none"
        )
    module = import_module(f".{backend.module}", __name__)
    native: Native = getattr(module, backend.way)(problem)
    return Prepared(problem, name, native)


def refuse_if_not_offered(dimension: int, size: int, name: str) -> None:
    """Raise NotOfferedError if backend `name` is not offered for an x of this size."""
    backend = describe(name)
    if backend.max_size is not None and size > backend.max_size:
        raise NotOfferedError(
            f"backend {name!r} is offered up to x.size = {backend.max_size}: {backend.growth}, "
            f"and this problem (dimension {dimension}) has {size}"
        )
