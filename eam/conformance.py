"""Every backend on every problem: the right value and gradient, and nothing else touched.

The author of a plug-in runs it with ``pytest --pyargs eam.conformance``. Where plug-ins are
installed, the cases are those that have to do with one; else they are all of eam's. Cases that a
backend refuses are none; those whose library is not installed are skipped.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
import pytest

from eam import backends, models
from eam.errors import MissingBackendError, NotOfferedError
from eam.measure.check import check

OURS = {*backends.built_in_names(), *models.built_in_names()}


def _cases() -> Iterator[tuple[str, int, str]]:
    for model in models.model_names():
        for dimension in models.model(model).dimensions.tests:
            for backend in backends.backend_names():
                if not backends.describe(backend).refusal(models.model(model), dimension):
                    yield model, dimension, backend


ALL = list(_cases())
CASES = [case for case in ALL if not {case[0], case[2]} <= OURS] or ALL


@pytest.fixture(scope="session")
def prepare() -> Any:
    """`eam.prepare`, which skips the test if the backend's library is not installed."""

    def prepare(problem: Any, backend: str) -> Any:
        try:
            return backends.prepare(problem, backend)
        except MissingBackendError as reason:
            pytest.skip(str(reason))

    return prepare


@pytest.fixture(scope="module")
def unless_refused() -> Any:
    """A context that skips the test if a backend refuses what is asked of it there."""

    @contextmanager
    def unless_refused() -> Generator[None]:
        try:
            yield
        except NotOfferedError as refusal:
            pytest.skip(str(refusal))

    return unless_refused


@pytest.fixture(scope="session")
def prepare_case(prepare: Any) -> Any:
    """A case made ready once, since some libraries compile for seconds."""
    return cache(lambda *case: prepare(models.problem(case[0], case[1]), case[2]))


@pytest.fixture(scope="module")
def prepared(request: Any, prepare_case: Any) -> Any:
    """A case, made ready once for all tests of it."""
    return prepare_case(*request.param)


@pytest.mark.parametrize(
    "prepared", CASES, indirect=True, ids=lambda case: "-".join(map(str, case))
)
class TestBackend:
    """The properties of every backend on every problem."""

    def test_passes_the_check_before_timing(self, prepared: Any) -> None:
        assert check(prepared) is prepared

    def test_value_is_a_float(self, prepared: Any) -> None:
        x = prepared.problem.x0
        value = prepared.value(x)
        assert type(value) is float
        assert value == pytest.approx(prepared.problem.manual.value(x), rel=1e-10, abs=0)

    def test_gradient_is_a_new_array(self, prepared: Any) -> None:
        x = prepared.problem.x0.copy()
        first = prepared.gradient(x)
        kept = first.copy()
        second = prepared.gradient(x + 1e-3 * np.sign(x))
        assert type(first) is np.ndarray
        assert first.dtype == np.float64
        assert first.shape == x.shape
        assert first.flags.writeable
        assert not np.shares_memory(first, second)
        np.testing.assert_array_equal(first, kept)
        np.testing.assert_array_equal(x, prepared.problem.x0)

    def test_gradient_into_writes_every_element(self, prepared: Any) -> None:
        x = prepared.problem.x0
        out = np.full(x.shape, np.nan)
        assert prepared.gradient_into(out, x) is None
        np.testing.assert_allclose(out, prepared.gradient(x), rtol=1e-13, atol=1e-13)

    def test_gradient_into_a_strided_array(self, prepared: Any) -> None:
        x = prepared.problem.x0
        wide = np.full((*x.shape, 2), np.nan)
        prepared.gradient_into(wide[..., 0], x)
        np.testing.assert_allclose(wide[..., 0], prepared.gradient(x), rtol=1e-13, atol=1e-13)
        assert np.isnan(wide[..., 1]).all()

    def test_any_real_input_layout(self, prepared: Any) -> None:
        x = prepared.problem.x0
        expected = prepared.gradient(x)
        for same in (x[::-1].copy()[::-1], x.tolist()):
            np.testing.assert_allclose(prepared.gradient(same), expected, rtol=1e-13, atol=1e-13)

    def test_hot_calls_agree_with_the_checked_ones(self, prepared: Any) -> None:
        x = prepared.problem.x0
        assert float(prepared.hot_value()()) == pytest.approx(prepared.value(x), rel=1e-13)
        out = np.full(x.shape, np.nan)
        result = prepared.hot_gradient(out=out)()
        actual = np.asarray(result) if prepared.native.gradient_into is None else out
        np.testing.assert_allclose(actual, prepared.gradient(x), rtol=1e-13, atol=1e-13)
        prepared.hot_gradient()()

    def test_a_bound_call_follows_x(self, prepared: Any) -> None:
        x, out = prepared.problem.x0.copy(), np.full(prepared.problem.x0.shape, np.nan)
        writes, returns = prepared.bind(x, out), prepared.bind(prepared.asarray(x))
        np.testing.assert_allclose(np.asarray(returns()), prepared.gradient(x), rtol=1e-13)
        x += 1e-3 * np.sign(x)
        writes()
        np.testing.assert_allclose(out, prepared.gradient(x), rtol=1e-13, atol=1e-13)

    def test_is_in_place_as_registered(self, prepared: Any) -> None:
        assert prepared.in_place == backends.describe(prepared.backend).in_place

    def test_hessian_vector_is_the_derivative_of_the_gradient(
        self, prepared: Any, unless_refused: Any
    ) -> None:
        x = prepared.problem.x0
        v = np.random.default_rng(1).standard_normal(x.shape)
        with unless_refused():
            actual = prepared.hessian_vector(x, v)
        h = 1e-5
        gradient = prepared.problem.manual.gradient
        expected = (gradient(x + h * v) - gradient(x - h * v)) / (2 * h)
        scale = np.abs(expected).max()
        np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-7 * scale)


TOY = [case for case in CASES if case[:2] == ("toy", 3)]
# Forward mode multiplies the infinite derivative of one element by the zero tangent of the others.
OVERFLOWING = [case for case in TOY if backends.describe(case[2]).kind != "forward mode"]


def _check_special(prepared: Any, special: float) -> None:
    x = np.array([0.5, special, 0.25])
    with np.errstate(all="ignore"):
        expected = prepared.problem.manual.gradient(x)
        value = prepared.problem.manual.value(x)
        np.testing.assert_allclose(prepared.gradient(x), expected, rtol=1e-10)
        assert prepared.value(x) == pytest.approx(value, rel=1e-10, nan_ok=True)


@pytest.mark.parametrize("prepared", TOY, indirect=True)
@pytest.mark.parametrize("special", [np.nan, np.inf, 250.0])
def test_nan_and_underflow_propagate_as_in_numpy(prepared: Any, special: float) -> None:
    _check_special(prepared, special)


@pytest.mark.parametrize("prepared", OVERFLOWING, indirect=True)
@pytest.mark.parametrize("special", [-np.inf, -250.0])
def test_overflow_propagates_as_in_numpy(prepared: Any, special: float) -> None:
    _check_special(prepared, special)
