"""Looking up the newest releases."""

from eam.releases import index
from eam.tracking.newest import newest_releases


def test_an_index_out_of_reach_leaves_them_unknown(monkeypatch):
    monkeypatch.setattr(index, "_address", lambda: "http://127.0.0.1:9")
    assert newest_releases(["numpy", "jax"], "3.11") is None
