"""The fit of tungsten by force matching, at a small size."""

import sys
from pathlib import Path

import pytest

pytest.importorskip("scipy")
sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))
import fit


@pytest.mark.slow
def test_it_ends_at_the_published_parameters_by_hand_and_by_ad(capsys):
    found = fit.main(16, 3, ("numpy", "autograd"))
    assert set(found) == {"numpy", "autograd"}
    assert max(found.values()) < 1e-5
    printed = capsys.readouterr().out.splitlines()
    evaluations = [int(line.split()[1]) for line in printed]
    assert max(evaluations) < 500
