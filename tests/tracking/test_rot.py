"""A run reports what lets benchmarks rot."""

import json
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from eam.errors import TrackError
from eam.tracking import rot
from eam.tracking.rot import busy, gone_quiet, hold_to_pins
from eam.tracking.stored import Wanted


class Environment:
    """An environment as asv describes it, with what pip lists in it."""

    def __init__(self, pinned, installed):
        self.requirements = pinned
        self.installed = installed

    def run(self, arguments):
        assert arguments[:2] == ["-m", "pip"]
        return json.dumps([{"name": n, "version": v} for n, v in self.installed.items()])


class Numbers:
    def __init__(self, *backends):
        self.backends = backends

    def numbers(self):
        return {
            Wanted("gradients.Toy.time_gradient", ("100", f"'{b}'")): 1.0 for b in self.backends
        }


def test_an_environment_that_is_as_pinned_passes():
    pinned = {"numpy": "2.4.6", "pip+asv_runner": "0.3.2", "enzyme-ad": "", "torch": "2.13.0"}
    installed = {"numpy": "2.4.6", "asv-runner": "0.3.2", "torch": "2.13.0+cpu"}
    hold_to_pins(Environment(pinned, installed), Path("env"))


def test_a_missing_and_another_version_are_named():
    environment = Environment({"numpy": "2.4.6", "jax": "0.10.2"}, {"numpy": "2.4.5"})
    with pytest.raises(TrackError) as error:
        hold_to_pins(environment, Path("env"))
    assert "numpy 2.4.6 is pinned, 2.4.5 is installed" in str(error.value)
    assert "jax 0.10.2 is pinned, none is installed" in str(error.value)
    assert "rm -rf env" in str(error.value)


def test_a_library_that_lost_all_its_numbers_is_named():
    assert gone_quiet(Numbers("numpy", "jax-sync"), Numbers("numpy", "jax")) == []
    assert gone_quiet(Numbers("numpy"), Numbers("numpy", "jax", "torch")) == ["jax", "torch"]
    assert gone_quiet(Numbers("numpy"), None) == []
    assert gone_quiet(Numbers("numpy"), Numbers("a-backend-of-old")) == []


def test_a_machine_whose_cores_are_all_in_use_is_busy(monkeypatch):
    monkeypatch.setattr(rot, "WATCHED", 0.3)
    endless = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(endless) for _ in range(psutil.cpu_count())]
    try:
        said = busy()
        monkeypatch.setattr(rot, "BUSY", 1.1)  # more than there is
        assert busy() is None
    finally:
        for process in others:
            process.kill()
            process.wait()
    assert re.fullmatch(
        r"the machine is busy: \d+% of its \d+ cores are in use, its host takes \d+%, load \d+\.\d",
        said,
    )
