"""Reasons why benchmarks rot: other versions, libraries that give no number, a busy machine."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psutil

from ..backends import backend_names, describe
from ..errors import TrackError
from .stored import Stored, Wanted

# Of all cores; below it a single pinned core is still likely to be free.
BUSY = 0.3
WATCHED = 1.0  # seconds


def hold_to_pins(environment: Any, folder: Path) -> None:
    """Compare what an asv environment has with what asv.conf.json pins.

    Args:
        environment: asv's.
        folder: of all asv environments.

    Raises:
        TrackError: a library is missing or has another version; each is named.
    """
    listed = environment.run(["-m", "pip", "list", "--format=json", "--disable-pip-version-check"])
    present = {_normal(entry["name"]): entry["version"] for entry in json.loads(listed)}
    wrong: list[str] = []
    for requirement, version in environment.requirements.items():
        name = requirement.removeprefix("pip+")
        found = present.get(_normal(name))
        # 2.13.0+cpu is a build of 2.13.0
        if version and (found or "").partition("+")[0] != version:
            wrong.append(f"{name} {version} is pinned, {found or 'none'} is installed")
    if wrong:
        raise TrackError(
            f"the environment is not what asv.conf.json pins: {'; '.join(wrong)}. "
            f"To make it anew: rm -rf {folder}"
        )


def gone_quiet(now: Stored, before: Stored | None) -> list[str]:
    """The libraries without a single number, where the commit before had some."""
    if before is None:
        return []
    return sorted(_libraries(before.numbers()) - _libraries(now.numbers()))


def busy() -> str | None:
    """The load of other processes on this machine, in words; None if they leave it alone."""
    others = psutil.cpu_percent(interval=WATCHED) / 100.0
    times = psutil.cpu_times_percent(interval=WATCHED)
    stolen = getattr(times, "steal", 0.0) / 100.0
    if others < BUSY and stolen < BUSY:
        return None
    load = psutil.getloadavg()[0]
    cores = psutil.cpu_count() or 1
    return (
        f"the machine is busy: {others:.0%} of its {cores} cores are in use, its host takes "
        f"{stolen:.0%}, load {load:.1f}"
    )


def _libraries(numbers: Iterable[Wanted]) -> set[str]:
    known = set(backend_names())
    backends = {case.parameters[-1].strip("'") for case in numbers if case.parameters}
    return {describe(name).library for name in backends & known}


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")
