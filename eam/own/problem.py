"""Models and problems of the reader's own function, like those of the registered models."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from ..errors import FunctionFileError, InputError
from ..model import Dimensions, Model
from ..ops import Ops
from ..problem import Array, Call, CompiledEnergy, Manual, Problem
from ..quantities import as_call
from .differences import furthest_off
from .source import Source, read


def model(reference: str) -> Model:
    """The record of the function in a file or object.

    Raises:
        FunctionFileError: it cannot be read.
    """
    return _model(read(reference))


@lru_cache
def _model(source: Source) -> Model:
    dimensions = source.dimensions
    return Model(
        name=source.name,
        summary=source.summary,
        unit=source.unit,
        shape=lru_cache(lambda dimension: _start(source, dimension).shape),
        has_gradient_into="gradient_into" in source.functions,
        has_adjoint_rule=source.takes_sum_of,
        kernels=("literal",) if source.functions.keys() >= {"energy_loop", "gradient_loop"} else (),
        quantities=_quantities(source),
        has_energy_loop="energy_loop" in source.functions,
        dimensions=Dimensions(
            tests=dimensions[:1],
            reference=dimensions[len(dimensions) // 2],
            gradients=dimensions,
            values=dimensions,
            overheads=dimensions,
            allocations=dimensions,
            peaks=dimensions[-1:],
        ),
        source=source.reference,
    )


def problem(reference: str, dimension: int, seed: int) -> Problem:
    """The problem of the function at a dimension, which it is called at once with.

    Raises:
        FunctionFileError: the file cannot be read, or a function of it raises an error or gives
            something else than the contract asks for.
        InputError: a seed other than 0.
    """
    source = read(reference)
    if seed:
        raise InputError(f"x0 of {reference} takes a dimension and no seed, so the seed must be 0")
    x0 = _start(source, dimension)
    x0.flags.writeable = False
    energy = _energy(source)
    gradient = source.functions["gradient"]
    value_of = Ops(np)
    _check_value(source, source.call("energy", x0, np, **_rule(source)), "x0")
    _check_gradient(source, source.call("gradient", x0), x0)
    return Problem(
        model=_model(source),
        dimension=dimension,
        x0=x0,
        energy=energy,
        manual=Manual(
            lambda x: energy(value_of, x, {}),
            gradient,
            source.functions.get("gradient_into"),
            calls=_calls(source, lambda x: energy(value_of, x, {})),
        ),
        compiled=lambda kernel: _compiled(source, x0),
        compiled_energy=lambda: CompiledEnergy(_energy_loop(source, x0)),
    )


def _quantities(source: Source) -> tuple[str, ...]:
    """The quantities beyond the gradient that the reader has by hand."""
    second = "hessian_vector"
    return ("value_and_gradient", *([second] if second in source.functions else []))


def _calls(source: Source, value: Callable[[Array], float]) -> dict[str, Call]:
    """These quantities; energy and gradient are one after the other where no function has both."""
    gradient = source.functions["gradient"]

    def one_after_the_other(x: Array) -> tuple[float, Array]:
        return value(x), gradient(x)

    written = {"value_and_gradient": one_after_the_other, **source.functions}
    return {name: as_call(written[name]) for name in _quantities(source)}


def _start(source: Source, dimension: int) -> Array:
    given = source.call("x0", dimension)
    try:
        x0 = np.array(given, np.float64)
    except (TypeError, ValueError):
        x0 = np.empty(0)
    if x0.ndim == 0 or x0.size == 0 or np.iscomplexobj(given):
        said = f"x0({dimension}) has to be an array of real numbers, and is {_shown(given)}"
        raise FunctionFileError(source.path, source.line_of("x0"), said)
    if not np.isfinite(x0).all():
        raise FunctionFileError(
            source.path, source.line_of("x0"), f"x0({dimension}) holds NaN or an infinity"
        )
    return x0


def _energy(source: Source) -> Callable[[Any, Any, Mapping[str, Any]], Any]:
    function = source.functions["energy"]
    if not source.takes_sum_of:
        return lambda ops, x, data: function(x, ops.xp)
    return lambda ops, x, data: function(x, ops.xp, sum_of=_sum_of(ops))


def _rule(source: Source) -> dict[str, Any]:
    """The argument sum_of of an energy in NumPy."""
    return {"sum_of": _sum_of(Ops(np))} if source.takes_sum_of else {}


def _sum_of(ops: Any) -> Callable[..., Any]:
    """The sum with a custom adjoint, of functions whose arguments come in the reader's order."""

    def sum_of(function: Callable[..., Any], derivative: Callable[..., Any], x: Any) -> Any:
        return ops.sum_of(lambda xp, x: function(x, xp), lambda xp, x: derivative(x, xp), x)

    return sum_of


def _check_value(source: Source, value: Any, where: str) -> None:
    line = source.line_of("energy")
    if (
        np.ndim(value)
        or np.iscomplexobj(value)
        or not np.issubdtype(np.asarray(value).dtype, float)
    ):
        said = f"energy(x, np) has to be a real number, and is {_shown(value)}"
        raise FunctionFileError(source.path, line, said)
    if not np.isfinite(value):
        raise FunctionFileError(source.path, line, f"energy(x, np) is {value} at {where}")


def _check_gradient(source: Source, gradient: Any, x0: Array) -> None:
    line = source.line_of("gradient")
    said = None
    if not isinstance(gradient, np.ndarray) or gradient.dtype != np.float64:
        said = f"gradient(x) has to be a float64 NumPy array, and is {_shown(gradient)}"
    elif gradient.shape != x0.shape:
        said = f"gradient(x) has the shape {gradient.shape}, and x has {x0.shape}"
    elif np.may_share_memory(gradient, x0):
        said = "gradient(x) returns x, or a part of it; it has to return a new array"
    elif not np.isfinite(gradient).all():
        (where, *_) = np.argwhere(~np.isfinite(gradient)).tolist()
        said = f"gradient(x) is {gradient[tuple(where)]} at x0, in its element {where}"
    if said is not None:
        raise FunctionFileError(source.path, line, said)


def _shown(given: Any) -> str:
    if isinstance(given, np.ndarray):
        return f"an array of {given.dtype} and shape {given.shape}"
    return f"{type(given).__name__} {given!r:.60}"


def _compiled(source: Source, x0: Array) -> Manual:
    """The loops, compiled by numba: on flat arrays, whatever the shape of x."""
    energy, loop, shape = _energy_loop(source, x0), _gradient_loop(source, x0), x0.shape
    if len(shape) == 1:
        return Manual(energy, lambda x: _filled(loop, x), loop)
    return Manual(
        lambda x: energy(x.reshape(-1)),
        lambda x: _filled(loop, x.reshape(-1)).reshape(shape),
        lambda out, x: loop(out.reshape(-1), x.reshape(-1)),
    )


def _energy_loop(source: Source, x0: Array) -> Any:
    """The compiled energy; a mistake in it is found here, where its line is known."""
    energy: Any = _njit(source.functions["energy_loop"])
    with source.running("energy_loop", "fails under numba:"):
        found = float(energy(x0.flatten()))
    _check_loop(source, "energy_loop", found, source.call("energy", x0, np, **_rule(source)))
    return energy


def _gradient_loop(source: Source, x0: Array) -> Any:
    """The compiled gradient, likewise."""
    loop: Any = _njit(source.functions["gradient_loop"])
    out = np.full(x0.size, np.nan)  # or an element that is never written could pass
    with source.running("gradient_loop", "fails under numba:"):
        loop(out, x0.flatten())
    _check_loop(source, "gradient_loop", out, source.call("gradient", x0).reshape(-1))
    return loop


def _check_loop(source: Source, name: str, found: Any, wanted: Any) -> None:
    """Find a mistake in a formula; the check before timing is stricter."""
    wrong = furthest_off(found, wanted, 1e-6 * max(1.0, float(np.max(np.abs(wanted)))))
    if wrong:
        place = f" in element {wrong.place}" if wrong.place else ""
        said = f"{name} gives {wrong.found:.6g}{place}, and {name.removesuffix('_loop')} gives"
        raise FunctionFileError(source.path, source.line_of(name), f"{said} {wrong.wanted:.6g}")


def _filled(loop: Callable[[Array, Array], object], x: Array) -> Array:
    out = np.empty_like(x)
    loop(out, x)
    return out


@lru_cache
def _njit(function: Any) -> Any:
    """The function compiled by numba, unless the reader has seen to that."""
    import numba

    compiler: Any = numba.njit
    return function if hasattr(function, "py_func") else compiler(error_model="numpy")(function)
