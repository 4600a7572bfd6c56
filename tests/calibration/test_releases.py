"""The calibration of the gate of releases: which trial comes next, and what the page counts."""

from eam.calibration import releases
from eam.calibration.releases import Trial


def trial(extra, verdict="same", dimension=100, ratio=1.0):
    return Trial("jax==0.7.2", "jax", dimension, extra, ratio, 1.004, verdict)


def test_most_trials_are_without_extra_work():
    trials = []
    for _ in range(14):
        trials.append(trial(releases.next_extra(trials)))
    extras = [one.extra for one in trials]
    assert extras[:7] == [0.0] * 5 + [0.05, 0.10]
    assert extras == extras[:7] * 2


def test_trials_are_kept(tmp_path):
    store = tmp_path / "trials.jsonl"
    assert releases.load(store) == []
    store.write_text('{"release": "jax==0.7.2", "backend": "jax", "dimension": 100, "extra": 0.05, '
                     '"ratio": 1.05, "floor": 1.0, "verdict": "SLOWER"}\n')  # fmt: skip
    (found,) = releases.load(store)
    assert (found.extra, found.verdict) == (0.05, "SLOWER")


def test_the_page_counts_what_was_called_a_step():
    trials = [trial(0.0), trial(0.0, ratio=1.01), trial(0.05, "SLOWER", ratio=1.05), trial(0.05)]
    text = releases.page(trials)
    assert "| jax==0.7.2 | 100 | 0% | 2 | 0 | 1.000 to 1.010 |" in text
    assert "| jax==0.7.2 | 100 | 5% | 2 | 1 | 1.000 to 1.050 |" in text
