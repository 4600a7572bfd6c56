"""The records of models and backends against what they describe."""

import pytest

import eam
from eam.errors import MissingBackendError, NotOfferedError, UnknownModelError

CASES = [
    (model, dimension)
    for model in eam.model_names()
    for dimension in eam.models.model(model).dimensions.tests
]


def test_a_record_has_the_name_it_is_registered_under():
    for name in eam.model_names():
        assert eam.models.model(name).name == name


def test_an_unknown_model_lists_the_valid_ones():
    with pytest.raises(UnknownModelError, match="finnis-sinclair"):
        eam.models.model("finnis")


@pytest.mark.parametrize(("name", "dimension"), CASES)
@pytest.mark.slow
def test_a_record_describes_its_problems(name, dimension):
    problem = eam.problem(name, dimension)
    model = problem.model
    assert model == eam.models.model(name)
    assert problem.x0.size == model.size(dimension)
    assert bool(problem.pairs) == model.has_pairs
    assert len({len(problem.data[name]) for name in problem.pairs}) <= 1
    assert (problem.compiled is None) == (not model.kernels)
    assert (problem.compiled_energy is None) == (not model.has_energy_loop)
    for kernel in model.kernels:
        assert problem.compiled(kernel).value(problem.x0) is not None


def test_verdicts_are_given_where_overheads_are_measured():
    for name in eam.model_names():
        dimensions = eam.models.model(name).dimensions
        assert dimensions.reference in dimensions.gradients
        assert dimensions.reference in dimensions.overheads


REFUSED = [
    (*case, backend)
    for case in CASES
    for backend in eam.backend_names()
    if eam.backends.describe(backend).refusal(eam.models.model(case[0]), case[1])
]


@pytest.mark.parametrize(("name", "dimension", "backend"), REFUSED)
def test_prepare_refuses_what_the_registry_refuses(name, dimension, backend):
    # the conformance test prepares all others
    problem = eam.problem(name, dimension)
    with pytest.raises(NotOfferedError) as refused:
        eam.prepare(problem, backend)
    assert str(refused.value) == eam.backends.describe(backend).refusal(problem.model, dimension)


def test_a_refusal_needs_no_library(monkeypatch):
    monkeypatch.setattr(eam.backends, "find_spec", lambda name: None)
    atoms = eam.problem("tabulated", 4)
    with pytest.raises(NotOfferedError):
        eam.prepare(atoms, "casadi")
    with pytest.raises(MissingBackendError):
        eam.prepare(eam.problem("toy", 3), "casadi")
