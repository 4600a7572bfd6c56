"""The check that a backend must pass before it is timed: a wrong answer is never given a time.

It looks at what the timed path itself hands over, in the library's own arrays, since a conversion
on the way out (float32 to float64, a copy) would hide just the faults that it looks for.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..backends.protocol import Prepared
from ..errors import CheckError
from ..problem import Array
from ..quantities import GRADIENT, QUANTITIES, Quantity, results_of

TOLERANCE = 1e-10
# Two calls on the same input do the same work; only the order of a sum may differ.
REPEAT_TOLERANCE = 1e-13


def check(prepared: Prepared, quantity: str = GRADIENT) -> Prepared:
    """Compare a backend with the hand-written NumPy reference; returns it if it passes.

    Value and gradient, at `x0` and at a second point, must agree with the reference to a relative
    1e-10 (for the gradient: of its largest element) and be float64 in the library's own array; the
    input must be untouched; the same input must give the same answer twice; and an earlier result
    must survive the next call unless the backend is declared in place.

    A quantity other than the gradient must do the same, with value and gradient unseen; its record
    has the tolerance (:mod:`eam.quantities`).

    Raises:
        CheckError: the first of these that does not hold, with the numbers.
    """
    x0 = prepared.problem.x0
    other = second_point(x0)
    if quantity != GRADIENT:
        _check_quantity(prepared, QUANTITIES[quantity], x0, other)
        return prepared
    _check_value(prepared, x0)
    _check_value(prepared, other)
    _check_gradient(prepared, x0)
    _check_gradient(prepared, other)
    if not prepared.in_place:
        _check_not_reused(prepared, x0, other)
    return prepared


def second_point(x0: Array) -> Array:
    """Another input near `x0`, by a small step: atoms must stay within their neighbour lists."""
    size = min(1.0, float(np.sqrt(np.mean(x0 * x0)))) or 1.0
    return x0 + 1e-3 * size * np.random.default_rng(0).standard_normal(x0.shape)


def _check_value(prepared: Prepared, x: Array) -> None:
    given = prepared.native.asarray(x)
    before = _numpy(given).copy()
    native = prepared.native.value(given)
    result = _numpy(native)
    _require_float64(prepared, "value", result)
    if result.size != 1:
        _fail(prepared, f"value has shape {result.shape}, not that of a scalar")
    try:
        float(native)
    except TypeError as error:
        _fail(prepared, f"value cannot be made a float: {error}")
    _require_close(prepared, "value", result.reshape(()), np.array(_reference(prepared).value(x)))
    _require_untouched(prepared, "value", before, given)


def _check_gradient(prepared: Prepared, x: Array) -> None:
    given = prepared.native.asarray(x)
    before = _numpy(given).copy()
    first = _numpy(_gradient(prepared, given)).copy()
    _require_float64(prepared, "gradient", first)
    if first.shape != x.shape:
        _fail(prepared, f"gradient has shape {first.shape}, not {x.shape}")
    _require_close(prepared, "gradient", first, _reference(prepared).gradient(x))
    _require_untouched(prepared, "gradient", before, given)
    second = _numpy(_gradient(prepared, given))
    if not _close(second, first, REPEAT_TOLERANCE):
        _fail(prepared, "gradient gives another answer when called again on the same input")


def _check_quantity(prepared: Prepared, quantity: Quantity, x0: Array, other: Array) -> None:
    """Every result of a quantity, at two points."""
    prepared.require(quantity.name)
    reference, name = quantity.reference(prepared.problem), quantity.name
    kept: list[tuple[Any, Array]] = []
    for x in (x0, other):
        inputs = quantity.inputs(prepared.problem, x)
        given = [prepared.native.asarray(array) for array in inputs]
        call = prepared.native.calls[name](*given)
        first = [_numpy(array).copy() for array in results_of(call())]
        expected = [np.asarray(array) for array in results_of(reference(*inputs))]
        if len(first) != len(expected):
            _fail(prepared, f"{name} returns {len(first)} of {len(expected)} results")
        for actual, wanted in zip(first, expected, strict=True):
            _require_float64(prepared, name, actual)
            if actual.shape != wanted.shape:
                _fail(prepared, f"{name} has a result of shape {actual.shape}, not {wanted.shape}")
            _require_close(prepared, name, actual, wanted, quantity.tolerance)
        again = results_of(call())
        for actual, before in zip(again, first, strict=True):
            if not _close(_numpy(actual), before, REPEAT_TOLERANCE):
                _fail(prepared, f"{name} gives another answer when called again on the same input")
        for array, before in zip(given, inputs, strict=True):
            _require_untouched(prepared, name, before, array)
        kept += [(array, _numpy(array).copy()) for array in again]
    if not prepared.in_place and not all(np.array_equal(_numpy(a), b) for a, b in kept):
        _fail(prepared, f"{name} returns memory that the next call overwrites")


def _check_not_reused(prepared: Prepared, x: Array, other: Array) -> None:
    """The result of one call must outlive the next, or 'allocating' is not what is timed."""
    result = _gradient(prepared, prepared.native.asarray(x))
    before = _numpy(result).copy()
    _gradient(prepared, prepared.native.asarray(other))
    if not np.array_equal(before, _numpy(result)):
        _fail(
            prepared,
            "gradient returns memory that the next call overwrites, but is not declared in place",
        )


def _gradient(prepared: Prepared, given: Any) -> Any:
    """One native gradient, as the timed path takes it."""
    if prepared.native.gradient_into is None:
        return prepared.native.gradient(given)
    # NaN, or an element that is never written could pass
    out = np.full_like(prepared.problem.x0, np.nan)
    if prepared.native.bind is not None:
        prepared.native.bind(out, given)()
    else:
        prepared.native.gradient_into(out, given)
    return out


def _numpy(array: Any) -> NDArray[Any]:
    """A library's array as a NumPy array of its own dtype; a recording tensor is detached first."""
    return np.asarray(array.detach() if hasattr(array, "detach") else array)


def _reference(prepared: Prepared) -> Any:
    return prepared.problem.manual


def _require_float64(prepared: Prepared, what: str, result: NDArray[Any]) -> None:
    if result.dtype != np.float64:
        _fail(prepared, f"{what} is {result.dtype}, not float64")


def _require_close(
    prepared: Prepared, what: str, actual: Array, expected: Array, tolerance: float = TOLERANCE
) -> None:
    if not _close(actual, expected, tolerance):
        error = np.max(np.abs(actual - expected)) / np.max(np.abs(expected))
        _fail(prepared, f"{what} is wrong by {error:.1e} relative, more than {tolerance:.0e}")


def _require_untouched(prepared: Prepared, what: str, before: Array, given: Any) -> None:
    if not np.array_equal(before, _numpy(given)):
        _fail(prepared, f"{what} changes its input")


def _close(actual: Array, expected: Array, tolerance: float) -> bool:
    """Whether no element is off by more than a fraction of the largest; never true of a NaN."""
    scale = float(np.max(np.abs(expected)))
    return bool(np.all(np.abs(actual - expected) <= tolerance * scale))


def _fail(prepared: Prepared, reason: str) -> None:
    problem = prepared.problem
    raise CheckError(
        f"backend {prepared.backend!r} fails its check on {problem.model.name!r} at dimension "
        f"{problem.dimension}: {reason}"
    )
