"""The examples of a function of one's own: right, short, and compared as the reader would."""

import json
from pathlib import Path

import pytest

import eam
from eam.backends import BY_HAND, describe
from eam.commands.main import main
from eam.compare.gradient_check import COMPLEX_STEP, check_gradient
from eam.measure.check import check

EXAMPLES = Path(__file__).parents[2] / "examples"
FUNCTIONS = ["gaussian_mixture", "lennard_jones", "log_sum_exp", "springs"]

# backends that cannot run an energy, because it goes by the size of x in Python
REFUSED = [("gaussian_mixture", "pytensor"), ("lennard_jones", "pytensor")]


def file_of(name):
    return str(EXAMPLES / f"{name}.py")


def differentiating(name):
    """The first backend of each library that takes the energy of an example."""
    model = eam.models.model(file_of(name))
    found = {}
    for backend in map(describe, eam.backend_names()):
        offered = not backend.refusal(model, model.dimensions.tests[0])
        if backend.kind not in BY_HAND and offered and (name, backend.name) not in REFUSED:
            found.setdefault(backend.library, backend.name)
    return list(found.values())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_gradient_by_hand_is_that_of_the_energy(name):
    for dimension in eam.models.model(file_of(name)).dimensions.overheads:
        checked = check_gradient(eam.problem(file_of(name), dimension), most=100)
        assert checked.method == COMPLEX_STEP
        assert checked.error < 1e-13


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_is_short(name):
    assert 30 <= len(Path(file_of(name)).read_text().splitlines()) <= 80


@pytest.mark.parametrize(
    ("name", "backend"),
    [(name, backend) for name in FUNCTIONS for backend in differentiating(name)],
)
def test_libraries_agree_with_it(name, backend, prepare):
    dimension = eam.models.model(file_of(name)).dimensions.tests[0]
    check(prepare(eam.problem(file_of(name), dimension), backend))


@pytest.mark.parametrize(("name", "backend"), REFUSED)
def test_what_cannot_run_it_says_at_which_line(name, backend, prepare):
    dimension = eam.models.model(file_of(name)).dimensions.tests[0]
    with pytest.raises(eam.errors.NotOfferedError, match=rf"cannot run energy \({name}\.py:\d+\)"):
        prepare(eam.problem(file_of(name), dimension), backend)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.slow
def test_compare(name, capsys):
    options = ["--backends", "numpy,autograd", "--dimension", "3", "--json"]
    assert main(["compare", file_of(name), *options]) == 0
    document = json.loads(capsys.readouterr().out)
    assert all(row["overhead"] > 0.0 for row in document["rows"])
    assert "autograd" in document["advice"] or "Keep your gradient" in document["advice"]
