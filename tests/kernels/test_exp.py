"""The vectorised exp: within 4 ulp of mpmath over every finite result, and right beyond."""

import mpmath
import numpy as np
import pytest
from numba import njit

import eam
from eam.kernels.exp import MIDDLE_LIMIT, exp, exp_middle
from eam.kernels.lowlevel import REORDER
from eam.kernels.lowlevel import njit as cached_njit

UNDERFLOW, OVERFLOW = -745.1332191019412, 709.782712893384


@njit
def every(function, out, y):
    for i in range(y.size):
        out[i] = function(y[i])


@njit
def every_middle(out, flags, y):
    for i in range(y.size):
        out[i], flags[i] = exp_middle(y[i])


def exp_of(y):
    y = np.asarray(y, float)
    out = np.empty_like(y)
    every(exp, out, y)
    return out


def ulps(actual, y):
    """Distance from the exact exp(y), in units of the last place of the exact result."""
    with mpmath.workprec(200):
        exact = [mpmath.exp(mpmath.mpf(float(value))) for value in y]
        units = np.spacing(np.array([float(value) for value in exact]))
        return np.array(
            [
                float(abs(mpmath.mpf(float(a)) - e) / mpmath.mpf(float(unit)))
                for a, e, unit in zip(actual, exact, units, strict=True)
            ]
        )


def sample(low, high, count=4000):
    return np.random.default_rng(5).uniform(low, high, count)


@pytest.mark.parametrize(
    "y",
    [
        sample(UNDERFLOW, OVERFLOW),
        sample(-6.0, -3.0),
        sample(-708.5, -707.5),
        sample(UNDERFLOW, -708.0),
        sample(709.0, OVERFLOW),
        sample(-1e-9, 1e-9),
        np.arange(-1070, 1024) * np.log(2.0),
        (np.arange(-1070, 1023) + 0.5) * np.log(2.0),
    ],
    ids=["all", "toy", "smallest-normal", "subnormal", "largest", "tiny", "whole-k", "half-k"],
)
def test_accuracy(y):
    assert ulps(exp_of(y), y).max() <= 2.0


def test_accuracy_of_the_middle_range():
    y = sample(-354.0, 354.0)
    out, flags = np.empty_like(y), np.empty(y.shape, np.int64)
    every_middle(out, flags, y)
    assert flags.min() >= 0
    assert flags.max() <= MIDDLE_LIMIT
    assert ulps(out, y).max() <= 2.0


def test_middle_range_flags_all_else():
    y = np.array([356.0, -356.0, 709.0, -745.0, 1e5, -1e300, 1e300, np.inf, -np.inf, np.nan])
    out, flags = np.empty_like(y), np.empty(y.shape, np.int64)
    every_middle(out, flags, y)
    assert np.all((flags < 0) | (flags > MIDDLE_LIMIT))


def test_special_values():
    y = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 710.0, 1e308, -746.0, -1e308, -745.1])
    expected = [np.nan, np.inf, 0.0, 1.0, 1.0, np.inf, np.inf, 0.0, 0.0, 5e-324]
    np.testing.assert_array_equal(exp_of(y), expected)
    assert exp_of([OVERFLOW])[0] == pytest.approx(1.797693134862273e308, rel=1e-13)
    assert np.isinf(exp_of([np.nextafter(OVERFLOW, np.inf)]))
    assert np.all(np.diff(exp_of(np.linspace(-746.0, -740.0, 1000))) >= 0.0)


def test_the_loop_is_vectorised():
    out = np.empty(8)
    every(exp, out, np.zeros(8))
    assembly = "".join(every.inspect_asm().values())
    packed = "mulpd" if "mulsd" in assembly or "mulpd" in assembly else ".2d"
    assert packed in assembly


@pytest.mark.parametrize("backend", ["numba", "numba-inplace"])
@pytest.mark.parametrize(
    "special", [np.nan, np.inf, -np.inf, 1e3, -1e3, -200.0, 240.0, 1e308], ids=str
)
@pytest.mark.parametrize("place", [0, 36, 70])
def test_toy_outside_the_middle_range(backend, special, place):
    problem = eam.problem("toy", 71)
    x = problem.x0.copy()
    x[place] = special
    prepared = eam.prepare(problem, backend)
    with np.errstate(all="ignore"):
        expected = problem.manual.gradient(x), problem.manual.value(x)
    np.testing.assert_allclose(prepared.gradient(x), expected[0], rtol=1e-10)
    np.testing.assert_allclose(prepared.value(x), expected[1], rtol=1e-10)


def test_a_bound_gradient_reads_x_anew():
    problem = eam.problem("toy", 100)
    x, out = problem.x0.copy(), np.empty(100)
    call = eam.prepare(problem, "numba-inplace").native.bind(out, x)
    call()
    np.testing.assert_allclose(out, problem.manual.gradient(x), rtol=1e-12)
    x += 0.5
    call()
    np.testing.assert_allclose(out, problem.manual.gradient(x), rtol=1e-12)


def test_kernels_compile_where_nothing_can_be_cached():
    """numba refuses to decorate code that has no place on disk, as on a read-only system."""
    names: dict = {}
    exec(compile("def twice(x):\n    return 2.0 * x", "<nowhere>", "exec"), names)  # noqa: S102
    with pytest.raises(RuntimeError, match="cannot cache"):
        njit(cache=True)(names["twice"])
    assert cached_njit(fastmath=REORDER)(names["twice"])(1.5) == 3.0
