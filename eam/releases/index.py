"""The releases of a library: from the package index, and from a committed table.

The index is the one that pip is set up to use, asked for its simple pages as JSON (PEP 691), which
hold the time of each upload (PEP 700). The table, `table.csv`, holds what was read there earlier.
It serves when the index is out of reach, and its rows never change, so the commits made from them
have the same hashes on every machine. A release that is newer than the table is added to it.
"""

import csv
import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from ..errors import PackageIndexError, UnknownReleaseError
from .axes import PYTHONS, Axis, axis, libraries

TABLE = Path(__file__).with_name("table.csv")
_COLUMNS = ("library", "version", "uploaded", "pythons", "companion")
_JSON = "application/vnd.pypi.simple.v1+json"
# the date that reproducible builds give their files
_FAKE = date(2020, 2, 2)
_TIMEOUT = 30.0
# for what is good to know, and not needed
_PATIENCE = 5.0


@dataclass(frozen=True)
class Release:
    """A release of a library.

    Attributes:
        library: its name.
        version: as the index writes it.
        uploaded: when its first file was uploaded, in UTC.
        pythons: of PYTHONS, those that it has files for; empty if none.
        companion: the version of what is released with it, such as jaxlib; empty if nothing is.
    """

    library: str
    version: str
    uploaded: datetime
    pythons: tuple[str, ...]
    companion: str = ""

    @property
    def name(self) -> str:
        """As tags are written: jax-0.7.2."""
        return f"{self.library}-{self.version}"

    @property
    def order(self) -> Version:
        """The key that sorts releases by version."""
        return Version(self.version)


@dataclass(frozen=True)
class _Upload:
    """The files of one version on the index."""

    uploaded: datetime
    pythons: tuple[str, ...]


def releases(library: str, *, offline: bool = False) -> list[Release]:
    """The releases of an axis by upload date: the table's, then newer ones of the index.

    Args:
        library: as :func:`eam.releases.axes.libraries` lists it.
        offline: leave the index out.

    Raises:
        PackageIndexError: neither the table nor the index has any.
    """
    known = _table().get(library, [])
    if not offline:
        try:
            known = extended(known, read_index(axis(library)))
        except PackageIndexError:
            if not known:
                raise
    return known


def extended(known: Sequence[Release], found: Iterable[Release]) -> list[Release]:
    """The known releases and, of those found, what was uploaded after them, by date."""
    last = max((release.uploaded for release in known), default=datetime.min.replace(tzinfo=UTC))
    newer = [release for release in found if release.uploaded > last]
    return sorted([*known, *newer], key=lambda release: (release.uploaded, release.order))


def newest(package: str, python: str) -> tuple[str | None, str]:
    """The newest final version of a package on the index: for one Python, and for any.

    Args:
        package: its name.
        python: such as 3.11; a version is for it that has a file for it, on whatever platform.

    Raises:
        PackageIndexError: the index cannot be reached, or has no version.
    """
    files = _final_files(_page(package, seconds=_PATIENCE)["files"])
    if not files:
        raise PackageIndexError(f"the package index has no version of {package}")
    here = [v for v, group in files.items() if any(_fits(file, python) for file in group)]
    return (str(max(here)) if here else None), str(max(files))


def newer(package: str, version: str, python: str) -> dict[str, datetime]:
    """The final versions of a package on the index that are newer than one, and their dates.

    Args:
        package: its name.
        version: what they are newer than.
        python: such as 3.11; those without a file for it do not count.

    Raises:
        PackageIndexError: the index cannot be reached, or gives no date of one of them.
    """
    found: dict[str, datetime] = {}
    for other, group in _final_files(_page(package, seconds=_PATIENCE)["files"]).items():
        fitting = [file for file in group if _fits(file, python)]
        if other > Version(version) and fitting:
            dates = [time for file in fitting if (time := _uploaded(file)) is not None]
            if not dates:
                raise PackageIndexError(f"the package index gives no date of {package} {other}")
            found[str(other)] = min(dates)
    return found


def find(known: Sequence[Release], version: str) -> Release:
    """One release by its version.

    Raises:
        UnknownReleaseError: there is none; the message names the nearest ones.
    """
    for release in known:
        if release.version == version:
            return release
    library = known[0].library
    try:
        wanted = Version(version)
    except InvalidVersion:
        newest = max(known, key=lambda release: release.order)
        raise UnknownReleaseError(
            f"{version!r} is no version; give one such as {newest.version}"
        ) from None
    ordered = sorted(known, key=lambda release: release.order)
    for release in ordered:
        if release.order == wanted:
            return release
    near = [
        *[release.version for release in ordered if release.order < wanted][-2:],
        *[release.version for release in ordered if release.order > wanted][:2],
    ]
    raise UnknownReleaseError(
        f"{library} has no release {version} on this axis; the nearest are {', '.join(near)}"
    )


def refresh() -> list[Release]:
    """Add what is new on the index to the committed table; returns what was added."""
    table = _table()
    added: list[Release] = []
    for library in libraries():
        known = table.get(library, [])
        table[library] = extended(known, read_index(axis(library)))
        added += table[library][len(known) :]
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for library in sorted(table):
            writer.writerows(_row(release) for release in table[library])
    _table.cache_clear()
    return added


@cache
def _table() -> dict[str, list[Release]]:
    table: dict[str, list[Release]] = {}
    if TABLE.exists():
        with TABLE.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                release = Release(
                    row["library"],
                    row["version"],
                    datetime.fromisoformat(row["uploaded"]),
                    tuple(row["pythons"].split()),
                    row["companion"],
                )
                table.setdefault(release.library, []).append(release)
    return table


def _row(release: Release) -> tuple[str, ...]:
    uploaded = release.uploaded.isoformat()
    return release.library, release.version, uploaded, " ".join(release.pythons), release.companion


def read_index(along: Axis) -> list[Release]:
    """The releases of an axis on the index, by upload date.

    Raises:
        PackageIndexError: it cannot be reached, or gives no dates.
    """
    uploads = _uploads(along.library)
    companions = _uploads(along.companion) if along.companion else {}
    found: list[Release] = []
    for version, upload in uploads.items():
        if version < Version(along.first):
            continue
        pythons, companion = upload.pythons, ""
        if companions:
            chosen = _companion(along, version, upload, companions)
            if chosen is None:
                continue
            companion = str(chosen)
            pythons = tuple(p for p in pythons if p in companions[chosen].pythons)
        found.append(Release(along.library, str(version), upload.uploaded, pythons, companion))
    return sorted(found, key=lambda release: (release.uploaded, release.order))


def _companion(
    along: Axis, version: Version, upload: _Upload, companions: dict[Version, _Upload]
) -> Version | None:
    """The newest companion that is not newer than the release, by version or by day."""
    if along.same_version:
        return max((other for other in companions if other <= version), default=None)
    day = upload.uploaded.date()
    return max((v for v, other in companions.items() if other.uploaded.date() <= day), default=None)


def _uploads(package: str) -> dict[Version, _Upload]:
    """The final versions of a package that are not yanked and have a date."""
    uploads: dict[Version, _Upload] = {}
    for version, group in _final_files(_page(package)["files"]).items():
        dates = [time for file in group if (time := _uploaded(file)) is not None]
        if dates:
            # a source is built only where a version has no wheels at all, as jax 0.4.13
            group = [f for f in group if f["filename"].endswith(".whl")] or group
            pythons = [python for python in PYTHONS if any(_fits(file, python) for file in group)]
            uploads[version] = _Upload(min(dates), tuple(pythons))
    if not uploads:
        raise PackageIndexError(f"the package index gives no upload times of {package}")
    return uploads


def _final_files(listed: Iterable[dict[str, Any]]) -> dict[Version, list[dict[str, Any]]]:
    """The files of each final version that is not yanked."""
    files: dict[Version, list[dict[str, Any]]] = {}
    for file in listed:
        version = _version(file["filename"])
        if version is not None and not version.is_prerelease and not file.get("yanked"):
            files.setdefault(version, []).append(file)
    return files


def _page(package: str, seconds: float = _TIMEOUT) -> Any:
    """The index's page of a package; PackageIndexError where that is no JSON."""
    address = f"{_address()}/{package}/"
    request = urllib.request.Request(address, headers={"Accept": _JSON})
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return json.load(answer)
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise PackageIndexError(
            f"the package index does not answer for {package}: {reason}"
        ) from error


@cache
def _address() -> str:
    """The index that pip uses: the one that its user has set, else its default."""
    for line in _pip("config", "list").splitlines():
        name, _, value = line.partition("=")
        if name.endswith(".index-url"):
            return value.strip("'\"").rstrip("/")
    # the help text states the default, and breaks its lines
    stated = re.search(r"Index \(default\s+(https?://\S+)\)", _pip("download", "--help"))
    if stated is None:
        raise PackageIndexError("pip does not say which package index it uses; set PIP_INDEX_URL")
    return stated[1].rstrip("/")


def _pip(*arguments: str) -> str:
    command = [sys.executable, "-m", "pip", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _version(filename: str) -> Version | None:
    """The version in the name of a file; None for kinds of files that are no longer installed."""
    try:
        if filename.endswith(".whl"):
            return parse_wheel_filename(filename)[1]
        return parse_sdist_filename(filename)[1]
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None


def _uploaded(file: dict[str, Any]) -> datetime | None:
    text = file.get("upload-time")
    if not text:
        return None
    time = datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)
    return None if time.date() == _FAKE else time


def _fits(file: dict[str, Any], python: str) -> bool:
    """Whether a file is for a Python: by its tags, or for a source by what it requires."""
    if python not in SpecifierSet(file.get("requires-python") or ""):
        return False
    if not file["filename"].endswith(".whl"):
        return True
    tag = "cp" + python.replace(".", "")
    return any(
        wheel.interpreter in (tag, "py3")
        or (wheel.abi == "abi3" and int(wheel.interpreter[3:]) <= int(tag[3:]))
        for wheel in parse_wheel_filename(file["filename"])[3]
    )
