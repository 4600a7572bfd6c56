"""The two sides of a backend: `Native` is what its factory returns, `Prepared` what a caller gets.

A backend module defines factories, functions ``factory(problem) -> Native``. A factory decides
everything that makes a measurement of its library fair: dtype (float64), jit, where arrays live,
and how a call waits for its result. The functions of :class:`Native` are timed, so they check
nothing and convert nothing. :class:`Prepared` wraps them for people: its methods check their
arguments, and take and return NumPy arrays.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np

from ..errors import InputError, NotOfferedError
from ..problem import Array, Call, Problem
from ..quantities import GRADIENT, results_of
from ..quantities import quantity as quantity_of

_FLOAT64 = np.dtype(np.float64)


@dataclass(frozen=True, eq=False)
class Native:
    """A problem in one library, ready to be timed, on the library's arrays.

    A call is compiled, has been made once before, and returns when its result is complete.

    Attributes:
        value: ``value(x)`` returns a scalar of the library.
        gradient: ``gradient(x)`` returns an array of the library; if `reuses_output`, it may be a
            buffer that the next call overwrites.
        gradient_into: ``gradient_into(out, x)`` for libraries that write into a caller's array.
        asarray: makes the library's array from a NumPy array.
        borrow: makes what one call takes from a NumPy array that nobody changes until the call
            returns; by default `asarray`, which may have to copy.
        bind: ``bind(out, x) -> call``, a call without arguments that writes the gradient at `x`
            into `out`, for libraries that are faster on memory they know beforehand. A backend
            that has it also has `gradient_into`.
        calls: the other quantities, by name (:mod:`eam.quantities`), on arrays of the library; a
            scalar argument is an array without axes. A result may be memory that the next call of
            the same bound call overwrites if the backend is in place.
        reuses_output: whether `gradient` returns the same memory every time.
    """

    value: Callable[[Any], Any]
    gradient: Callable[[Any], Any]
    gradient_into: Callable[[Any, Any], Any] | None = None
    asarray: Callable[[Array], Any] = np.asarray
    borrow: Callable[[Array], Any] | None = None
    bind: Callable[[Array, Any], Callable[[], Any]] | None = None
    calls: Mapping[str, Call] = field(default_factory=dict[str, Call])
    reuses_output: bool = False


class Prepared:
    """A problem made ready in one backend, as :func:`eam.prepare` returns it.

    The methods take and return NumPy arrays, check x on every call, and never alias their input.
    Where a position of an atom is NaN or infinite, energy and gradient are NaN. A loop that takes
    many gradients calls :meth:`bind` once, and then what it returns: that call checks and converts
    nothing, and is the one that is timed.
    """

    def __init__(
        self,
        problem: Problem,
        backend: str,
        native: Native,
        refusal: Callable[[str], str | None] = lambda quantity: None,
    ) -> None:
        self._refusal = refusal
        self.problem = problem
        self.backend = backend
        self.native = native
        self._shape = problem.x0.shape
        self._borrow = native.borrow or native.asarray
        # the arrays of the last gradient_into, and the call that is bound to them
        self._bound: tuple[Any, Any, Callable[[], Any]] | None = None

    @property
    def in_place(self) -> bool:
        """Whether the timed gradient writes into memory that it reuses."""
        return self.native.gradient_into is not None or self.native.reuses_output

    def asarray(self, x: Any) -> Any:
        """The values of x in an array of the library, as :meth:`bind` takes it."""
        return self.native.asarray(self._input(x))

    def bind(self, x: Any, out: Array | None = None) -> Callable[[], Any]:
        """A call without arguments that takes the gradient at the values that x holds by then.

        This is the fastest call, the one that is timed: it checks nothing and converts nothing. It
        keeps both arrays alive.

        Args:
            x: a float64, C-contiguous and writeable NumPy array of the shape of `problem.x0`; or
                the library's own array, as :meth:`asarray` makes it. Libraries that do not work on
                NumPy's memory convert a NumPy array in each call.
            out: what the call writes the gradient into, an array as x that does not overlap it.
                Libraries that return arrays of their own have to copy, so they are faster without.

        Returns:
            The call. Without `out` it returns the gradient in an array of the library, which the
            next call may overwrite if the backend is `in_place`.

        Raises:
            InputError: an array that cannot be used; the message says why.
        """
        if isinstance(x, np.ndarray):
            self._check_bound(x)
        else:
            self._check_native(x)
        if out is not None:
            self._check_output(out, x if isinstance(x, np.ndarray) else np.empty(self._shape))
            if not out.flags.c_contiguous:
                raise InputError("out must be C-contiguous to be bound")
        if self.native.gradient_into is not None:
            written: Any = np.empty_like(x) if out is None else out
            call = self._writing(written, x)
            return call if out is not None else lambda: (call(), written)[1]
        return (
            self._returning(x) if out is None else partial(self._copying, self._returning(x), out)
        )

    def value(self, x: Any) -> float:
        """f(x); InputError for an x that is not as :meth:`gradient` takes it."""
        x = self._input(x)
        if self._is_nowhere(x):
            return math.nan
        return float(self.native.value(self._borrow(x)))

    def gradient(self, x: Any) -> Array:
        """The gradient at x, in a new float64 array of the shape of x.

        Raises:
            InputError: x is not real, is masked, or not of the shape of `problem.x0`; or an atom is
                farther from x0 than the neighbour list allows (`problem.valid_within`).
        """
        x = self._input(x)
        if self._is_nowhere(x):
            return np.full_like(x, np.nan)
        if self.native.gradient_into is not None:
            out = np.empty_like(x)
            self.native.gradient_into(out, x)
            return out
        result = np.asarray(self.native.gradient(self._borrow(x)))
        return result.copy() if self._may_be_shared(result) else result

    def gradient_into(self, out: Array, x: Any) -> None:
        """Write the gradient at x into `out`; quickest if both are the arrays of the last call.

        That call does not look at the numbers in x again: neither for NaN nor for atoms that left
        their places.

        Raises:
            InputError: an x as :meth:`gradient` refuses it; `out` is not a writeable float64 array
                of the shape of x, or overlaps x.
        """
        bound = self._bound
        if bound is not None and bound[0] is x and bound[1] is out and out.flags.writeable:
            bound[2]()
            return
        given, x = x, self._input(x)
        self._check_output(out, x)
        if self._is_nowhere(x):
            out[...] = np.nan
        elif self.native.gradient_into is not None and out.flags.c_contiguous:
            call = self._writing(out, x)
            call()
            if given is x:
                self._bound = x, out, call
        else:
            out[...] = self.native.gradient(self._borrow(x))

    def value_and_gradient(self, x: Any) -> tuple[float, Array]:
        """f(x) and the gradient at x, of one call; the gradient is a new array.

        Raises:
            NotOfferedError: this backend, or this model, has no such quantity; so for all below.
            InputError: an x as :meth:`gradient` refuses it; so for all below.
        """
        value, gradient = self._take("value_and_gradient", self._input(x))
        return float(value), gradient

    def virial(self, x: Any) -> tuple[Array, Array]:
        """The gradient at x, and the virial: dE/d(strain) of cell and positions, (3, 3), eV.

        The virial divided by the volume of the cell is the stress.
        """
        gradient, virial = self._take("virial", self._input(x))
        return gradient, virial

    def hessian_vector(self, x: Any, v: Any) -> Array:
        """The Hessian at x times v, in a new array; both have the shape of `problem.x0`."""
        return self._take("hessian_vector", self._input(x), self._array("v", v))

    def parameter_gradient(self, theta: Any, x: Any) -> Array:
        """dE/dtheta at x, (n_parameters,).

        Args:
            theta: `problem.parameters.theta`, other numbers in that order, or a mapping from names
                to numbers; InputError for a wrong name, number or sign.
            x: of the shape of `problem.x0`.
        """
        theta = self._parameters("parameter_gradient", theta)
        return self._take("parameter_gradient", theta, self._input(x))

    def force_matching(
        self, theta: Any, x: Any, forces: Any, energy: float, weight: float
    ) -> tuple[float, Array]:
        """The loss of a fit, ``sum |F - forces|^2 + weight (E - energy)^2``, and its gradient.

        Args:
            theta: as :meth:`parameter_gradient` takes it.
            x: positions, of the shape of `problem.x0`.
            forces: what the forces F, minus the gradient, should be; of that shape.
            energy: what the energy E should be.
            weight: of the energy.
        """
        theta = self._parameters("force_matching", theta)
        targets = np.array(energy, np.float64), np.array(weight, np.float64)
        arrays = self._input(x), self._array("forces", forces)
        loss, gradient = self._take("force_matching", theta, *arrays, *targets)
        return float(loss), gradient

    def _parameters(self, quantity: str, theta: Any) -> Array:
        self.require(quantity)
        assert self.problem.parameters is not None
        return self.problem.parameters.checked(theta)

    def _take(self, quantity: str, *inputs: Array) -> Any:
        """The results of a quantity in new NumPy arrays."""
        nowhere = any(self._is_nowhere(given) for given in inputs)
        spoil = math.nan if nowhere else 0.0
        found = results_of(self.hot(quantity, inputs)())
        made = [np.asarray(array) + spoil for array in found]
        return tuple(made) if len(made) > 1 else made[0]

    def require(self, quantity: str) -> None:
        """Raise NotOfferedError, with the reason, if a quantity is not offered here."""
        if reason := self._refusal(quantity):
            raise NotOfferedError(reason)
        if quantity not in self.native.calls:
            raise NotOfferedError(
                f"backend {self.backend!r} has no {quantity} of this potential on this machine"
            )

    def hot(self, quantity: str, inputs: Sequence[Array] | None = None) -> Callable[[], Any]:
        """The timed call of any quantity: no arguments, no conversion, no checks.

        Args:
            quantity: one of :func:`eam.quantities.quantity_names`.
            inputs: NumPy arrays; by default those that the quantity is timed with, at x0.

        Raises:
            UnknownNameError: there is no such quantity.
            NotOfferedError: it is not offered here.
        """
        record = quantity_of(quantity)
        if quantity == GRADIENT:
            return self.hot_gradient(*map(self.native.asarray, inputs or ()))
        self.require(quantity)
        inputs = record.inputs(self.problem, self.problem.x0) if inputs is None else inputs
        return self.native.calls[quantity](*map(self.native.asarray, inputs))

    def hot_value(self) -> Callable[[], Any]:
        """The timed call of the value at x0: no arguments, no conversion, no checks."""
        return partial(self.native.value, self.native.asarray(self.problem.x0))

    def hot_gradient(self, x: Any = None, out: Array | None = None) -> Callable[[], Any]:
        """The timed call of the gradient at x0; it writes into a reused array if the backend can.

        Two calls that are compared can work in the same memory, if both get the same `x` and `out`.

        Args:
            x: x0 as an array of the library; a new one by default.
            out: the array that the call writes into; a new one by default.
        """
        if x is None:
            x = self.native.asarray(self.problem.x0)
        if self.native.gradient_into is None:
            return partial(self.native.gradient, x)
        return self._writing(np.empty_like(self.problem.x0) if out is None else out, x)

    def _writing(self, out: Array, x: Any) -> Callable[[], Any]:
        """The call that writes the gradient at x into `out`, of a library that writes."""
        assert self.native.gradient_into is not None
        if self.native.bind is not None:
            return self.native.bind(out, x)
        return partial(self.native.gradient_into, out, x)

    def _returning(self, x: Any) -> Callable[[], Any]:
        """The call that returns the gradient at x in an array of the library."""
        gradient = self.native.gradient
        if isinstance(x, np.ndarray) and not isinstance(self._example, np.ndarray):
            borrow = self._borrow
            return lambda: gradient(borrow(x))
        return partial(gradient, x)

    @staticmethod
    def _copying(gradient: Callable[[], Any], out: Array) -> None:
        out[...] = gradient()

    @cached_property
    def _example(self) -> Any:
        """An array of the library."""
        return self.native.asarray(self.problem.x0)

    def _may_be_shared(self, result: Array) -> bool:
        return self.native.reuses_output or not (result.flags.owndata and result.flags.writeable)

    def _input(self, x: Any) -> Array:
        """x as C-contiguous float64, with all atoms where the neighbour list is right."""
        array, limit = self._array("x", x), self.problem.valid_within
        if limit < math.inf:
            moved = array - self.problem.x0
            # a row within the limit has each component within limit / sqrt(3); rarely is it more
            if not -0.577 * limit <= moved.min() <= moved.max() <= 0.577 * limit:
                self._refuse_a_far(moved, limit)
        return array

    @staticmethod
    def _refuse_a_far(moved: Array, limit: float) -> None:
        with np.errstate(over="ignore"):
            distances = np.linalg.norm(moved, axis=1)
        atom = int(np.argmax(distances))  # of a NaN, where there is one
        if limit < distances[atom] < math.inf:
            raise InputError(
                f"atom {atom} is {distances[atom]:.3g} from its place in x0, and the "
                f"neighbour list is right within {limit:g}: make the problem anew from x, or with "
                "a larger skin"
            )

    def _array(self, name: str, given: Any) -> Array:
        ours = type(given) is np.ndarray and given.dtype == _FLOAT64 and given.shape == self._shape
        if ours and given.flags.c_contiguous and given.flags.aligned:
            return given
        if isinstance(given, np.ma.MaskedArray):
            raise InputError(f"{name} is a masked array; fill it, or pass its data")
        array = np.asarray(given)
        if array.dtype.kind not in "fiu":
            raise InputError(f"{name} must be an array of real numbers, not of dtype {array.dtype}")
        if array.shape != self._shape:
            raise InputError(f"{name} must have shape {self._shape}, not {array.shape}")
        return np.require(array, np.float64, ["C", "ALIGNED"])

    def _is_nowhere(self, x: Array) -> bool:
        """Whether an atom has no position; far from all others it would drop out of every sum."""
        return self.problem.model.has_pairs and not np.isfinite(x).all()

    def _check_bound(self, x: Array) -> None:
        """A bound call reads the memory of x itself, so no conversion can help."""
        if self._array("x", x) is not x or not x.flags.writeable:
            raise InputError(
                "x must be float64, C-contiguous and writeable to be bound; pass a copy, such as "
                "np.array(x, dtype=float)"
            )

    def _check_native(self, x: Any) -> None:
        expected = type(self._example)
        if not isinstance(x, expected):
            raise InputError(
                f"x must be a NumPy array, or the {expected.__name__} that asarray(x) makes, "
                f"not {type(x).__name__}"
            )
        # a library whose arrays have no dtype has it in their type, which was compared
        dtype = str(getattr(x, "dtype", _FLOAT64))
        if tuple(x.shape) != self._shape or not dtype.endswith("float64"):
            raise InputError(
                f"x must be float64 and have shape {self._shape}, not {dtype} {tuple(x.shape)}"
            )

    @staticmethod
    def _check_output(out: Any, x: Array) -> None:
        if not isinstance(out, np.ndarray):
            raise InputError(f"out must be a NumPy array, not {type(out).__name__}")
        if out.shape != x.shape:
            raise InputError(f"out must have shape {x.shape}, not {out.shape}")
        if out.dtype != np.float64:
            raise InputError(f"out must be of dtype float64, not {out.dtype}")
        if not out.flags.writeable:
            raise InputError("out is read-only; pass an array that may be written")
        if np.may_share_memory(out, x):
            raise InputError(
                "out overlaps x, but x is read after out is written; pass another array"
            )


def constants(problem: Problem, asarray: Callable[[Any], Any]) -> Mapping[str, Any]:
    """The problem's constant arrays as arrays of a library."""
    return {name: asarray(array) for name, array in problem.data.items()}
