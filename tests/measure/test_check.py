"""The check before timing: it passes what is right, and names what is wrong."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

import eam
from eam.backends import Native
from eam.errors import CheckError
from eam.measure.check import check, second_point

N = 100


@pytest.fixture(scope="module")
def problem():
    return eam.problem("toy", N)


def patched(problem, **changes):
    """The NumPy backend with some of its native functions replaced."""
    native = replace(Native(problem.manual.value, problem.manual.gradient), **changes)
    return eam.Prepared(problem, "patched", native)


def gradient_float32(problem):
    return {"gradient": lambda x: problem.manual.gradient(x).astype(np.float32)}


def value_float32(problem):
    return {"value": lambda x: np.float32(problem.manual.value(x))}


def gradient_slightly_wrong(problem):
    return {"gradient": lambda x: problem.manual.gradient(x) * (1 + 1e-6)}


def one_element_wrong(problem):
    def gradient(x):
        result = problem.manual.gradient(x)
        result[-1] += 1e-9 * np.abs(result).max()
        return result

    return {"gradient": gradient}


def value_slightly_wrong(problem):
    return {"value": lambda x: problem.manual.value(x) * (1 + 1e-9)}


def gradient_of_nan(problem):
    return {"gradient": lambda x: np.full_like(x, np.nan)}


def value_that_float_refuses(problem):
    return {"value": lambda x: np.atleast_1d(problem.manual.value(x))}


def value_of_nan(problem):
    return {"value": lambda x: np.nan}


def only_where(problem, name, is_wrong):
    """A value or gradient that is wrong by 1e-6 where `is_wrong(x)`."""
    right = getattr(problem.manual, name)
    return {name: lambda x: right(x) * (1 + 1e-6 * is_wrong(x))}


def value_wrong_at_x0(problem):
    return only_where(problem, "value", lambda x: np.array_equal(x, problem.x0))


def value_wrong_elsewhere(problem):
    return only_where(problem, "value", lambda x: not np.array_equal(x, problem.x0))


def gradient_wrong_at_x0(problem):
    return only_where(problem, "gradient", lambda x: np.array_equal(x, problem.x0))


def gradient_wrong_elsewhere(problem):
    return only_where(problem, "gradient", lambda x: not np.array_equal(x, problem.x0))


def always_the_answer_at_x0(problem):
    answer = problem.manual.gradient(problem.x0)
    return {"gradient": lambda x: answer.copy()}


def value_of_two(problem):
    return {"value": lambda x: np.full(2, problem.manual.value(x))}


def wrong_shape(problem):
    return {"gradient": lambda x: problem.manual.gradient(x)[:, None]}


def moves_its_input(problem, name):
    right = getattr(problem.manual, name)

    def moved(x):
        result = right(x)
        x[0] += 1.0
        return result

    return {name: moved, "asarray": np.array}


def value_changes_input(problem):
    return moves_its_input(problem, "value")


def gradient_changes_input(problem):
    return moves_its_input(problem, "gradient")


def accumulates(problem):
    total = np.zeros(N)

    def gradient(x):
        nonlocal total
        total = total + problem.manual.gradient(x)
        return total

    return {"gradient": gradient}


def accumulates_in_place(problem):
    total = np.zeros(N)

    def gradient(x):
        nonlocal total
        total += problem.manual.gradient(x)
        return total

    return {"gradient": gradient, "reuses_output": True}


def reuses_its_output(problem):
    out = np.empty(N)
    return {"gradient": lambda x: problem.manual.gradient_into(out, x)}


def leaves_an_element_unwritten(problem):
    def gradient_into(out, x):
        out[:-1] = problem.manual.gradient(x)[:-1]

    return {"gradient_into": gradient_into}


def bound_call_slightly_wrong(problem):
    def bind(out, x):
        return lambda: np.multiply(problem.manual.gradient(x), 1 + 1e-6, out)

    return {"gradient_into": problem.manual.gradient_into, "bind": bind}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (gradient_float32, "gradient is float32"),
        (value_float32, "value is float32"),
        (gradient_slightly_wrong, r"gradient is wrong by 1\.0e-06"),
        (one_element_wrong, r"gradient is wrong by 1\.0e-09"),
        (value_slightly_wrong, r"value is wrong by 1\.0e-09"),
        (gradient_of_nan, "gradient is wrong by nan"),
        (value_of_nan, "value is wrong by nan"),
        (value_wrong_at_x0, r"value is wrong by 1\.0e-06 relative, more than 1e-10"),
        (value_wrong_elsewhere, r"value is wrong by 1\.0e-06"),
        (gradient_wrong_at_x0, r"gradient is wrong by 1\.0e-06 relative, more than 1e-10"),
        (gradient_wrong_elsewhere, r"gradient is wrong by 1\.0e-06"),
        (always_the_answer_at_x0, "gradient is wrong"),
        (value_of_two, r"value has shape \(2,\), not that of a scalar"),
        (value_that_float_refuses, "value cannot be made a float"),
        (wrong_shape, r"gradient has shape \(100, 1\), not \(100,\)"),
        (value_changes_input, "value changes its input"),
        (gradient_changes_input, "gradient changes its input"),
        (accumulates, "another answer"),
        (accumulates_in_place, "another answer"),
        (reuses_its_output, "not declared in place"),
        (leaves_an_element_unwritten, "gradient is wrong by nan"),
        (bound_call_slightly_wrong, r"gradient is wrong by 1\.0e-06"),
    ],
)
def test_faults_are_named(problem, fault, reason):
    with pytest.raises(CheckError, match=f"'patched'.*{reason}"):
        check(patched(problem, **fault(problem)))


def test_reuse_is_fine_when_declared(problem):
    check(patched(problem, reuses_output=True, **reuses_its_output(problem)))


def scaled(problem, factor):
    """The problem times `factor`."""
    manual = problem.manual
    return replace(
        problem,
        manual=replace(
            manual,
            value=lambda x: factor * manual.value(x),
            gradient=lambda x: factor * manual.gradient(x),
        ),
    )


def off_by(problem, name, relative):
    """A value or gradient that is off by a fraction of its largest element, in its last."""
    right = getattr(problem.manual, name)

    def off(x):
        result = np.array(right(x))
        result[(-1,) * result.ndim] += relative * np.abs(result).max()
        return result

    return {name: off}


@pytest.mark.parametrize("factor", [1e-5, 1.0, 1e5])
@pytest.mark.parametrize("name", ["value", "gradient"])
def test_the_tolerance_is_a_fraction_of_the_largest_element(problem, name, factor):
    large_or_small = scaled(problem, factor)
    for inside in (0.9e-10, -0.9e-10):
        check(patched(large_or_small, **off_by(large_or_small, name, inside)))
    for outside in (1.1e-10, -1.1e-10):
        with pytest.raises(CheckError, match=rf"{name} is wrong by 1\.1e-10 relative"):
            check(patched(large_or_small, **off_by(large_or_small, name, outside)))


@pytest.mark.parametrize("factor", [1e-5, 1.0, 1e5])
def test_a_repeated_call_may_differ_in_the_last_bits_only(problem, factor):
    large_or_small = scaled(problem, factor)
    right = large_or_small.manual.gradient

    def alternating(relative):
        calls = itertools.count()

        def gradient(x):
            result = right(x)
            result[-1] += next(calls) % 2 * relative * np.abs(result).max()
            return result

        return patched(large_or_small, gradient=gradient)

    check(alternating(0.5e-13))
    with pytest.raises(CheckError, match="another answer when called again on the same input"):
        check(alternating(2e-13))


def test_zero_may_be_the_right_answer(problem):
    nothing = scaled(problem, 0.0)
    check(patched(nothing))


def test_the_second_point_is_another_and_close(problem):
    """So close that atoms stay within their neighbour lists."""
    points = []

    def value(x):
        points.append(x)
        return problem.manual.value(x)

    check(patched(problem, value=value))
    first, second = (np.abs(point - problem.x0) for point in points)
    assert first.max() == 0.0
    assert second.min() > 0.0
    assert second.max() < 5e-3


@pytest.mark.parametrize("value", [float, np.float64, np.array])
def test_a_scalar_may_be_an_array_without_axes(problem, value):
    check(patched(problem, value=lambda x: value(problem.manual.value(x))))


@pytest.mark.slow
def test_a_float32_array_of_a_library_fails(problem):
    jnp = pytest.importorskip("jax.numpy")
    native = eam.prepare(problem, "jax").native

    def gradient(x):
        return native.gradient(x).astype(jnp.float32)

    with pytest.raises(CheckError, match="gradient is float32"):
        check(patched(problem, gradient=gradient, asarray=native.asarray))


@pytest.mark.parametrize(
    ("x0", "step"), [(np.full(1000, 0.01), 1e-5), (np.full(1000, 100.0), 1e-3), (np.zeros(9), 1e-3)]
)
def test_the_second_point_is_as_far_as_the_first_is_large(x0, step):
    moved = second_point(x0) - x0
    assert np.sqrt(np.mean(moved * moved)) == pytest.approx(step, rel=0.4)
