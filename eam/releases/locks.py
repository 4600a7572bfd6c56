"""Locks: every package that one release is measured with, pinned.

A release has a lock for each Python that it has files for, and for each stretch of its axis, so
one for both sides of every join. The lock with the oldest Python is the one that is measured, and
at a join both.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from packaging.utils import canonicalize_name

from .axes import BASE, BASE_NEEDS, Axis, Stretch, axis, held
from .index import Release

# what a time is divided by: asv stores the versions of these with each result
DENOMINATORS = ("numba", "numpy")


@dataclass(frozen=True)
class Environment:
    """The part of an environment that is equal along a stretch of an axis, shown with its results.

    Attributes:
        python: its version, such as 3.11.
        requirements: of DENOMINATORS, those that do not move: package -> version.
    """

    python: str
    requirements: tuple[tuple[str, str], ...]

    @property
    def file(self) -> str:
        """The name of its lock in the tree of a release."""
        pins = "".join(f"-{name}{version}" for name, version in self.requirements)
        return f"python{self.python}{pins}.txt"


@dataclass(frozen=True)
class Lock:
    """One release in one environment.

    Attributes:
        release: what is locked.
        environment: what is equal to its neighbours' on the axis.
        pins: package -> version or address of a wheel, everything that is installed, except eam.
    """

    release: Release
    environment: Environment
    pins: Mapping[str, str]

    @property
    def text(self) -> str:
        """As a requirements file."""
        head = f"# {self.release.library} {self.release.version}, Python {self.environment.python}"
        pins = (
            f"{name} @ {pin}" if ":" in pin else f"{name}=={pin}"
            for name, pin in sorted(self.pins.items())
        )
        return "\n".join([head, *pins, ""])


def locks(release: Release) -> list[Lock]:
    """All locks of a release: its Pythons, oldest first, by its stretches, oldest first."""
    along = axis(release.library)
    return [
        _lock(along, release, python, stretch)
        for stretch in along.stretches
        if stretch.holds(release.order)
        for python in release.pythons
        if python in stretch.pythons
    ]


def _lock(along: Axis, release: Release, python: str, stretch: Stretch) -> Lock:
    names = (*BASE, *BASE_NEEDS, *along.needs)
    pins = {name: held()[name] for name in names if name in held()} | dict(stretch.pins)
    pins[canonicalize_name(along.library)] = release.version
    if along.companion:
        pins[along.companion] = release.companion
    moving = (along.library, along.companion)
    fixed = tuple((n, pins[n]) for n in DENOMINATORS if n in pins and n not in moving)
    return Lock(release, Environment(python, fixed), MappingProxyType(pins))


def measured(releases: Sequence[Release]) -> dict[Release, list[Lock]]:
    """The locks to measure: one for each release, and two at a join of Pythons or of NumPys.

    A release without a file for any Python has none.

    Args:
        releases: of one axis.
    """
    ordered = sorted(releases, key=lambda release: release.order)
    chosen = {release: _first_of_each_stretch(locks(release)) for release in ordered}
    for older, newer in itertools.pairwise(release for release in ordered if chosen[release]):
        here = {lock.environment for lock in chosen[older]}
        there = {lock.environment for lock in chosen[newer]}
        if not here & there:
            # the older release on the newer one's Python, where it has files for that
            chosen[older] += [lock for lock in locks(older) if lock.environment in there]
    return chosen


def _first_of_each_stretch(every: Sequence[Lock]) -> list[Lock]:
    """Of the locks that differ in nothing but Python, the one with the oldest."""
    first: dict[tuple[tuple[str, str], ...], Lock] = {}
    for lock in every:
        first.setdefault(lock.environment.requirements, lock)
    return list(first.values())


def environments(chosen: Mapping[Release, Sequence[Lock]]) -> Iterator[Environment]:
    """Every environment of some locks once."""
    yield from dict.fromkeys(lock.environment for some in chosen.values() for lock in some)
