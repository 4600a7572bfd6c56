"""Every quantity beyond the gradient in every backend that offers it for a model."""

from dataclasses import replace

import numpy as np
import pytest

import eam
from eam.backends import describe
from eam.errors import InputError, NotOfferedError
from eam.measure.check import check
from eam.quantities import GRADIENT, QUANTITIES, quantity_names


def smallest(model):
    """A dimension that is quick to try, and no special case such as one element."""
    return next(n for n in eam.models.model(model).dimensions.tests if n > 1)


CASES = [
    (model, backend, quantity)
    for model in eam.model_names()
    for backend in eam.backend_names()
    for quantity in quantity_names()
    if quantity != GRADIENT
    and not describe(backend).refusal(eam.models.model(model), smallest(model), quantity)
]


@pytest.fixture(scope="module")
def prepared(request, prepare):
    model, backend = request.param
    return prepare(eam.problem(model, smallest(model)), backend)


@pytest.mark.parametrize(
    ("prepared", "quantity"),
    [((model, backend), quantity) for model, backend, quantity in CASES],
    indirect=["prepared"],
    ids=["-".join(case) for case in CASES],
)
def test_it_agrees_with_the_one_by_hand(prepared, quantity):
    assert check(prepared, quantity) is prepared
    record = QUANTITIES[quantity]
    inputs = record.inputs(prepared.problem, prepared.problem.x0)
    result = getattr(prepared, quantity)(*inputs)
    expected = record.reference(prepared.problem)(*inputs)
    if not isinstance(expected, tuple):
        result, expected = (result,), (expected,)
    for actual, wanted in zip(result, expected, strict=True):
        np.testing.assert_allclose(actual, wanted, rtol=0, atol=1e-8 * np.max(np.abs(wanted)))


def test_every_library_but_one_offers_more_than_the_gradient():
    libraries = {describe(backend).library for _, backend, _ in CASES}
    everything = {describe(backend).library for backend in eam.backend_names()}
    assert everything - libraries == {"drjit"}


@pytest.mark.parametrize(
    ("model", "backend", "quantity", "reason"),
    [
        ("tabulated", "jax", "force_matching", "no force_matching by hand"),
        ("toy", "jax", "virial", "no virial by hand"),
        ("toy", "enzyme", "force_matching", "nobody has written it for enzyme_ad"),
        ("toy", "autograd-primitive", "hessian_vector", "has no derivative"),
        ("toy", "jax-custom", "hessian_vector", "written by hand"),
        ("tabulated", "numba-inplace", "hessian_vector", "no compiled hessian_vector"),
        ("toy", "drjit", "hessian_vector", "nobody has written it for drjit"),
        ("toy", "numba", "hessian_vector", "ask numba-inplace"),
    ],
)
def test_a_refusal_has_its_reason(model, backend, quantity, reason, prepare):
    prepared = prepare(eam.problem(model, smallest(model)), backend)
    for call in (
        lambda: prepared.hot(quantity),
        lambda: check(prepared, quantity),
        lambda: prepared.require(quantity),
    ):
        with pytest.raises(NotOfferedError, match=reason):
            call()


def test_unknown_quantity():
    prepared = eam.prepare(eam.problem("toy", 3), "numpy")
    with pytest.raises(eam.errors.UnknownNameError, match="did you mean 'force_matching'"):
        prepared.hot("force_match")


class TestParameters:
    prepared = eam.prepare(eam.problem("finnis-sinclair", 16), "numpy")
    x = prepared.problem.x0

    @pytest.mark.parametrize(
        ("theta", "message"),
        [
            ([1.0, 2.0], r"7 numbers, A, d, beta, c, c0, c1, c2; not of shape \(2,\)"),
            ({"a": 1.0}, "unknown parameter 'a'.*valid names: A, d, beta"),
            ({"bta": 1.0}, "did you mean 'beta'"),
            ({"A": -1.0}, "parameter 'A' must be positive, not -1"),
            ({"c0": np.nan}, "parameter 'c0' must be finite, not nan"),
            ("many", "must be numbers"),
        ],
    )
    def test_bad(self, theta, message):
        with pytest.raises(InputError, match=message):
            self.prepared.parameter_gradient(theta, self.x)
        with pytest.raises(InputError, match=message):
            self.prepared.force_matching(theta, self.x, self.x, 0.0, 1.0)

    def test_by_name(self):
        published = self.prepared.problem.parameters.theta
        published[0] = 2.0
        np.testing.assert_array_equal(
            self.prepared.parameter_gradient({"A": 2.0}, self.x),
            self.prepared.parameter_gradient(published, self.x),
        )


def test_a_wrong_quantity_fails_its_check():
    prepared = eam.prepare(eam.problem("toy", 3), "numpy")
    calls = prepared.native.calls
    right = calls["hessian_vector"]
    wrong = {**calls, "hessian_vector": lambda x, v: lambda: right(x, v)() * (1.0 + 1e-7)}
    prepared.native = replace(prepared.native, calls=wrong)
    with pytest.raises(eam.errors.CheckError, match="hessian_vector is wrong by 1"):
        check(prepared, "hessian_vector")
    assert check(prepared) is prepared
