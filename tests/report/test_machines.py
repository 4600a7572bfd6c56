"""Machines side by side."""

from eam.report.machines import side_by_side
from eam.report.matrix import matrix
from tests.report.stored_results import Suite, around, read

OVERHEAD = "gradients.ToyOverhead.track_overhead"


def on(folder, **ratios):
    folder.mkdir()
    cells = {(100, name): around(value) for name, value in ratios.items()}
    return matrix(read(folder, Suite({OVERHEAD: cells})))


def test_where_verdicts_agree_and_where_not(tmp_path):
    one = on(tmp_path / "one", numpy=1.0, jax=0.5, torch=20.0, autograd=1.0, casadi=0.1)
    other = on(tmp_path / "other", numpy=1.0, jax=3.0, torch=30.0, autograd=1.0)
    found = side_by_side([("one", one), ("other", other)])
    assert found["machines"] == ["one", "other"]
    agreement = {row["library"]: row["agreement"] for row in found["rows"]}
    assert agreement == {"jax": "other", "torch": "same", "autograd": "same"}
    assert found["rows"][0]["library"] == "jax", "where they disagree comes first"
    assert [entry["value"] for entry in found["rows"][0]["on"]] == [0.5, 3.0]
    assert {row["library"]: row["holds"] for row in found["rows"]} == {
        "jax": "ahead on 1 of 2, behind on other",
        "torch": "behind on all 2",
        "autograd": "within 1.25× on all 2",
    }
    assert found["sentence"] == (
        "Of 3 verdicts that more than one of them has, they agree on 2 and disagree on 1."
    )


def test_one_machine_is_beside_nothing(tmp_path):
    assert side_by_side([("one", on(tmp_path / "one", numpy=1.0))]) is None


def test_an_unclear_verdict_is_no_disagreement(tmp_path):
    one = on(tmp_path / "one", numpy=1.0, jax=0.5)
    cells = {(100, "jax"): [0.5, 3.0, 0.4, 2.0] * 5}
    (tmp_path / "other").mkdir()
    other = matrix(read(tmp_path / "other", Suite({OVERHEAD: cells})))
    (row,) = side_by_side([("one", one), ("other", other)])["rows"]
    assert row["agreement"] == "unclear"
    assert row["holds"] == "ahead on 1 of 2, not clear on other"


def test_the_verdict_of_most_machines_is_the_one_that_holds(tmp_path):
    found = side_by_side(
        [
            (name, on(tmp_path / name, numpy=1.0, jax=jax))
            for name, jax in zip("abc", (3.0, 0.5, 0.4), strict=True)
        ]
    )
    assert found["rows"][0]["holds"] == "ahead on 2 of 3, behind on a"
