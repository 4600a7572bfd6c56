"""The toy's hand-written derivatives against complex steps and closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import eam
from eam.models import toy
from eam.ops import Ops

INPUTS = arrays(np.float64, st.integers(1, 20), elements=st.floats(-1.0, 3.0, width=32))


def complex_step(function, x):
    """Derivatives without subtraction, exact to rounding."""
    h = 1e-30
    return np.array([function(x + 1j * h * e).imag / h for e in np.eye(x.size)])


@given(INPUTS)
def test_gradients_by_hand_against_complex_step(x):
    expected = complex_step(lambda z: toy.energy(Ops(np), z, {}), x)
    np.testing.assert_allclose(toy.gradient(x), expected, rtol=1e-12)
    np.testing.assert_allclose(toy.gradient_into(np.empty_like(x), x), expected, rtol=1e-12)


@given(INPUTS, st.integers(0, 2**32 - 1))
def test_hessian_vector_by_hand_against_complex_step(x, seed):
    v = np.random.default_rng(seed).standard_normal(x.size)
    h = 1e-30
    expected = toy.gradient(x + 1j * h * v).imag / h
    actual = toy.hessian_vector(x, v)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-11 * np.abs(expected).max())


def test_closed_form_of_one_element():
    rho = math.exp(-4.5)
    assert toy.value(np.array([0.5])) == pytest.approx(rho**2 + rho**3 + rho**4 / 4, rel=1e-14)
    derivative = (2 * rho + 3 * rho**2 + rho**3) * -3 * rho
    assert toy.gradient(np.array([0.5]))[0] == pytest.approx(derivative, rel=1e-14)


@given(INPUTS, st.randoms(use_true_random=False))
def test_order_of_the_elements_does_not_matter(x, random):
    order = list(range(x.size))
    random.shuffle(order)
    assert toy.value(x[order]) == pytest.approx(toy.value(x), rel=1e-13)
    np.testing.assert_allclose(toy.gradient(x[order]), toy.gradient(x)[order], rtol=1e-13)


@given(INPUTS)
def test_the_energy_decreases_in_every_direction(x):
    assert toy.value(x) > 0
    assert (toy.gradient(x) < 0).all()


def test_input_is_reproducible_uniform_and_read_only():
    first, second = eam.problem("toy", 1000, seed=3).x0, eam.problem("toy", 1000, seed=3).x0
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, eam.problem("toy", 1000, seed=4).x0)
    assert 0 <= first.min() < 0.1 < 0.9 < first.max() < 1
    assert first.dtype == np.float64
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 0.0
