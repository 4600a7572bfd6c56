"""A defined load: one process a core that counts for 10 ms and copies 64 MiB, in turns."""

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from time import perf_counter

from ..measure.processes import die_with_parent

DESCRIPTION = "a process for each core that counts for 10 ms and copies 64 MiB, in turns"
_COUNTING = 0.01  # seconds
_COPIED = 64 << 20  # bytes


@contextmanager
def load() -> Generator[None]:
    """Keep every core of the machine busy inside."""
    command = [sys.executable, "-m", __name__]
    busy = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
        for process in busy:
            process.wait()


def work() -> None:
    """Count and copy, until this process is killed."""
    source = bytes(_COPIED)
    target = bytearray(_COPIED)
    while True:
        start = perf_counter()
        while perf_counter() - start < _COUNTING:
            pass
        target[:] = source


if __name__ == "__main__":
    die_with_parent()
    work()
