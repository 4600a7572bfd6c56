"""Batches: every case once, and none of them large."""

from eam.tracking.batches import TIMED_AT_ONCE, batches
from eam.tracking.stored import Wanted

BENCHMARKS = {
    "gradients.Toy.time_gradient": {},
    "gradients.ToyOverhead.track_overhead": {"setup_cache_key": "gradients.ToyOverhead:1"},
    "gradients.ToyOverhead.track_omega": {"setup_cache_key": "gradients.ToyOverhead:1"},
    "atoms.TabulatedOverhead.track_omega": {"setup_cache_key": "atoms.TabulatedOverhead:1"},
    "memory.Toy.peakmem_gradient": {"setup_cache_key": "memory.Toy:1"},
}
MISSING = [
    Wanted(name, (str(dimension), f"'backend{k}'"))
    for name in BENCHMARKS
    for dimension in (100, 4000)
    for k in range(10)
]


def test_every_case_is_in_one_batch():
    made = batches(MISSING, BENCHMARKS)
    assert sorted(case for batch in made for case in batch.cases) == sorted(MISSING)


def test_timed_batches_are_small_and_of_one_benchmark():
    for batch in batches(MISSING, BENCHMARKS):
        if not batch.reads:
            assert len(batch.cases) <= TIMED_AT_ONCE
            assert len({case.benchmark for case in batch.cases}) == 1
            assert batch.dimensions == ""


def test_what_a_kill_can_lose_takes_half_a_minute_at_most():
    """Of tracks, each answer of a measuring process is kept beside: see test_journal."""
    timed = [batch for batch in batches(MISSING, BENCHMARKS) if not batch.reads]
    assert timed
    assert all(0.0 < batch.seconds <= 30.0 for batch in timed)


def test_tracks_of_one_cache_are_read_together():
    reading = [batch for batch in batches(MISSING, BENCHMARKS) if batch.reads]
    assert [len(batch.cases) for batch in reading] == [40, 20]
    assert {batch.dimensions for batch in reading} == {"100,4000"}
    assert [str(batch) for batch in reading] == ["gradients.ToyOverhead", "atoms.TabulatedOverhead"]


def test_a_track_is_not_timed_and_a_peak_is():
    timed = {
        case.benchmark for b in batches(MISSING, BENCHMARKS) if not b.reads for case in b.cases
    }
    assert timed == {"gradients.Toy.time_gradient", "memory.Toy.peakmem_gradient"}
