"""python -m eam compare: the table, its JSON, the advice, and what bad input is answered."""

import json
import re
from pathlib import Path

import pytest

from eam.commands.main import main
from eam.compare.comparison import Comparison
from eam.measure.overhead import Overheads
from eam.models import model as model_record

SPRINGS = str(Path(__file__).parents[2] / "examples" / "springs.py")
FEW = ["--backends", "numpy-inplace,autograd,casadi,jax-blocked"]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """One short process a library."""
    measure_into = Comparison.measure.__globals__["measure_into"]
    monkeypatch.setitem(
        Comparison.measure.__globals__,
        "measure_into",
        lambda found, model, **options: measure_into(
            found, model, processes=1, seconds=0.02, **options
        ),
    )


@pytest.mark.alone
def test_json_holds_every_case(capsys):
    assert main(["compare", SPRINGS, *FEW, "--dimension", "5,40", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["model"], document["source"]) == ("springs", SPRINGS)
    assert document["unit"] == "beads"
    assert [found["method"] for found in document["check"]] == ["complex step"] * 2
    rows = {(row["dimension"], row["backend"]): row for row in document["rows"]}
    for dimension in (5, 40):
        for name in ("numpy", "numpy-inplace", "autograd", "casadi"):
            row = rows[dimension, name]
            assert row["low"] <= row["overhead"] <= row["high"]
        assert rows[dimension, "numpy"]["overhead"] == pytest.approx(1.0, rel=0.5)
        assert "loops over pairs" in rows[dimension, "jax-blocked"]["missing"]
    assert document["advice"].startswith("Use casadi: ")
    assert not document["interrupted"]


@pytest.mark.alone
def test_the_table_ends_with_what_to_use(capsys, tmp_path):
    page = tmp_path / "page.html"
    assert main(["compare", SPRINGS, *FEW, "--dimension", "40", "--html", str(page)]) == 0
    text = page.read_text()
    assert "springs: may I stop writing its gradient by hand?" in text
    assert "beads" in text
    captured = capsys.readouterr()
    assert f"Running the code in {SPRINGS}" in captured.err.replace("\n", "")
    assert "agrees with energy by complex step" in captured.out
    assert "40 beads" in captured.out
    assert "n/a  backend 'jax-blocked' loops over pairs" in captured.out
    assert captured.out.splitlines()[-1].startswith("Use casadi: 0.")
    assert captured.out.splitlines()[-1].endswith("at 40 beads, 18 lines less.")


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_measured(capsys, monkeypatch):
    measure = Comparison.measure

    def interrupted(self, progress):
        yield next(measure(self, progress))
        raise KeyboardInterrupt

    monkeypatch.setattr(Comparison, "measure", interrupted)
    assert main(["compare", SPRINGS, *FEW, "--json"]) == 130
    document = json.loads(capsys.readouterr().out)
    measured = {row["backend"] for row in document["rows"] if row["overhead"]}
    assert document["interrupted"]
    assert measured == {"numpy", "numpy-inplace"}  # the first process


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    return out", "    return -out", ":30: gradient is wrong in 10 of 10 components"),
        ("def x0", "def x1", "defines no function x0(dimension)"),
        ("import numpy", "import nonumpy", ": cannot be imported: ModuleNotFoundError"),
        ("import numpy", "raise BaseException('stop')\nimport numpy", ": BaseException: stop"),
    ],
)
def test_a_bad_file_is_one_sentence_and_status_2(old, new, says, tmp_path, capsys):
    path = tmp_path / "mine.py"
    path.write_text(Path(SPRINGS).read_text().replace(old, new, 1))
    assert main(["compare", str(path), *FEW]) == 2
    *_, last = capsys.readouterr().err.splitlines()
    assert last.startswith(f"eam: {path}")
    assert says in last


SECOND = """

def hessian_vector(x, v):
    return gradient(v) - gradient(0.0 * v)


def value_and_gradient(x):
    return energy(x, np, lambda function, _, x: np.sum(function(x, np))), gradient(x)
"""


@pytest.mark.slow
def test_another_quantity_is_compared_with_the_readers(capsys, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(Path(SPRINGS).read_text() + SECOND)
    few = ["--backends", "autograd,torch-inplace", "--dimension", "40", "--json"]
    assert main(["compare", str(path), "--quantity", "hessian_vector", *few]) == 0
    document = json.loads(capsys.readouterr().out)
    rows = {row["backend"]: row for row in document["rows"]}
    assert document["quantity"] == "hessian_vector"
    assert rows["numpy"]["overhead"] > 0.0
    assert rows["autograd"]["overhead"] > 0.0
    assert "has no hessian_vector" in rows["torch-inplace"]["missing"]
    assert "your hessian_vector" in document["advice"]


@pytest.mark.parametrize(
    ("quantity", "old", "new", "says"),
    [
        ("hessian_vector", "gradient(v) -", "2 * gradient(v) -", r":69: .*is wrong: \[\d+\] is"),
        ("hessian_vector", "0.0 * v)", "0.0 * v)[1:]", r":70: hessian_vector raises ValueError"),
        ("hessian_vector", "gradient(v) - ", "gradient(v)[1:]  # ", r":69: .*float64 of shape"),
        ("hessian_vector", "(x, v)", "(x)", r":69: hessian_vector has to take \(x, v\)"),
        ("value_and_gradient", "np)))", "np))) + 1.0", r":73: .*is wrong: the value is"),
        ("value_and_gradient", ", gradient(x)", "", r":73: .*has to return 2 results, and"),
        ("hessian_vector", "def hessian_vector", "def other", r"no function hessian_vector\(x, v"),
        ("virial", "", "", "a function of your own has no virial; it may have gradient, value"),
        ("virials", "", "", "unknown quantity 'virials'; did you mean 'virial'"),
    ],
)
def test_a_wrong_quantity_is_named(quantity, old, new, says, tmp_path, capsys):
    path = tmp_path / "mine.py"
    path.write_text(Path(SPRINGS).read_text() + SECOND.replace(old, new, 1))
    assert main(["compare", str(path), "--quantity", quantity, *FEW]) == 2
    *_, last = capsys.readouterr().err.splitlines()
    assert re.search(says, last), last


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([SPRINGS, "--quantity", "value_and_gradient", "--html", "p.html"], "page of a gradient"),
        (["nosuch.py"], "nosuch.py: there is no such file"),
        (["springs"], "is no file my_energy.py and no package.module:object"),
        ([SPRINGS, "--dimension", "ten"], "--dimension takes whole numbers"),
        ([SPRINGS, "--dimension", "0"], "dimension must be at least 1, not 0"),
        ([SPRINGS, "--backends", "jaxx"], "unknown backend 'jaxx'; did you mean"),
    ],
)
def test_bad_arguments(arguments, says, capsys):
    assert main(["compare", *arguments]) == 2
    assert says in capsys.readouterr().err


def advice(**medians):
    comparison = Comparison(model_record(SPRINGS), [5, 40], list(medians))
    for name, median in medians.items():
        comparison.found[40, name] = Overheads(overhead=[median] * 12)
    return comparison.advice()


def test_advice():
    assert advice(jax=1.3, torch=3.0) == "Use jax: 1.3x your gradient at 40 beads, 18 lines less."
    assert (
        advice(jax=5.1) == "Keep your gradient: the fastest, jax, takes 5.1x as long at 40 beads."
    )
    assert advice(numba=0.1) == "No backend that differentiates was measured."
    assert advice(**{"jax-custom": 0.5, "jax": 1.9}).startswith("Use jax: 1.9x")
