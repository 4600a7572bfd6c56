"""The two sides of a comparison of releases, as a user writes them.

A side is a release (``jax==0.7.2``), a wheel file of the library or of what is released with it,
or a Python (``python==3.12``), which is the other side's release on that Python.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from ..errors import InputError
from .axes import PYTHONS, axis, libraries
from .index import Release, find, releases
from .locks import Lock, locks

PYTHON = "python"


class Side(NamedTuple):
    """One side: the name before ==, what stands behind it, and the wheel where it is one."""

    name: str
    version: str
    wheel: Path | None = None


def is_side(text: str) -> bool:
    """Whether a text names a release, a wheel or a Python, and no commit."""
    return "==" in text or text.endswith(".whl")


def parse(text: str) -> Side:
    """A side from its text.

    Raises:
        InputError: it names none; the message says what does.
    """
    if text.endswith(".whl"):
        path = Path(text)
        try:
            name, version, _, _ = parse_wheel_filename(path.name)
        except InvalidWheelFilename as error:
            raise InputError(f"{text} is not named as wheels are: {error}") from None
        if not path.is_file():
            raise InputError(f"there is no wheel {text}")
        return Side(_library_of(str(name)), str(version), path.resolve())
    name, equal, version = text.partition("==")
    if not equal or not version:
        raise InputError(
            f"{text!r} names no release; give LIBRARY==VERSION such as jax==0.7.2, a wheel file, "
            "or python==3.12"
        )
    if name == PYTHON and version not in PYTHONS:
        raise InputError(f"no Python {version} here; give one of {', '.join(PYTHONS)}")
    return Side(name if name == PYTHON else axis(name).library, version)


def _library_of(package: str) -> str:
    """The library that a package is, or is released with."""
    for library in libraries():
        if package in (library, axis(library).companion):
            return library
    raise InputError(f"no axis of releases holds {package}; there are {', '.join(libraries())}")


def pair(first: Side, second: Side) -> tuple[Lock, Lock]:
    """The locks of two sides: in one environment, unless a side is a Python.

    Where no environment serves both, each has its own, and NumPy or Python differs too.

    Raises:
        InputError: the sides are of two libraries, or of none.
        UnknownReleaseError: a release that the axis does not have.
    """
    named = [side for side in (first, second) if side.name != PYTHON]
    if not named:
        raise InputError("both sides are Pythons; name a release too, such as jax==0.10.2")
    if len({side.name for side in named}) > 1:
        raise InputError(f"{first.name} and {second.name} are two libraries; compare one")
    known = releases(named[0].name)
    a, b = (_locks(side, named[-1 if at else 0], known) for at, side in enumerate((first, second)))
    if PYTHON in (first.name, second.name):
        # the same NumPy on both sides
        return next(
            ((x, y) for x in a for y in b if _pins(x) == _pins(y)),
            (a[0], b[0]),
        )
    return next(
        ((x, y) for x in a for y in b if x.environment == y.environment),
        (a[0], b[0]),
    )


def _pins(lock: Lock) -> Mapping[str, str]:
    return dict(lock.environment.requirements)


def _locks(side: Side, named: Side, known: Sequence[Release]) -> list[Lock]:
    """The locks that a side may have, the preferred first."""
    if side.name == PYTHON:
        found = [
            lock for lock in _locks(named, named, known) if lock.environment.python == side.version
        ]
        if not found:
            raise InputError(f"{named.name} {named.version} has no lock for Python {side.version}")
        return found
    if side.wheel is None:
        release = find(known, side.version)
        found = locks(release)
        if not found:
            raise InputError(f"{release.name} has files for no Python of {', '.join(PYTHONS)}")
        return found
    return _of_wheel(side, side.wheel, known)


def _of_wheel(side: Side, wheel: Path, known: Sequence[Release]) -> list[Lock]:
    """The locks of the newest release that is not newer than a wheel, with the wheel in it."""
    package, version, _, tags = parse_wheel_filename(wheel.name)
    older = [release for release in known if release.order <= version]
    base = max(older or known, key=lambda release: release.order)
    address = f"{wheel.as_uri()}#sha256={hashlib.sha256(wheel.read_bytes()).hexdigest()}"
    interpreters = {tag.interpreter for tag in tags}
    found = [
        replace(lock, pins=MappingProxyType({**lock.pins, str(package): address}))
        for lock in locks(base)
        if interpreters & {"py3", "cp" + lock.environment.python.replace(".", "")}
    ]
    if not found:
        raise InputError(f"{wheel.name} is for no Python of {', '.join(PYTHONS)}")
    return found


def differences(a: Lock, b: Lock) -> dict[str, tuple[str, str]]:
    """The differences between two locks: package or `python` -> its versions."""
    every: dict[str, tuple[str, str]] = {}
    if a.environment.python != b.environment.python:
        every[PYTHON] = (a.environment.python, b.environment.python)
    for name in sorted({*a.pins, *b.pins}):
        versions = a.pins.get(name, "none"), b.pins.get(name, "none")
        if versions[0] != versions[1]:
            every[name] = versions
    return every
