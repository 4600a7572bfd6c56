"""asv as a process of ours: its progress passed on, its processes ended with ours."""

import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from ..errors import TrackError


def asv(*arguments: str, accept: tuple[int, ...] = (0,)) -> int:
    """Run asv in a session of its own; if we are stopped, it is, and its benchmark with it.

    Its progress is passed on, its long tables are not: the report shows them better.

    Raises:
        TrackError: asv ended with a status that is not in `accept`.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "asv", *arguments],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        # a shell's background job ignores SIGINT, and asv would inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        with _terminate_as_interrupt():
            for line in process.stdout or ():
                if _is_progress(line):
                    print(line, end="", flush=True)
            status = process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        process.wait()
        raise
    if status not in accept:
        raise TrackError(f"asv {' '.join(arguments[:2])} ended with status {status}; see above")
    return status


def _is_progress(line: str) -> bool:
    return line.startswith(("[", "·")) and "======" not in line


@contextmanager
def _terminate_as_interrupt() -> Generator[None]:
    """Let SIGTERM end a run as Ctrl-C does: asv leaves its child behind when it is terminated."""

    def interrupt(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
