"""Run the Python blocks of the README and of the docs as tests; a page's blocks share names."""

import os

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

_CORES = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None


def give_back_cores(namespace):
    """Undo `settle()` of a page, which keeps the process on one core."""
    if _CORES is not None:
        os.sched_setaffinity(0, _CORES)


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()],
    patterns=["README.md", "docs/**/*.md"],
    teardown=give_back_cores,
).pytest()
