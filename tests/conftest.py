"""Fixtures for every folder, and the rules for skips and for slow tests.

On a machine without a library or a tool, the tests that need it are skipped. CI has everything, so
there only a refusal may skip a test: a backend that is not offered for a case. Any other skip in
CI is a failure, because what CI skips is tested nowhere.

A test of a backend is slow, and left out of `make test-quick`, unless it is one of the few that
stand for all: by hand, compiled, and by AD. Other slow tests are marked where they stand: those
that start processes, and what takes longer than about a second.
"""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from eam.backends import backend_names
from eam.conformance import prepare
from eam.errors import NotOfferedError
from eam.measure import lock
from tests.measure import bad_backends as bad

__all__ = ["prepare"]  # a fixture

# an example may take long on a busy machine
settings.register_profile("eam", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("eam")

IN_CI = bool(os.environ.get("CI"))
QUICK_BACKENDS = {"numpy", "numba", "autograd"}


class Refused(pytest.skip.Exception):
    """A skip because a backend refuses a case, the only one that CI accepts."""


@pytest.fixture(scope="session")
def unless_refused():
    """A context that skips the test if a backend refuses what is asked of it there."""

    @contextmanager
    def unless_refused():
        try:
            yield
        except NotOfferedError as refusal:
            raise Refused(str(refusal)) from None

    return unless_refused


@pytest.fixture(autouse=True)
def lock_of_its_own(monkeypatch, tmp_path):
    """A test may measure while somebody measures on the same machine."""
    monkeypatch.setattr(lock, "SHARED", tmp_path)


@pytest.fixture
def short_path():
    """A folder in which asv can open a socket; the path of `tmp_path` is too long for that."""
    with tempfile.TemporaryDirectory(prefix="eam-") as folder:
        yield Path(folder)


@pytest.fixture
def bad_backends(monkeypatch):
    """The bad backends are registered, here and in every measuring process."""
    bad.register(monkeypatch)


def pytest_collection_modifyitems(items):
    for item in items:
        if not _backends(item) <= QUICK_BACKENDS:
            item.add_marker("slow")


def _backends(item):
    """The backends that a test has among its parameters."""
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    parts = [part for value in values for part in (value if isinstance(value, tuple) else [value])]
    return {part for part in parts if isinstance(part, str)}.intersection(backend_names())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    reason = None if call.excinfo is None else call.excinfo.value
    if isinstance(reason, pytest.skip.Exception) and not isinstance(reason, Refused):
        _fail_in_ci(report, reason)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    if report.skipped:
        _fail_in_ci(report, report.longrepr[2])
    return report


def _fail_in_ci(report, reason):
    if IN_CI:
        report.outcome = "failed"
        report.longrepr = f"skipped in CI without a refusal: {reason}"
