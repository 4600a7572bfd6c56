"""How a run ends: all its processes with it, whatever they are doing, and no file left behind."""

import os
import shutil
import signal
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 4.0  # seconds from a signal to the end, come what may
_FOLDER = "eam-track-"


class Interrupted(BaseException):
    """A signal asked the run to end; asv turns a KeyboardInterrupt into an error of its own."""


@contextmanager
def ending_at_signals() -> Generator[None]:
    """Inside, INT, TERM and HUP kill every process that was started and raise Interrupted.

    asv can miss an interrupt, for one while it waits for its fork server; so the process ends by
    itself if that takes longer than PATIENCE.
    """

    def end(number: int, frame: Any) -> None:
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)
        kill_descendants()
        raise Interrupted

    def give_up(number: int, frame: Any) -> None:
        kill_descendants()
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


@contextmanager
def own_temporary_folder() -> Generator[Path]:
    """Inside, temporary files go to a folder that goes with the run.

    Folders of runs that were killed are removed first. What torch compiles is kept for the next
    run, in a folder of the user's own.
    """
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(Path.home() / ".cache" / "torchinductor"))
    top = Path(tempfile.gettempdir())
    for old in top.glob(f"{_FOLDER}*"):
        owner = old.name.removeprefix(_FOLDER)
        if owner.isdecimal() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(old, ignore_errors=True)
    folder = top / f"{_FOLDER}{os.getpid()}"
    folder.mkdir(mode=0o700)
    before = tempfile.tempdir, os.environ.get("TMPDIR")
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = before[0]
        if before[1] is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before[1]
        shutil.rmtree(folder, ignore_errors=True)
