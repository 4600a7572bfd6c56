"""What keeps a node from measuring, and what joins two."""

import pytest

from eam.sweep.bridge import Bridge
from eam.sweep.nodes import refusal
from tests.sweep import quick


def test_a_node_like_the_client_may_measure():
    assert refusal(quick.examine(), quick.examine()) is None


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"eam": "0.0.1"}, "it has eam 0.0.1, the client"),
        ({"suite": "f" * 40}, "its checkout is at ffff"),
        ({"python": "3.99"}, "it runs Python 3.99"),
        ({"lacks": ["pip", "uv"]}, "it has no pip and uv; install it there"),
        ({"free": 10**9}, "1.0 GB are free on its disk, less than 2 GB"),
        ({"clock": 0.0}, "min behind"),
        ({"machine": "fast"}, "it calls itself fast and is some-cpu-2-cores; unset EAM_MACHINE"),
    ],
)
def test_a_node_that_differs_is_refused_with_the_reason(other, says):
    assert says in refusal({**quick.examine(), **other}, quick.examine())


def test_a_clock_that_is_an_hour_off():
    ours = quick.examine()
    ahead = refusal({**ours, "clock": ours["clock"] + 3600.0}, ours)
    assert ahead == "its clock is 60 min ahead"


@pytest.fixture
def bridge(tmp_path):
    made = Bridge(tmp_path / "sweep" / "bridge.json")
    job = quick.jobs("nowhere")[0]
    made.begin("first", job, quick.answer(job))
    return made


@pytest.mark.parametrize(
    ("factor", "control", "says"),
    [
        (1.0, 1.0, None),
        (1.04, 0.7, None),
        (0.9, 1.0, "commits aaaaaaaa one gradient gives 0.90 times the numbers of first"),
        (1.06, 1.0, "gives 1.06 times"),
        (1.0, 1.8, "its control takes 1.80 times that of first"),
    ],
)
def test_a_node_joins_within_the_floor(bridge, factor, control, says):
    why = bridge.join("second", quick.answer(bridge.job, factor, control))
    assert why is None if says is None else says in why
    kept = Bridge.load(bridge.file)
    assert kept.hosts == ["first"] + ["second"] * (says is None)
    assert (kept.job, kept.numbers, kept.control) == (bridge.job, bridge.numbers, 1.0)


def test_a_job_without_numbers_is_no_yardstick(tmp_path):
    made = Bridge.load(tmp_path / "none.json")
    made.begin("first", quick.release(), quick.Answer({}))
    assert made.job is None
    assert not made.file.exists()


def test_a_node_that_gives_no_number_for_it_does_not_join(bridge):
    assert "gave no number" in bridge.join("second", quick.Answer({}, control=1.0))
