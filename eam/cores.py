"""The processor's cores: measurements use one, backends that are about threads use all.

A process is pinned to one core before anything is timed. Threads that a library starts inherit the
pin, so a backend that is about threads has to start them inside :func:`all_cores`.

The core is the highest that the process may use, so that all runs of a machine share one history.
The environment variable EAM_CORE names another.
"""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager

from .errors import InputError

_HAS_AFFINITY = hasattr(os, "sched_setaffinity")  # Linux
_given: set[int] = set()  # the cores of the process before it was pinned


def pin() -> None:
    """Pin this process to one core, where the system allows it.

    numba counts the cores when it is imported, so an environment variable gives it their number
    before the pin; only code that is compiled for threads starts any. If numba is imported already,
    the variable stays unset, because numba would read its whole configuration again at any time.

    Raises:
        InputError: EAM_CORE is no core of this machine.
    """
    if _HAS_AFFINITY:
        _given.update(os.sched_getaffinity(0))
        if "numba" not in sys.modules:
            os.environ.setdefault("NUMBA_NUM_THREADS", str(len(_given)))
        if asked := os.environ.get("EAM_CORE"):
            _pin_to(asked)
        else:
            os.sched_setaffinity(0, {max(_given)})


def _pin_to(asked: str) -> None:
    try:
        os.sched_setaffinity(0, {int(asked)})
    except (ValueError, OverflowError, OSError):
        cores = ", ".join(map(str, range(os.cpu_count() or 1)))
        raise InputError(
            f"EAM_CORE={asked} is no core that this process may run on; this machine has {cores}"
        ) from None


@contextmanager
def all_cores() -> Generator[None]:
    """Let threads that are started inside run on every core that this process was given."""
    if not _HAS_AFFINITY:
        yield
        return
    present = os.sched_getaffinity(0)
    os.sched_setaffinity(0, _given or present)
    try:
        yield
    finally:
        os.sched_setaffinity(0, present)
