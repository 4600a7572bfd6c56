"""The backends: a literal, lazy registry of libraries and of how each gets a gradient.

Installed plug-ins add to it (:mod:`eam.plugins`).

Requirements, each with its reason:

- A library is imported when a backend of it is first prepared, never before: `import eam` takes
  0.1 s, torch alone 1.4 s.
- A missing library is a refusal with the install command; a broken one raises its own error.
- :meth:`Backend.refusal` alone knows which cases are not offered. The suite, the gate and the
  tests ask it, so no process is started to find out.
- To add a backend, write a module of factories, functions ``factory(problem) -> Native``, and a
  line in the table below. The conformance test, the benchmarks and the report pick it up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ..errors import MissingBackendError, MissingRuntimeError, NotOfferedError, UnknownBackendError
from ..model import Model
from ..ops import Ops
from ..own.refusal import why_not
from ..plugins import BACKENDS, plugins
from ..problem import Problem
from ..quantities import FIRST_ORDER, GRADIENT, PARAMETRIC
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

# What a backend offers beyond the gradient. The others of a library are ways to take a gradient.
SECOND_ORDER = (*FIRST_ORDER, "hessian_vector")
EVERY = (*SECOND_ORDER, *PARAMETRIC)

SQUARE = "its cost grows with the square of the size"
LISTED = "its graph lists every element, and takes seconds and gigabytes to build"


@dataclass(frozen=True)
class Backend:
    """A library and one way to get a gradient from it.

    Attributes:
        name: as :func:`eam.backend_names` lists it.
        library: import name, which is also the name of the pip extra.
        module: below eam.backends; without an underscore before it that of a plug-in, in full.
        factory: the function in that module that makes a :class:`Native` from a problem.
        kind: how the gradient is got: one of the constants of this module.
        in_place: whether the timed gradient writes into memory that it reuses.
        max_size: the largest x.size that the backend is offered for; None for no bound.
        growth: the reason for that bound.
        platforms: the only platforms that have the library; empty for all.
        needs_pairs: whether it loops over pairs of atoms, and makes no sense without them.
        has_gather: whether it can index positions by pair, as energies of atoms do.
        vectors_only: whether x has to have one axis where it holds no positions of atoms.
        needs_gradient_into: whether it is the gradient by hand in NumPy that writes into an array.
        kernel: the compiled hand-written gradient that it runs; empty for none.
        needs_energy_loop: whether it differentiates a compiled energy.
        runtime: what the library needs of the system besides itself, and the command that installs
            it. The module of such a backend has ``has_runtime()``, asked once it is imported.
        quantities: what it offers beyond the gradient (:mod:`eam.quantities`).
    """

    name: str
    library: str
    module: str
    factory: str
    kind: str
    in_place: bool = False
    max_size: int | None = None
    growth: str = SQUARE
    platforms: str = ""
    needs_pairs: bool = False
    has_gather: bool = True
    vectors_only: bool = False
    needs_gradient_into: bool = False
    kernel: str = ""
    needs_energy_loop: bool = False
    runtime: str = ""
    quantities: tuple[str, ...] = ()

    def load(self) -> Any:
        """Import the module of the backend, and with it the library."""
        below = self.module.startswith("_")
        return import_module(f".{self.module}" if below else self.module, __name__)

    def refusal(self, model: Model, dimension: int, quantity: str = GRADIENT) -> str | None:
        """Why this backend is not offered for a quantity of a model at a dimension.

        None where it is. The machine may still refuse: a missing library, compiler or second core
        is found out when the backend is prepared.
        """
        size = model.size(dimension)
        if self.max_size is not None and size > self.max_size:
            return (
                f"backend {self.name!r} is offered up to x.size = {self.max_size}: {self.growth}, "
                f"and {model.name!r} at dimension {dimension} has {size}"
            )
        if self.needs_pairs and not model.has_pairs:
            return f"backend {self.name!r} loops over pairs of atoms, and {model.name!r} has none"
        if model.has_pairs and not self.has_gather:
            # without the name of the model: the report has one line for all of them
            return (
                f"backend {self.name!r} cannot index positions by pair, as a model with a "
                "neighbour list needs"
            )
        if self.vectors_only and not model.has_pairs and len(shape := model.shape(dimension)) > 1:
            return (
                f"backend {self.name!r} takes vectors, and the x of {model.name!r} has the shape "
                f"{shape}"
            )
        if lacking := self._lacking(model):
            return f"model {model.name!r} has no {lacking} for backend {self.name!r}"
        return None if quantity == GRADIENT else self._refusal_of(quantity, model)

    def _refusal_of(self, quantity: str, model: Model) -> str | None:
        """Why a quantity beyond the gradient is not offered."""
        if quantity not in model.quantities:
            return (
                f"model {model.name!r} has no {quantity} by hand, which every answer is checked "
                f"against; it has {', '.join([GRADIENT, *model.quantities])}"
            )
        if quantity not in self.quantities:
            return f"backend {self.name!r} has no {quantity}: {self._why_not(quantity)}"
        if self.kernel and quantity not in model.compiled_quantities:
            return f"model {model.name!r} has no compiled {quantity} for backend {self.name!r}"
        return None

    def _why_not(self, quantity: str) -> str:
        if self.kind == PRIMITIVE:
            return "its rule is the gradient by hand, which has no derivative"
        if self.kind == CUSTOM:
            return "its adjoint is written by hand, and has no rule for that"
        whole = [
            name
            for name, other in _REGISTRY.items()
            if other.library == self.library and quantity in other.quantities
        ]
        if not whole:
            return f"nobody has written it for {self.library}"
        return f"it is one more way to take a gradient; ask {' or '.join(whole)}"

    def _lacking(self, model: Model) -> str:
        """The code that this backend needs and the model does not have; empty if there is none."""
        if self.kernel and self.kernel not in model.kernels:
            return f"{self.kernel} kernel"
        if self.needs_energy_loop and not model.has_energy_loop:
            return "compiled energy"
        if self.needs_gradient_into and not model.has_gradient_into:
            return "gradient_into, a gradient by hand that writes into a given array,"
        if self.kind == CUSTOM and not model.has_adjoint_rule:
            return "sum_of, an inner sum with a derivative by hand,"
        return ""


_REGISTRY = {
    backend.name: backend
    for backend in (
        Backend("numpy", "numpy", "_numpy", "allocating", MANUAL, quantities=EVERY),
        Backend(
            "numpy-inplace",
            "numpy",
            "_numpy",
            "in_place",
            MANUAL,
            in_place=True,
            needs_gradient_into=True,
        ),
        Backend("numba", "numba", "_numba", "allocating", MANUAL, kernel="vectorised"),
        Backend(
            "numba-inplace",
            "numba",
            "_numba",
            "in_place",
            MANUAL,
            in_place=True,
            kernel="vectorised",
            quantities=EVERY,
        ),
        Backend(
            "numba-parallel",
            "numba",
            "_numba",
            "parallel",
            PARALLEL,
            in_place=True,
            needs_pairs=True,
            kernel="threaded",
        ),
        Backend(
            "numba-literal", "numba", "_numba", "literal", MANUAL, in_place=True, kernel="literal"
        ),
        Backend("autograd", "autograd", "_autograd", "reverse", REVERSE, quantities=EVERY),
        Backend(
            "autograd-custom", "autograd", "_autograd", "custom", CUSTOM, quantities=SECOND_ORDER
        ),
        Backend("autograd-primitive", "autograd", "_autograd", "whole", PRIMITIVE),
        Backend(
            "casadi",
            "casadi",
            "_casadi",
            "interpreted",
            REVERSE,
            in_place=True,
            max_size=10**6,
            growth=LISTED,
            has_gather=False,
            vectors_only=True,
            quantities=EVERY,
        ),
        Backend(
            "casadi-compiled",
            "casadi",
            "_casadi",
            "compiled",
            REVERSE,
            in_place=True,
            max_size=10**6,
            growth=LISTED,
            has_gather=False,
            vectors_only=True,
            quantities=EVERY,
        ),
        Backend(
            "drjit",
            "drjit",
            "_drjit",
            "reverse",
            REVERSE,
            vectors_only=True,
            runtime="LLVM 19 or newer; on Debian: apt-get install libllvm19",
        ),
        Backend(
            "enzyme",
            "enzyme_ad",
            "_enzyme",
            "reverse",
            REVERSE,
            in_place=True,
            platforms="CPython 3.11 on x86-64 Linux",
            needs_energy_loop=True,
            quantities=("value_and_gradient", "hessian_vector", "parameter_gradient"),
        ),
        Backend("jax", "jax", "_jax", "reverse", REVERSE, quantities=EVERY),
        Backend("jax-custom", "jax", "_jax", "custom", CUSTOM, quantities=FIRST_ORDER),
        Backend(
            "jax-blocked", "jax", "_jax", "blocked", REVERSE, needs_pairs=True, quantities=EVERY
        ),
        Backend("jax-dense", "jax", "_jax", "dense", REVERSE, needs_pairs=True, quantities=EVERY),
        Backend("jax-donated", "jax", "_jax", "donated", REVERSE, in_place=True),
        Backend("jax-sync", "jax", "_jax", "synchronous", REVERSE, quantities=EVERY),
        Backend("jax-forward", "jax", "_jax", "forward", FORWARD, max_size=300),
        Backend(
            "pytensor",
            "pytensor",
            "_pytensor",
            "reverse",
            REVERSE,
            has_gather=False,
            quantities=EVERY,
        ),
        Backend("torch", "torch", "_torch", "reverse", REVERSE, quantities=EVERY),
        Backend("torch-custom", "torch", "_torch", "custom", CUSTOM, quantities=SECOND_ORDER),
        Backend("torch-primitive", "torch", "_torch", "whole", PRIMITIVE),
        Backend("torch-inplace", "torch", "_torch", "in_place", REVERSE, in_place=True),
        Backend("torch-compile", "torch", "_torch", "compiled", REVERSE, quantities=EVERY),
        Backend(
            "torch-aot",
            "torch",
            "_torch_aot",
            "ahead",
            REVERSE,
            has_gather=False,
            vectors_only=True,
        ),
        Backend("torch-forward", "torch", "_torch", "forward", FORWARD, max_size=300),
    )
}


def built_in_names() -> tuple[str, ...]:
    """Names of the backends that eam itself has, installed or not, in a fixed order."""
    return tuple(_REGISTRY)


def backend_names() -> tuple[str, ...]:
    """Names of all backends, installed or not, in a fixed order; those of plug-ins last."""
    return (*_REGISTRY, *_plugins())


def describe(name: str) -> Backend:
    """The record of backend `name`; UnknownBackendError lists the valid names."""
    try:
        return _REGISTRY[name] if name in _REGISTRY else _plugins()[name]
    except (KeyError, TypeError):
        raise UnknownBackendError(name, backend_names()) from None


def _plugins() -> dict[str, Backend]:
    return plugins(BACKENDS, tuple(_REGISTRY), _fault)


def _fault(name: str, loaded: Any) -> str:
    """The fault of a plug-in in words; empty if it has none."""
    if type(loaded).__name__ != Backend.__name__:  # that of a second eam in this process will do
        return f"it is a {type(loaded).__name__}, and has to be an eam.backends.Backend"
    return "" if loaded.name == name else f"its Backend has another name, {loaded.name!r}"


def manual_names(model: Model, dimension: int, quantity: str = GRADIENT) -> list[str]:
    """Names of the backends by hand, on one core, that are offered for a quantity of a model."""
    return [
        name
        for name in backend_names()
        if (backend := describe(name)).kind == MANUAL
        and backend.refusal(model, dimension, quantity) is None
    ]


def is_available(name: str) -> bool:
    """Whether the library behind backend `name` is installed. Imports nothing."""
    return find_spec(describe(name).library) is not None


def prepare(problem: Problem, name: str) -> Prepared:
    """Make a problem ready in one backend: its library is imported here, and compiles here.

    Raises:
        UnknownBackendError: no such backend.
        NotOfferedError: the backend is not offered for this problem, or not on this machine.
        MissingBackendError: its library is not installed. A library that is installed but broken
            raises its own error.
        MissingRuntimeError: the library is, but what it needs of the system is not.
    """
    backend = describe(name)
    if reason := backend.refusal(problem.model, problem.dimension):
        raise NotOfferedError(reason)
    if not is_available(name):
        raise MissingBackendError(name, backend.library, backend.library, backend.platforms)
    module = backend.load()
    if backend.runtime and not module.has_runtime():
        raise MissingRuntimeError(name, backend.library, backend.runtime)
    factory: Callable[[Problem], Native] = getattr(module, backend.factory)
    if problem.model.source and backend.kind not in BY_HAND:
        native = _tried(factory, problem, name)
    else:
        native = factory(problem)
    refusal = partial(backend.refusal, problem.model, problem.dimension)
    return Prepared(problem, name, native, refusal)


def _tried(factory: Callable[[Problem], Native], problem: Problem, name: str) -> Native:
    """Make the reader's own energy ready, and run it once: not every library has all of NumPy."""
    try:
        native = factory(problem)
        native.gradient(native.asarray(problem.x0))
    except NotOfferedError:
        raise
    except Exception as error:
        raise NotOfferedError(why_not(problem.model, name, error)) from error
    return native
