"""The line that ends asv's comparisons: its numbers are those that are stored."""

from eam.calibration import last_line, rounds
from eam.calibration.rounds import Done, Trial


def test_the_numbers_are_the_stored_ones(tmp_path):
    store = rounds.store_in(tmp_path)
    assert "nobody has measured" in last_line.line(store)
    trials = [
        Trial(last_line.RULE, "0 %", "jax", n, mark) for n, mark in enumerate(["+", "-", "", ""])
    ]
    trials += [
        Trial(last_line.RULE, "5 %", "jax", n, mark) for n, mark in enumerate(["+", "-", ""])
    ]
    trials.append(Trial("asv continuous, factor 1.025", "0 %", "jax", 1, "+"))
    rounds.write(store, {"asv continuous": Done("protocol", "machine", 2, 1.0, trials)})
    said = last_line.line(store)
    assert "in 2 of 4 cases of identical code, and a slowdown of 5 % in 1 of 3 " in said
    assert "eam gate" in said
