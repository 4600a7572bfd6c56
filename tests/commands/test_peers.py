"""The peers table: C compiled and right, every row in its place, the page's marks kept."""

import pytest

from eam import problem as make_problem
from eam.commands.main import main
from eam.compiler import find_compiler
from eam.errors import CompilerError, InputError
from eam.peers.native import PEERS, REFERENCE, libraries, load
from eam.peers.toy import Column
from eam.peers.toy_page import BEGIN, END, render, replace_section

DIMENSIONS = [1, 10, 100, 1_000, 10_000]


@pytest.fixture
def compiler():
    try:
        return find_compiler()
    except CompilerError as reason:
        pytest.skip(str(reason))


def column(n):
    """C: 10 ns + 8 ns N. jax: 5 us + 2 ns N. jax-forward: 4 us + 100 ns N, up to 100."""
    seconds = dict.fromkeys(PEERS, 1e-8 + 8e-9 * n) | {
        "numpy": 6e-6 + 3e-9 * n,
        "jax": 5e-6 + 2e-9 * n,
    }
    if n <= 100:
        seconds["jax-forward"] = 4e-6 + 1e-7 * n
    ratios = {name: time / seconds[REFERENCE] for name, time in seconds.items()}
    reasons = {} if n <= 100 else {"jax-forward": "too large"}
    return Column(n, seconds, ratios, reasons, [])


@pytest.fixture
def tables():
    names = ["numpy", "jax", "jax-forward"]
    return render([column(n) for n in DIMENSIONS], names, "true")


def cells(tables, row, which=0):
    lines = [line for line in tables.splitlines() if line.startswith(f"| {row} ")]
    return [cell.strip() for cell in lines[which].strip("|").split("|")]


def test_ratios(tables):
    assert cells(tables, "C literal gradient, μs") == [
        "C literal gradient, μs", "0.018", "0.09", "0.81", "8.01", "80"
    ]  # fmt: skip
    assert cells(tables, "jax")[3] == f"{5.2e-6 / 0.81e-6:.3g}"
    assert cells(tables, "jax-forward")[4] == "n/a"


def test_growth(tables):
    name, a, b, misfit, c, numpy = cells(tables, "jax", 1)
    assert (name, a, b) == ("jax", "5", "2")
    assert misfit.startswith("1.00x")
    assert 750 < float(c.removeprefix("N = ")) < 1000
    assert numpy == "always"


def test_forward_and_reasons(tables):
    assert "`jax-forward` is faster than `jax` from N = 1, up to N = " in tables
    assert "- jax-forward: too large" in tables


def test_one_dimension_has_no_fit():
    assert "Cost growth" not in render([column(100)], ["numpy"], "true")


def test_the_section_of_a_page():
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert replace_section(page, "new") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    with pytest.raises(InputError, match="no marks"):
        replace_section("before\nafter\n", "new")


def test_c_peers_are_right_and_time_themselves(compiler):
    with libraries() as built:
        peers = load(built, make_problem("toy", 33))
        value = peers["C value"]
        assert value.out[0] == pytest.approx(make_problem("toy", 33).manual.value(value.x))
        for peer in peers.values():
            assert 0.0 < peer.timeit(10) < 1.0


@pytest.mark.slow
def test_command(compiler, capsys, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n\n{BEGIN}\n{END}\n")
    options = ["--dimensions", "1,50", "--backends", "numpy", "--seconds", "0.05"]
    assert main(["peers", *options, "--write", str(page)]) == 0
    assert "| C literal gradient" in capsys.readouterr().out
    assert "| numpy " in page.read_text()


def test_without_a_compiler(monkeypatch, capsys):
    monkeypatch.setenv("CC", "no-such-compiler")
    assert main(["peers", "--dimensions", "1", "--backends", "numpy", "--seconds", "0.05"]) == 2
    assert "install one" in capsys.readouterr().err


@pytest.mark.parametrize("dimensions", ["0,10", "ten", "1,,2"])
def test_bad_dimensions(dimensions, capsys):
    assert main(["peers", "--dimensions", dimensions]) == 2
    assert "--dimensions" in capsys.readouterr().err
