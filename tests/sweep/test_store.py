"""What nodes give back: merged by cell, and refused if it is not what was asked for."""

import json
from pathlib import Path

import pytest

from eam.report.asv_format import FormatError
from eam.sweep import store
from tests.sweep import quick


@pytest.fixture
def job():
    return quick.jobs("nowhere")[0]


def test_the_parts_of_a_commit_end_in_one_file(tmp_path):
    first, second, *_ = jobs = quick.jobs(tmp_path)
    for job in jobs:
        assert not store.is_stored(job, tmp_path, quick.BENCHMARKS)
        store.merge(job, quick.answer(job).files, tmp_path)
        assert store.is_stored(job, tmp_path, quick.BENCHMARKS)
    assert quick.jobs(tmp_path) == []
    assert first.file == second.file
    assert json.loads((tmp_path / quick.MACHINE / "machine.json").read_text())["cpu"] == "Some CPU"
    facts = json.loads((tmp_path / first.file).with_suffix(".facts").read_text())
    assert set(facts["seconds_by_part"]) == {"one gradient", "two gradient", "two virial"}


def test_only_the_cells_of_a_job_change(tmp_path, job):
    store.merge(job, quick.answer(job).files, tmp_path)
    some = quick.Job(**{**vars(job), "cases": job.cases[:1]})
    store.merge(some, quick.answer(some, factor=2.0).files, tmp_path)
    name = job.cases[0].benchmark
    row = json.loads((tmp_path / job.file).read_text())["results"][name]
    known = quick.content(job)["results"][name]
    assert row[0] == [2.0 * known[0][0], *known[0][1:]]
    assert row[5][1:] == known[5][1:]


def test_a_new_version_of_a_benchmark_replaces_the_old_row(tmp_path, job):
    store.merge(job, quick.answer(job).files, tmp_path)
    some = quick.Job(**{**vars(job), "cases": job.cases[:1]})
    results = quick.content(some)["results"]
    results[job.cases[0].benchmark][2] = "2"
    store.merge(some, quick.answer(some, results=results).files, tmp_path)
    row = json.loads((tmp_path / job.file).read_text())["results"][job.cases[0].benchmark]
    assert row[2] == "2"
    assert row[0][1] != row[0][1]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"commit_hash": "f" * 40}, "it is of the commit f"),
        ({"env_name": "other"}, "it is of the environment other, not env"),
        ({"params": {**quick.ABOUT, "machine": "mine"}}, "it is of the machine mine"),
        ({"params": {**quick.ABOUT, "num_cpu": "64"}}, "measured on some-cpu-64-cores"),
        ({"results": {"a": "b"}}, "a is no row"),
        ({"version": 1}, "older format"),
    ],
)
def test_a_result_of_something_else_is_not_stored(tmp_path, job, changed, says):
    with pytest.raises(FormatError, match=says):
        store.merge(job, quick.answer(job, **changed).files, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "neither results nor a reason"),
        ({"../outside.json": b"{}"}, "outside.json was not asked for"),
        ({f"{quick.MACHINE}/cccccccc-locked.json": b"{"}, "not JSON"),
        ({f"{quick.MACHINE}/cccccccc-locked.facts": b"[]"}, "facts is no object"),
        ({f"{quick.MACHINE}/cccccccc-locked.reasons": b'{"a": 1}'}, "a reason is no text"),
    ],
)
def test_files_that_are_no_results_are_not_stored(tmp_path, files, says):
    with pytest.raises(FormatError, match=says):
        store.merge(quick.release(), files, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_release_that_cannot_be_installed_is_stored_with_its_reason(tmp_path):
    job = quick.release()
    facts = Path(job.file).with_suffix(".facts")
    store.merge(job, {str(facts): b'{"reason": "no wheel"}'}, tmp_path)
    assert store.is_stored(job, tmp_path, {})
    assert "no wheel" in (tmp_path / facts).read_text()
