"""Models by libraries: who works where, and how it stands there."""

from dataclasses import replace

import pytest

from eam.report.matrix import matrix
from eam.report.names import refusal
from eam.report.ratios import Score
from eam.report.results import OVERHEAD, Key
from eam.report.summary import library_sentence, matrix_headline
from tests.report.stored_results import Suite, around, read

TOY, TABULATED = "gradients.ToyOverhead", "atoms.TabulatedOverhead"
SUTTON = "atoms.SuttonChenOverhead"


def overheads(benchmark, dimension, ratios, best=20.0):
    """Overheads over NumPy, and over a gradient by hand that is `best` times as fast."""
    return {
        f"{benchmark}.track_overhead": {(dimension, b): around(r) for b, r in ratios.items()},
        f"{benchmark}.track_overhead_best": {
            (dimension, b): around(r * best) for b, r in ratios.items()
        },
    }


@pytest.fixture
def found(tmp_path):
    def make(**cells):
        return matrix(read(tmp_path, Suite(cells)))

    return make


@pytest.fixture
def three(found):
    return found(
        **overheads(TOY, 100, {"numpy": 1.0, "jax": 0.5, "jax-custom": 0.1, "casadi": 0.8}),
        **overheads(TABULATED, 4000, {"numpy": 1.0, "jax": 2.0, "jax-blocked": 1.2, "torch": 9.0}),
        **overheads(SUTTON, 4000, {"numpy": 1.0, "jax": 0.6, "torch": 8.0}),
    )


def test_real_potentials_come_first_and_the_toy_last(three):
    assert [results.model for results in three.columns] == ["tabulated", "sutton-chen", "toy"]


def test_a_library_goes_by_its_fastest_backend_without_a_hand_written_rule(three):
    jax = next(row for row in three.rows if row.library == "jax")
    assert [place.verdict.backend for place in jax.places] == ["jax-blocked", "jax", "jax"]
    assert [place.over("numpy").value for place in jax.places] == [1.2, 0.6, 0.5]
    assert [place.over("best").value for place in jax.places] == pytest.approx([24.0, 12.0, 10.0])
    assert [place.score("numpy") for place in jax.places] == [Score.CLOSE, Score.AHEAD, Score.AHEAD]
    assert {place.score("best") for place in jax.places} == {Score.BEHIND}
    assert jax.numpy.mean == pytest.approx((1.2 * 0.6 * 0.5) ** (1 / 3))


def test_what_is_missing_counts_as_missing_and_is_in_no_mean(three):
    rows = {row.library: row for row in three.rows}
    casadi = rows["casadi"]
    assert casadi.numpy.missing == ["tabulated", "sutton-chen"]
    assert (casadi.numpy.works, casadi.numpy.count(Score.AHEAD)) == (1, 1)
    assert (casadi.numpy.mean, casadi.numpy.mean_of) == (pytest.approx(0.8), 1)
    first, *_ = casadi.places
    assert (first.why, first.verdict) == ("not run", None)
    assert "cannot index positions by pair" in first.reason
    assert first.reason == refusal("tabulated", 4000, "casadi")
    # a library without a number has a row all the same
    assert rows["pytensor"].numpy.works == 0
    assert rows["pytensor"].numpy.mean is None


def test_the_rows_are_ranked_by_on_how_many_models_a_library_is_as_fast(three):
    assert [row.library for row in three.rows][:3] == ["jax", "casadi", "torch"]


def test_a_library_without_a_mean_comes_after_one_with_a_mean(found):
    times = {(100, "numpy"): around(1.0), (100, "jax"): around(2.0)}
    cells = overheads(TOY, 100, {"numpy": 1.0, "torch": 3.0})
    rows = found(**cells, **{"gradients.Toy.time_gradient": times}).rows
    assert [row.library for row in rows if row.numpy.works] == ["torch", "jax"]


def test_a_reason_that_is_known_goes_before_none(tmp_path):
    run = read(tmp_path, Suite(overheads(TOY, 100, {"numpy": 1.0})))
    missing = {"torch": ("n/a", ""), "torch-compile": ("n/a", "no compiler"), "jax": ("failed", "")}
    toy = run.model("toy")
    stored = {Key(OVERHEAD, 100, backend): why for backend, why in missing.items()}
    results = {"toy": replace(toy, missing=stored)}
    places = {row.library: row.places[0] for row in matrix(replace(run, results=results)).rows}
    assert (places["torch"].why, places["torch"].reason) == ("n/a", "no compiler")
    assert (places["jax"].why, places["jax"].reason) == ("failed", "")


def test_times_of_separate_processes_are_not_clear_and_in_no_mean(found):
    times = {(100, "numpy"): around(1.0), (100, "jax"): around(0.1)}
    (row,) = [r for r in found(**{"gradients.Toy.time_gradient": times}).rows if r.library == "jax"]
    assert (row.numpy.scores, row.numpy.mean) == ({"toy": Score.UNCLEAR}, None)


def test_a_failure_says_so_before_what_was_not_offered(found):
    failed = {f"{TOY}.track_overhead": {(100, "jax"): None, (100, "numpy"): around(1.0)}}
    places = {row.library: row.places[0] for row in found(**failed).rows}
    assert (places["jax"].why, places["jax"].reason) == ("failed", "")
    assert places["torch"].why == "not run"


def answers(table):
    return [(a["answer"], a["standing"]) for a in matrix_headline(table, "c" * 40)]


def test_the_headline(found, three):
    assert answers(three) == [("Yes, with jax.", "ahead"), ("Not yet.", "behind")]
    first, second = matrix_headline(three, "c" * 40)
    assert first["details"] == [
        "On 3 models it is ahead of the NumPy gradient or within 1.25×.",
        "Over the NumPy gradient, in the geometric mean: jax 0.71× on 3 models, torch 8.5× on "
        "2 models and casadi 0.80× on 1 model.",
    ]
    assert "Over the best gradient by hand" in second["details"][0]


@pytest.mark.parametrize(
    ("cells", "answer"),
    [
        (
            {
                **overheads(TOY, 100, {"numpy": 1.0, "jax": 3.0, "torch": 1.1}),
                **overheads(SUTTON, 4000, {"numpy": 1.0, "jax": 3.0}),
            },
            ("On 1 of 2 models, with torch.", "later"),
        ),
        (overheads(TOY, 100, {"numpy": 1.0, "jax": 3.0}), ("Not yet.", "behind")),
        (
            {"gradients.Toy.time_gradient": {(100, "numpy"): 1.0, (100, "jax"): 0.1}},
            ("Cannot say.", "unpaired"),
        ),
        ({f"{TOY}.track_overhead": {(100, "numpy"): 1.0}}, ("Not measured.", "unpaired")),
    ],
)
def test_the_headline_of_other_results(found, cells, answer):
    assert answers(found(**cells))[0] == answer


def test_a_library_in_one_sentence(three):
    sentences = {row.library: library_sentence(row) for row in three.rows}
    assert sentences["jax"] == (
        "jax 0.10.2 works on 3 of 3 models; over NumPy ahead on 2, within 1.25× on 1, geometric "
        "mean 0.71×; over the best by hand behind on 3, geometric mean 14×"
    )
    assert sentences["casadi"].endswith("missing on tabulated and sutton-chen")
    assert sentences["pytensor"] == "pytensor works on 0 of 3 models"
