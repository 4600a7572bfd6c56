"""How a run ends: all its processes with it, whatever they are doing, and no file left behind."""

import os
import shutil
import signal
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from ..errors import Interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 4.0  # seconds from a signal to the end, come what may


@contextmanager
def ending_at_signals(temporary: Path) -> Generator[None]:
    """Inside, INT, TERM and HUP kill every process that was started and raise Interrupted.

    asv can miss an interrupt, for one while it waits for its fork server; so the process ends by
    itself if that takes longer than PATIENCE.

    Args:
        temporary: the folder that goes with the run, which it then removes.
    """

    def end(number: int, frame: Any) -> None:
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)
        kill_descendants()
        raise Interrupted

    def give_up(number: int, frame: Any) -> None:
        kill_descendants()
        shutil.rmtree(temporary, ignore_errors=True)
        os._exit(130)

    before = {number: signal.signal(number, end) for number in SIGNALS}
    before[signal.SIGALRM] = signal.signal(signal.SIGALRM, give_up)
    try:
        yield
    finally:
        kill_descendants()
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        for number, handler in before.items():
            signal.signal(number, handler)


def kill_descendants() -> None:
    """Kill the processes below this one, those in groups of their own included."""
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            process.kill()
