"""The age that a page gives a run."""

import pytest

from eam.report.freshness import DAY, freshness
from tests.report.stored_results import Suite, around, read

NEWEST = {
    "numpy": {"here": "2.4.6", "any": "2.5.5"},
    "jax": {"here": "0.10.2", "any": "0.10.2"},
}


@pytest.fixture
def run(tmp_path):
    cells = {"gradients.ToyOverhead.track_overhead": {(100, "jax"): around(1.2)}}
    return read(tmp_path, Suite(cells))


def with_facts(run, newest):
    run.__dict__.update(facts={"newest": newest, "python": "3.11.7"}, measured=1_000 * DAY)
    return run


def said(run, days=0, behind=None):
    return " ".join(freshness(run, (1_000 + days) * DAY, behind)["sentences"])


def test_days_and_commits(run):
    text = said(with_facts(run, {}), days=94, behind=12)
    assert "Measured on 27 Sep 1972, 94 days before this page was written." in text
    assert "Its commit is 12 behind the newest." in text
    assert "Its commit is the newest." in said(run, behind=0)
    assert "on the day this page" in said(run)


def test_releases_that_exist_by_now(run):
    text = said(with_facts(run, NEWEST))
    assert "numpy 2.5.5 exists; measured: 2.4.6 (the newest for Python 3.11)." in text
    assert "jax" not in text
    other = {"jax": {"here": "0.11.0", "any": "0.12.0.1"}}
    assert "jax 0.12.0.1 exists, 0.11.0 for Python 3.11; measured: 0.10.2." in said(
        with_facts(run, other)
    )
    alike = {"jax": {"here": "0.12.0", "any": "0.12.0"}, "numpy": {"here": None, "any": "9"}}
    text = said(with_facts(run, alike))
    assert "jax 0.12.0 exists; measured: 0.10.2. numpy 9 exists; measured: 2.4.6." in text


def test_what_is_not_known_is_said(run):
    assert "was not looked up" in said(with_facts(run, None))
    assert "Every library was the newest" in said(with_facts(run, {}))
    run.__dict__.update(measured=None)
    assert "When it was measured is not recorded." in said(run)
