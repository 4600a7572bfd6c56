"""The pages of releases, from results that asv's own classes wrote."""

import json
import shutil
from dataclasses import replace

import pytest

from eam.releases import axes, index
from eam.releases.comparisons import Entry, add, path
from eam.report import releases
from eam.report.release_pages import write_releases

from .stored_results import Suite, around, store

OVERHEAD = "gradients.ToyOverhead.track_overhead"
FIRST_CALL = "startup.FirstCall.track_first_call"
# version -> the overhead at N = 100
JAX = {"0.6.2": 0.6, "0.7.0": 0.6, "0.7.2": 0.61, "0.8.0": 0.71, "0.8.1": 0.7}


def suite(number, overhead):
    """A run of an axis; runs differ in their commits."""
    cells = {(100, "jax"): around(overhead), (10_000, "jax"): around(0.4)}
    return Suite({OVERHEAD: cells, FIRST_CALL: {(10_000, "jax"): 0.3}}, commit=f"{number}" * 40)


@pytest.fixture
def results(tmp_path):
    """A folder of results with an axis of JAX: five releases with a number, one without."""
    suites = [suite(number, overhead) for number, overhead in enumerate(JAX.values())]
    store(tmp_path, *suites)
    top = tmp_path / "releases"
    top.mkdir()
    folder = shutil.move(tmp_path / "results", top / "jax") / "bench"
    stored = {str(number): version for number, version in enumerate(JAX)}
    for result in folder.glob("*-env.json"):
        note(folder, result.stem, stored[result.name[0]])
    note(folder, "none", "0.4.14", reason="jax<b>lib</b> 0.4.14 is not there")
    return top


def note(folder, stem, version, **more):
    known = index.find(index.releases("jax", offline=True), version)
    facts = {
        "library": "jax",
        "release": version,
        "uploaded": known.uploaded.isoformat(),
        "companion": known.companion,
        "python_locked": "3.11",
        "locked": {"numba": "0.68.1", "numpy": "2.2.6"},
        "packages": {"jax": version, "scipy": "1.15.3" if version < "0.8.1" else "1.16.0"},
        "installed_bytes": 300_000_000,
        **more,
    }
    (folder / f"{stem}.facts").write_text(json.dumps(facts))


def compared(seed, a="0.7.2", b="0.8.0", ratio=1.16):
    verdict = "SLOWER" if ratio > 1 else "faster"
    spread = {"ratio": ratio, "low": ratio - 0.02, "high": ratio + 0.02, "floor": 1.004}
    return Entry(
        a=a,
        b=b,
        environment="python3.11-numba0.68.1-numpy2.2.6.txt",
        model="toy",
        backend="jax",
        dimension=100,
        limit=1.03,
        verdict=verdict,
        seed=seed,
        measured="2026-11-24",
        **spread,
    )


def test_releases_are_read_in_the_order_of_their_versions(results):
    (found,) = releases.read(results)
    assert [r.version for r in found.releases] == ["0.4.14", *JAX]
    assert found.releases[0].run is None and "is not there" in found.releases[0].reason
    assert found.newest_measured.version == "0.8.1"
    assert found.newest == index.releases("jax", offline=True)[-1]
    assert found.cases("jax") == [("toy", 100), ("toy", 10_000)]
    assert found.faults == []


def test_an_overhead_that_moved_is_counted_and_is_no_step(results):
    (found,) = releases.read(results)
    assert found.moved == (1, 4)
    assert list(found.steps) == [] and found.largest_step is None


def test_a_step_needs_two_comparisons(results):
    add(
        path("jax", "bench", results), [compared(0), compared(0, ratio=1.2), compared(1, ratio=0.7)]
    )
    assert list(releases.read(results)[0].steps) == []
    add(path("jax", "bench", results), [compared(seed, "0.6.2", "0.7.0", 0.8) for seed in (0, 1)])
    (found,) = releases.read(results)
    assert [(step.a, step.b) for step in found.steps] == [("0.6.2", "0.7.0")]
    assert found.largest_step.ratio == 0.8


def test_what_nobody_meant_to_change_is_told(results):
    (found,) = releases.read(results)
    assert found.releases[-1].unmeant == ("scipy 1.15.3 → 1.16.0",)
    assert found.releases[-2].unmeant == ()


@pytest.mark.slow
def test_a_cause_is_no_step(results, tmp_path):
    changes = {"a": "0.8.0", "variables": "XLA_FLAGS=--off", "ratio": 0.9, "verdict": "faster"}
    entries = [replace(compared(seed), **changes) for seed in (0, 1)]
    add(path("jax", "bench", results), entries)
    (found,) = releases.read(results)
    assert (len(found.steps), len(found.causes)) == (0, 1)
    _, page = write_releases([found], tmp_path / "html")
    text = page.read_text(encoding="utf-8")
    assert "0.8.0 with <code>XLA_FLAGS=--off</code>" in text
    assert "gate jax==0.8.0 jax==0.8.0" in text and "--with &#39;XLA_FLAGS=--off&#39;" in text


@pytest.mark.slow
def test_the_page_of_a_library(results, tmp_path):
    add(path("jax", "bench", results), [compared(seed) for seed in (0, 1)])
    overview, page = write_releases(releases.read(results), tmp_path / "html")
    text = page.read_text(encoding="utf-8")
    assert "Releases of jax" in text and "5 releases measured" in text
    assert "+16 % at 0.8.0" in text and "jaxlib 0.7.2 → 0.8.0" in text
    assert "python -m eam gate jax==0.7.2 jax==0.8.0 --backends jax --dimensions 100" in text
    assert "also changed: scipy 1.15.3 → 1.16.0" in text
    # a reason from outside is escaped
    assert "jax&lt;b&gt;lib&lt;/b&gt; 0.4.14" in text
    assert f'href="{page.name}"' in overview.read_text(encoding="utf-8")
    assert "in 1 of 4 releases" in overview.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_busy_machine_and_a_gate_without_calibration_are_named(results, tmp_path):
    add(path("jax", "bench", results), [compared(seed) for seed in (0, 1)])
    _, page = write_releases(releases.read(results), tmp_path / "html")
    text = page.read_text(encoding="utf-8")
    assert "The machine was busy" not in text
    assert "How often that gate is wrong has not been measured yet" in text
    folder = results / "jax" / "bench"
    note(folder, "quiet", "0.4.14", load=[1.2, 1.0, 1.0])
    assert releases.read(results)[0].busy is None
    note(folder, "busy", "0.4.13", load=[9.0, 8.0, 7.0])
    (results / "calibration.jsonl").touch()
    _, page = write_releases(releases.read(results), tmp_path / "html")
    text = page.read_text(encoding="utf-8")
    assert "other processes made a load of 0 to 8" in text
    assert "How often that gate is wrong" not in text


def test_without_results_there_is_no_page(tmp_path):
    assert write_releases(releases.read(tmp_path), tmp_path / "html") == []
    assert not (tmp_path / "html").exists()


def test_facts_that_cannot_be_read_leave_the_release_out(results):
    (folder,) = (results / "jax").glob("bench")
    (folder / "broken.facts").write_text("{")
    (folder / "dateless.facts").write_text(json.dumps({"release": "0.7.1", "uploaded": "then"}))
    assert len(releases.read(results)[0].releases) == 1 + len(JAX)


def test_numpys_own_axis_is_over_the_best_by_hand():
    one = index.releases("numpy", offline=True)[-1]
    made = [releases.LibraryReleases(axes.axis(n), "m", [], [], [], one) for n in ("numpy", "jax")]
    assert [found.metric for found in made] == ["track_overhead_best", "track_overhead"]
