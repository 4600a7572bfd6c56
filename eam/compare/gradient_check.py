"""Checking a gradient written by hand against the energy it is to be the gradient of.

The derivative is that of a complex step, exact to rounding, where the energy takes complex numbers;
else of central differences. On a mistake, the wrong components tell what it may be.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FunctionFileError
from ..measure.check import second_point
from ..ops import Ops
from ..own.source import read
from ..problem import Array, Problem

COMPLEX_STEP, CENTRAL = "complex step", "central differences"
TOLERANCE = {COMPLEX_STEP: 1e-10, CENTRAL: 1e-6}  # of the largest component
_TINY = 1e-30  # no digit of f is lost by a complex step, however small
_STEP = float(np.finfo(float).eps) ** (1 / 3)
_SHOWN = 3

Derivative = Callable[[Array, Array], float]
"""``derivative(x, v)``: that of the energy at x along v."""


@dataclass(frozen=True)
class Checked:
    """A gradient by hand that is right.

    Attributes:
        method: COMPLEX_STEP or CENTRAL.
        error: the largest difference found, over the largest component.
        components: how many were compared.
    """

    method: str
    error: float
    components: int


def check_gradient(problem: Problem, most: int = 1000) -> Checked:
    """Compare the gradient by hand with the energy's derivative, at x0 and near it.

    Args:
        problem: of the reader's own function.
        most: how many components to compare; of a larger gradient some are drawn at random, and
            all of it is compared along a random direction.

    Raises:
        FunctionFileError: the gradient is wrong, or it or the energy is not finite near x0.
    """
    source = read(problem.model.source)
    points = (problem.x0, second_point(problem.x0))
    gradients = [problem.manual.gradient(x) for x in points]
    if not (np.isfinite(problem.manual.value(points[1])) and np.isfinite(gradients[1]).all()):
        raise FunctionFileError(
            source.path,
            source.line_of("x0"),
            "energy or gradient is not finite when x0 is moved by a thousandth of its size; "
            "backends are checked there too, so choose x0 within the domain",
        )
    method, derivative = _derivative(problem, points[1])
    chosen = _components(problem.x0, most)
    errors: list[float] = []
    for x, gradient in zip(points, gradients, strict=True):
        compared = _compare(derivative, x, gradient, chosen)
        if fault := _fault(compared, TOLERANCE[method], x.shape):
            raise FunctionFileError(
                source.path, source.line_of("gradient"), f"{fault} (checked by {method})"
            )
        errors.append(compared.error)
        _require_same_into(problem, x, gradient)
    return Checked(method, max(errors), len(chosen))


def _require_same_into(problem: Problem, x: Array, gradient: Array) -> None:
    """Refuse a gradient_into that writes something else than gradient returns."""
    if problem.manual.gradient_into is None:
        return
    source, out = read(problem.model.source), np.full_like(x, np.nan)
    source.call("gradient_into", out, x)
    off = np.abs(out - gradient)
    if not np.max(off) <= TOLERANCE[COMPLEX_STEP] * float(np.max(np.abs(gradient)) or 1.0):
        worst = np.unravel_index(np.argmax(off), off.shape)
        where = ", ".join(map(str, worst))
        raise FunctionFileError(
            source.path,
            source.line_of("gradient_into"),
            f"gradient_into leaves {out[worst]:.6g} in out[{where}], where gradient has "
            f"{gradient[worst]:.6g}",
        )


@dataclass(frozen=True)
class _Compared:
    """Some components of a gradient, and the whole of it along a direction.

    Attributes:
        components: their indices.
        yours, right: by hand, and from the energy, (n_components,).
        along: the same two along a random direction of unit variance, (2,).
        size: of the whole gradient, its norm.
    """

    components: Sequence[tuple[int, ...]]
    yours: Array
    right: Array
    along: tuple[float, float]
    size: float

    @property
    def error(self) -> float:
        """The largest difference, over the largest component."""
        return float(np.max(np.abs(self.yours - self.right))) / self.scale

    @property
    def scale(self) -> float:
        """The largest component, or 1 where all are 0."""
        return float(np.max(np.abs(self.right))) or 1.0


def _compare(
    derivative: Derivative, x: Array, gradient: Array, components: Sequence[tuple[int, ...]]
) -> _Compared:
    v = np.random.default_rng(2).standard_normal(x.shape)
    return _Compared(
        components,
        np.array([gradient[component] for component in components]),
        np.array([derivative(x, unit) for unit in _units(x, components)]),
        (float(np.sum(gradient * v)), derivative(x, v)),
        float(np.linalg.norm(gradient)),
    )


def _derivative(problem: Problem, x: Array) -> tuple[str, Derivative]:
    """The most exact derivative that the energy allows; tried along one direction."""
    energy, ops = problem.energy, Ops(np)
    size = float(np.sqrt(np.mean(x * x))) or 1.0

    def central(x: Array, v: Array) -> float:
        h = _STEP * size / float(np.max(np.abs(v)))
        forward, back = (energy(ops, x + sign * h * v, {}) for sign in (1.0, -1.0))
        return float(forward - back) / (2.0 * h)

    def complex_step(x: Array, v: Array) -> float:
        stepped: Any = energy(ops, x + 1j * _TINY * v, {})
        return float(np.imag(stepped)) / _TINY

    v = np.random.default_rng(1).standard_normal(x.shape)
    expected = central(x, v)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # such as that a cast drops the imaginary part
            actual = complex_step(x, v)
    except Exception:  # whatever the reader's code raises on complex numbers
        return CENTRAL, central
    # an energy with abs, or with a cast, loses what it is to carry
    same = abs(actual - expected) <= 1e-4 * max(abs(actual), abs(expected))
    return (COMPLEX_STEP, complex_step) if same else (CENTRAL, central)


def _components(x: Array, most: int) -> list[tuple[int, ...]]:
    """The indices of all components, or of some of them, both ends included."""
    flat = np.arange(x.size)
    if x.size > most:
        drawn = np.random.default_rng(0).choice(x.size, most, replace=False)
        flat = np.unique([0, *drawn, x.size - 1])
    return [tuple(int(k) for k in np.unravel_index(i, x.shape)) for i in flat]


def _units(x: Array, components: Sequence[tuple[int, ...]]) -> Iterator[Array]:
    for component in components:
        unit = np.zeros_like(x)
        unit[component] = 1.0
        yield unit


def _fault(compared: _Compared, tolerance: float, shape: tuple[int, ...]) -> str | None:
    """The wrong components, by how much, and the likely reason; None if all are right."""
    yours, right = compared.yours, compared.right
    wrong = ~(np.abs(yours - right) <= tolerance * compared.scale)
    if not wrong.any():
        found, wanted = compared.along
        if abs(found - wanted) <= 10.0 * tolerance * max(compared.size, abs(wanted)):
            return None
        return (
            f"gradient is wrong along a random direction, {found:.6g} where it should be "
            f"{wanted:.6g}, and right in the {len(yours)} components that were tried"
        )
    differing: list[int] = np.flatnonzero(wrong).tolist()
    worst = sorted(differing, key=lambda k: -abs(yours[k] - right[k]))[:_SHOWN]
    close = np.allclose(yours[worst], right[worst], rtol=1e-5, atol=0.0)
    digits = 12 if close else 6
    shown = "; ".join(
        f"[{', '.join(map(str, compared.components[k]))}] is {yours[k]:.{digits}g} and should be "
        f"{right[k]:.{digits}g}"
        for k in sorted(worst)
    )
    more = ", such as" if wrong.sum() > _SHOWN else ""
    likely = _likely(yours, right, wrong, shape if len(yours) == np.prod(shape) else (0,))
    return f"gradient is wrong in {wrong.sum()} of {len(yours)} components{more}: {shown}; {likely}"


def _likely(yours: Array, right: Array, wrong: NDArray[np.bool_], shape: tuple[int, ...]) -> str:
    found, wanted = yours[wrong], right[wrong]
    if not found.any():
        return "likely never written, or a term is missing, since 0 stands there"
    if np.allclose(found, wanted, rtol=1e-5, atol=0.0):
        return "likely a constant with too few digits, or single precision"
    factor = float(np.median(found / np.where(wanted == 0.0, np.nan, wanted)))
    if np.allclose(found, factor * wanted, rtol=1e-5, atol=0.0):
        if abs(factor + 1.0) < 1e-5:
            return "likely the sign: minus the right one stands there"
        return f"likely a factor: {factor:.6g} times the right one stands there"
    if moved := _moved(yours, right, shape):
        return f"likely an index: {moved}"
    if len(found) > 1 and np.allclose(found - wanted, (found - wanted)[0], rtol=1e-5, atol=0.0):
        return f"likely a constant term: all are off by {found[0] - wanted[0]:.6g}"
    if not wrong[2:-2].any() and len(wrong) > 6:
        return "likely an index: only the ends are wrong, where a loop or a slice begins or stops"
    return "no sign, factor or index explains all of them: likely a term is wrong or missing"


def _moved(yours: Array, right: Array, shape: tuple[int, ...]) -> str:
    """Whether the components are the right ones at other places."""
    if len(yours) != np.prod(shape) or len(yours) < 3:
        return ""
    given, wanted = yours.reshape(shape), right.reshape(shape)
    for axis in range(len(shape)):
        for by in (1, -1):
            same = np.isclose(given, np.roll(wanted, by, axis), rtol=1e-5, atol=0.0)
            if same.mean() >= 1.0 - 2.0 / shape[axis] and same.mean() > 0.5:
                where = "before" if by == 1 else "after"
                along = f" along axis {axis}" if len(shape) > 1 else ""
                return f"each is what belongs to the component {where} it{along}"
    if np.allclose(given, wanted[::-1], rtol=1e-5, atol=0.0):
        return "they come in the reverse order"
    return ""
