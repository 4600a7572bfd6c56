"""What holds for every test, and for the Python blocks of the README and of the docs.

The blocks of a page run as tests and share their names.
"""

import os
import shutil
import tempfile

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from eam.measure.temporary import TORCH_CACHE

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()], patterns=["README.md", "docs/**/*.md"]
).pytest()

CORES = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None


def pytest_configure(config):
    """A temporary folder and a core for each of several processes, where each measures alone.

    What torch compiles is shared, and kept.
    """
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", TORCH_CACHE)
    if hasattr(config, "workerinput"):
        os.environ["TMPDIR"] = tempfile.tempdir = tempfile.mkdtemp(prefix="eam-")
        if CORES is not None:  # or what they measure would share one core, and the others idle
            number = int(config.workerinput["workerid"].removeprefix("gw"))
            os.environ.setdefault("EAM_CORE", str(sorted(CORES)[number % len(CORES)]))


def pytest_unconfigure(config):
    """Remove it."""
    if hasattr(config, "workerinput"):
        shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Give back the cores after each test: `settle()` keeps a process on one of them."""
    done = yield
    if CORES is not None:
        os.sched_setaffinity(0, CORES)
    return done


def pytest_collection_modifyitems(items):
    """Slow tests first, or one process would still run them when the others have ended."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
