"""The conformance test of the package, under this folder's rule for skips, and odd numbers."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import eam
from eam import conformance
from eam.conformance import (
    CASES,
    TOY,
    prepare_case,
    prepared,
    test_nan_and_underflow_propagate_as_in_numpy,
    test_overflow_propagates_as_in_numpy,
)
from eam.errors import InputError
from tests.backends.exact import exact

__all__ = [
    "TestBackend",
    "prepare_case",
    "prepared",
    "test_nan_and_underflow_propagate_as_in_numpy",
    "test_overflow_propagates_as_in_numpy",
]

# One array in the layouts and types that callers have. Float32 and integers change the numbers, so
# the expected answer is that of the same numbers as float64.
LAYOUTS = {
    "big-endian": lambda x: x.astype(">f8"),
    "little-endian": lambda x: x.astype("<f8"),
    "float32": lambda x: x.astype(np.float32),
    "float16": lambda x: x.astype(np.float16),
    "long double": lambda x: x.astype(np.longdouble),
    "int64": lambda x: np.rint(x).astype(np.int64),
    "big-endian int32": lambda x: np.rint(x).astype(">i4"),
    "uint8": lambda x: np.abs(np.rint(x)).astype(np.uint8),
    "backwards": lambda x: x[::-1].copy()[::-1],
    "strided": lambda x: np.repeat(x, 2, axis=0)[::2],
    "Fortran": np.asfortranarray,
    "unaligned": lambda x: np.frombuffer(b"\0" + x.tobytes(), offset=1).reshape(x.shape),
    "read-only": lambda x: np.frombuffer(x.tobytes()).reshape(x.shape),
    "zero strides": lambda x: np.broadcast_to(x.reshape(-1)[0], x.shape),
    "list": np.ndarray.tolist,
}
# of a coordinate of the toy: subnormal, tiny, huge, and where exp underflows or overflows
NUMBERS = st.sampled_from(
    [5e-324, -5e-324, 2.2e-308, -0.0, 1e-17, 0.5, -1.0, 80.0, -80.0, 236.0, 249.0, 1e10, 1e308]
)
NOT_FINITE = st.sampled_from([np.nan, np.inf, -np.inf])


def odd_arrays(number):
    """Hypothesis's settings: the same examples in every run, whatever a compilation takes."""
    return settings(
        max_examples=number,
        derandomize=True,
        deadline=None,
        suppress_health_check=[*HealthCheck],
    )


# the infinity at which an element adds nothing to the sum of its model
ADDS_NOTHING = {"toy": np.inf, "log-sum-exp": -np.inf}


class TestBackend(conformance.TestBackend):
    """And what only this project needs to know of its backends."""

    @settings(
        max_examples=12, derandomize=True, deadline=None, suppress_health_check=[*HealthCheck]
    )
    @given(layout=st.sampled_from(sorted(LAYOUTS)))
    def test_any_layout_and_type_of_numbers(self, prepared, layout):
        x0 = prepared.problem.x0
        given = LAYOUTS[layout](x0)
        same = np.asarray(given, dtype=np.float64)
        if prepared.problem.model.has_pairs and not np.allclose(same, x0, rtol=0, atol=5e-3):
            with pytest.raises(InputError, match=r"neighbour list is right within 0\.01"):
                prepared.value(given)
            return
        assert prepared.value(given) == pytest.approx(prepared.value(same), rel=1e-13)
        out = np.full(x0.shape, np.nan)
        prepared.gradient_into(out, given)
        for gradient in (out, prepared.gradient(given)):
            np.testing.assert_allclose(gradient, prepared.gradient(same), rtol=1e-12, atol=1e-13)

    def test_a_masked_array_is_refused(self, prepared):
        masked = np.ma.masked_array(prepared.problem.x0, mask=False)
        with pytest.raises(InputError, match="masked"):
            prepared.gradient(masked)

    @odd_arrays(8)
    @given(number=NOT_FINITE, place=st.integers(0, 10**6))
    def test_what_is_not_finite_does_not_become_finite(self, prepared, number, place):
        x = prepared.problem.x0.copy()
        x.flat[place % x.size] = number
        with np.errstate(all="ignore"):
            value, gradient = prepared.value(x), prepared.gradient(x)
            hot = prepared.hot_gradient(x=prepared.native.asarray(x.copy()))
            hot()  # must not end the process
        if number == ADDS_NOTHING.get(prepared.problem.model.name):
            assert np.isfinite(value)
            return
        assert not math.isfinite(value)
        assert not np.isfinite(gradient).all()

    def test_against_50_digits(self, prepared):
        """A few units in the last place, of the terms where they cancel."""
        problem = prepared.problem
        if problem.x0.size > 12:
            return
        (value, unit), (gradient, units) = exact(problem.model.name, problem.dimension)
        assert abs(prepared.value(problem.x0) - value) <= 16 * unit
        error = np.abs(prepared.gradient(problem.x0) - gradient)
        assert (error <= 32 * units).all(), (error / units).max()


@pytest.mark.parametrize("prepared", TOY, indirect=True)
@odd_arrays(25)
@given(x=st.lists(NUMBERS, min_size=3, max_size=3))
def test_extreme_numbers_as_in_numpy(prepared, x):
    x = np.array(x)
    with np.errstate(all="ignore"):
        expected = prepared.problem.manual.gradient(x)
        value = prepared.problem.manual.value(x)
        actual, actual_value = prepared.gradient(x), prepared.value(x)
    if not math.isfinite(value):
        assert not math.isfinite(actual_value)
        return
    # gradients below the smallest normal number keep fewer digits, and may be flushed to zero
    np.testing.assert_allclose(actual, expected, rtol=1e-10, atol=1e-290)
    assert actual_value == pytest.approx(value, rel=1e-10, abs=1e-290)


ATOMS = [case for case in CASES if eam.models.model(case[0]).has_pairs]


@pytest.mark.parametrize("prepared", ATOMS, indirect=True)
def test_atoms_at_one_place_are_noticed(prepared):
    x = prepared.problem.x0.copy()
    data = prepared.problem.data
    # of one image, or the two places would differ by a rounding error
    inside = np.flatnonzero((data["i"] != data["j"]) & ~data["shift"].any(axis=1))
    x[data["j"][inside[0]]] = x[data["i"][inside[0]]]
    if prepared.backend == "enzyme":
        # to Enzyme, the derivative of the root of 0 is 0; a guard costs a tenth of the gradient
        return
    assert not np.isfinite(_hot_gradient(prepared, x)).all()


@pytest.mark.parametrize("prepared", ATOMS, indirect=True)
def test_a_move_beyond_the_neighbour_list_is_refused(prepared):
    x = prepared.problem.x0.copy()
    x[1, 2] += 0.02
    with pytest.raises(InputError, match=r"atom 1 is 0\.02 from its place"):
        prepared.value(x)


def _hot_gradient(prepared, x):
    """The gradient by the timed path, which checks nothing."""
    out = np.full(x.shape, 0.0)
    with np.errstate(all="ignore"):
        result = prepared.hot_gradient(prepared.native.asarray(x), out)()
    return out if prepared.native.gradient_into is not None else np.asarray(result)
