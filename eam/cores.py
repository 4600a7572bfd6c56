"""The processor's cores: one for all that is measured, all of them for what says that it uses them.

A process is pinned before anything is timed. Threads that a library starts inherit the pin, so
that a way that is about threads has to start them inside :func:`all_cores`.
"""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager

_HAS_AFFINITY = hasattr(os, "sched_setaffinity")  # Linux
_given: set[int] = set()  # before the process was pinned


def pin() -> None:
    """Stay on one core, where the system allows it.

    numba counts the cores when it is imported, so it is told here of those that were given; only
    what is compiled for threads starts any. Not if it is there already: it would read its whole
    configuration again, in the middle of whatever it does.
    """
    if _HAS_AFFINITY:
        _given.update(os.sched_getaffinity(0))
        if "numba" not in sys.modules:
            os.environ.setdefault("NUMBA_NUM_THREADS", str(len(_given)))
        os.sched_setaffinity(0, {max(_given)})


@contextmanager
def all_cores() -> Generator[None]:
    """Threads started inside may run on every core that this process was given."""
    if not _HAS_AFFINITY:
        yield
        return
    present = os.sched_getaffinity(0)
    os.sched_setaffinity(0, _given or present)
    try:
        yield
    finally:
        os.sched_setaffinity(0, present)
