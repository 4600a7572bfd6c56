"""Every backend on every problem: the right value and gradient, and nothing else touched."""

import numpy as np
import pytest

import eam

CASES = [
    (model, dimension, backend)
    for model in eam.model_names()
    for dimension in eam.models.small_dimensions(model)
    for backend in eam.backend_names()
]


@pytest.fixture(scope="module")
def prepared(request):
    model, dimension, backend = request.param
    try:
        return eam.prepare(eam.problem(model, dimension), backend)
    except (eam.errors.MissingBackendError, eam.errors.NotOfferedError) as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize(
    "prepared", CASES, indirect=True, ids=lambda case: "-".join(map(str, case))
)
class TestBackend:
    def test_gradient(self, prepared):
        x = prepared.problem.x0
        expected = prepared.problem.manual.gradient(x)
        actual = prepared.gradient(x)
        assert actual.dtype == np.float64
        scale = np.abs(expected).max()
        np.testing.assert_allclose(actual, expected, rtol=1e-10, atol=1e-10 * scale)
