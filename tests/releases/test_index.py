"""The list of releases: from a real index, served here, and from the committed table."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from eam.errors import PackageIndexError, UnknownNameError, UnknownReleaseError
from eam.releases import axes, index, pins
from eam.releases.index import Release


def test_releases_are_read_from_the_index_that_pip_uses(served):
    found = index.read_index(axes.axis("autograd"))
    # not: older than the axis, of a made-up date, yanked, a candidate, no wheel
    assert [release.version for release in found] == ["1.5", "1.8.0"]
    assert found[0].uploaded == datetime(2022, 9, 29, 7, 9, 36, tzinfo=UTC)
    assert found[0].pythons == axes.PYTHONS
    assert found[1].pythons == ("3.12", "3.13")


def test_jaxlib_is_the_newest_that_is_not_newer_and_decides_on_the_python(served):
    found = index.read_index(axes.axis("jax"))
    assert [(r.version, r.companion, r.pythons) for r in found] == [
        ("0.4.37", "0.4.36", ("3.11",)),
        ("0.4.38", "0.4.38", ("3.12",)),
    ]


def test_llvmlite_is_the_newest_of_the_day(served):
    (found,) = index.read_index(axes.axis("numba"))
    assert found.companion == "0.44.0"


def test_the_newest_release_is_told_for_one_python_and_for_any(served):
    assert index.newest("autograd", "3.11") == ("1.6", "1.8.0")
    assert index.newest("autograd", "3.13") == ("1.8.0", "1.8.0")
    assert index.newest("numba", "3.12") == (None, "0.61.2")
    with pytest.raises(PackageIndexError, match="nosuch"):
        index.newest("nosuch", "3.11")


def test_a_pin_is_behind_since_the_first_newer_release_for_its_python(served):
    assert index.newer("autograd", "1.6", "3.13").keys() == {"1.8.0"}
    assert index.newer("autograd", "1.6", "3.11") == {}
    began = datetime.now(UTC) - pins.behind("llvmlite", "0.43.0", "3.11")
    assert abs(began - datetime(2025, 1, 20, tzinfo=UTC)) < timedelta(hours=1)
    assert pins.behind("llvmlite", "0.45.0", "3.11") is None
    with pytest.raises(PackageIndexError, match=r"no date of autograd 1\.6"):
        index.newer("autograd", "1.5", "3.11")


@pytest.mark.parametrize(
    ("version", "hold", "tolerated", "status", "says"),
    [
        ("0.4.38", "", 0, 0, ""),
        ("0.4.37", "", 10**6, 0, "jax 0.4.37 has been behind for"),
        ("0.4.37", "", 0, 1, "bump it in asv.conf.json and constraints.txt"),
        ("0.4.37", "  # held: it is slow", 0, 0, "it is held: it is slow"),
    ],
)
def test_a_pin_may_be_behind_for_some_time(
    served, monkeypatch, tmp_path, capsys, version, hold, tolerated, status, says
):
    matrix = {"req": {"jax": [version, None], "pip+asv_runner": ["0.1"]}}
    tmp_path.joinpath("asv.conf.json").write_text(
        json.dumps({"version": 1, "repo": ".", "matrix": matrix})
    )
    tmp_path.joinpath("constraints.txt").write_text(f"numpy==2.0\njax=={version}{hold}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pins, "TOLERATED", timedelta(days=tolerated))
    assert pins.main() == status
    assert says in capsys.readouterr().out


def test_an_index_out_of_reach_leaves_pins_unknown(monkeypatch, capsys):
    monkeypatch.setattr(index, "_address", lambda: "http://127.0.0.1:9")
    assert pins.main() == 0
    assert "unknown: the package index does not answer" in capsys.readouterr().err


def test_an_index_out_of_reach_leaves_the_table(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    index._address.cache_clear()
    with pytest.raises(PackageIndexError, match="does not answer for autograd"):
        index.read_index(axes.axis("autograd"))
    assert index.releases("autograd") == index.releases("autograd", offline=True)
    index._address.cache_clear()


def test_the_table_has_every_axis_by_date_and_no_made_up_date():
    for library in axes.libraries():
        table = index.releases(library, offline=True)
        assert len(table) >= 5
        assert [release.uploaded for release in table] == sorted(r.uploaded for r in table)
        assert all(release.uploaded.year > 2021 for release in table)


def test_only_what_is_newer_is_added():
    table = index.releases("autograd", offline=True)
    late = Release("autograd", "9.9", datetime(2099, 1, 1, tzinfo=UTC), ("3.11",))
    early = Release("autograd", "1.6.3", table[3].uploaded, ("3.11",))
    assert index.extended(table, [late, early, *table]) == [*table, late]


def test_unknown_names_are_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'autograd'"):
        axes.axis("autogard")
    table = index.releases("jax", offline=True)
    with pytest.raises(
        UnknownReleaseError, match=r"nearest are 0\.7\.1, 0\.7\.2, 0\.8\.0, 0\.8\.1"
    ):
        index.find(table, "0.7.9")
    with pytest.raises(UnknownReleaseError, match="'newest' is no version; give one such as"):
        index.find(table, "newest")
    assert index.find(table, "0.7.2").name == "jax-0.7.2"
