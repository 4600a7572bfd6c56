"""The check of a quantity beyond the gradient: energy and gradient of one call, in NumPy."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

import eam
from eam.errors import CheckError
from eam.measure.check import check

NAME = "value_and_gradient"
PROBLEM = eam.problem("toy", 100)


def patched(make_call, **changes):
    """The NumPy backend with another `bind` of the quantity: x -> call."""
    prepared = eam.prepare(PROBLEM, "numpy")
    calls = {**prepared.native.calls, NAME: make_call}
    prepared.native = replace(prepared.native, calls=calls, **changes)
    return prepared


def right(x):
    """A new value and a new gradient."""
    return float(PROBLEM.manual.value(x)), PROBLEM.manual.gradient(x)


def off(is_wrong, value=0.0, gradient=0.0):
    """A call that is wrong by a fraction where `is_wrong(x)`."""

    def make_call(x):
        def call():
            energy, slope = right(x)
            wrong = is_wrong(x)
            return energy * (1 + wrong * value), slope * (1 + wrong * gradient)

        return call

    return make_call


def at_x0(x):
    return np.array_equal(x, PROBLEM.x0)


def elsewhere(x):
    return not at_x0(x)


def of_another_shape(x):
    return lambda: (right(x)[0], right(x)[1][:, None])


def in_single_precision(x):
    return lambda: (right(x)[0], right(x)[1].astype(np.float32))


def another_each_time(x):
    calls = itertools.count()
    return lambda: (right(x)[0], right(x)[1] * (1 + 1e-12 * (next(calls) % 2)))


def moves_its_input(x):
    """In the second call, or the two would not agree."""
    calls = itertools.count()

    def call():
        found = right(x)
        x[0] += next(calls)
        return found

    return call


def into_one_array(make_one=np.empty):
    out = make_one(100)

    def make_call(x):
        def call():
            out[:] = PROBLEM.manual.gradient(x)
            return right(x)[0], out

        return call

    return make_call


def test_what_is_right_passes():
    prepared = patched(lambda x: lambda: right(x))
    assert check(prepared, NAME) is prepared


@pytest.mark.parametrize(
    ("make_call", "reason"),
    [
        (off(at_x0, value=1e-6), r"is wrong by 1\.0e-06 relative, more than 1e-10"),
        (off(elsewhere, value=1e-6), r"is wrong by 1\.0e-06"),
        (off(at_x0, gradient=1e-6), r"is wrong by 1\.0e-06"),
        (off(elsewhere, gradient=1e-6), r"is wrong by 1\.0e-06"),
        (of_another_shape, r"has a result of shape \(100, 1\), not \(100,\)"),
        (in_single_precision, "is float32"),
        (another_each_time, "gives another answer when called again on the same input"),
        (moves_its_input, "changes its input"),
        (lambda x: lambda: right(x)[:1], "returns 1 of 2 results"),
        (into_one_array(), "returns memory that the next call overwrites"),
    ],
)
def test_faults_are_named(make_call, reason):
    with pytest.raises(CheckError, match=f"'numpy'.*{NAME} {reason}"):
        check(patched(make_call, asarray=np.array), NAME)


def test_memory_used_again_is_fine_when_declared():
    prepared = patched(into_one_array(), reuses_output=True)
    assert prepared.in_place
    check(prepared, NAME)
