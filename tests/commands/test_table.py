"""python -m eam: the forum post's table, as a person and as a script read it."""

import json

import pytest

from eam.commands.main import main

pytestmark = pytest.mark.slow


def test_json_has_a_row_a_backend_with_numbers(capsys):
    names = ["numpy", "numpy-inplace", "autograd"]
    options = ["--dimension", "10", "--backends", ",".join(names), "--seconds", "0.3", "--json"]
    assert main(options) == 0
    table = json.loads(capsys.readouterr().out)
    assert (table["model"], table["dimension"]) == ("toy", 10)
    value, *gradients = table["rows"]
    assert value["kind"] == "value of f"
    assert [row["backend"] for row in gradients] == names
    for row in gradients:
        assert row["seconds"] > 0
        assert row["ratio"] > 0
        assert 0 <= row["error"] < 1e-12
        assert row["reason"] is None


def test_table_fits_a_terminal_and_gives_reasons(capsys):
    options = ["--dimension", "1000", "--backends", "numpy,jax-forward", "--seconds", "0.1"]
    assert main(options) == 0
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    assert "…" not in printed
    assert "numpy" in printed
    assert (
        "n/a  jax-forward: backend 'jax-forward' is offered up to x.size = 300"
        in printed.replace("\n", " ")
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--backends", "nmupy"], "unknown backend 'nmupy'; did you mean 'numpy'"),
        (["tabel"], "unknown command 'tabel'; did you mean 'table'"),
        (["--dimension", "0"], "dimension must be at least 1, not 0"),
        (["--seconds", "nan"], "--seconds must be a positive number"),
    ],
)
def test_bad_options_end_with_status_2(options, message, capsys):
    assert main(options) == 2
    assert message in capsys.readouterr().err


def test_only_missing_numbers_end_with_status_2(capsys):
    assert main(["--dimension", "1000", "--backends", "torch-forward"]) == 2
    assert "n/a" in capsys.readouterr().out
