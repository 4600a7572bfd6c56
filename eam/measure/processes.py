"""How the processes of a measurement end: with their parent, as a group, and on a signal.

A measuring process leads a process group, to which everything belongs that its libraries start (a
compiler, say). The group ends when the parent ends, however that happens.
"""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

_PR_SET_PDEATHSIG = 1  # prctl(2)


def end_with_parent(lifeline: int) -> None:
    """Let the process group of this process end when its parent ends.

    A shell waits until the other end of a pipe is closed, which happens even if the parent is
    killed, and then kills the group that it shares with this process. A thread of this process
    could not do that while compiled code holds Python's lock, and would disturb the timings.

    Args:
        lifeline: file descriptor of a pipe whose other end the parent alone holds and never writes
            to again.
    """
    os.posix_spawn(
        "/bin/sh",
        ["sh", "-c", "read nothing; kill -KILL 0"],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_DUP2, lifeline, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
    )


def die_with_parent() -> None:
    """On Linux, let this process alone be killed when the thread that started it ends.

    For processes that somebody else starts, as asv does its benchmarks: they get no pipe from us.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def kill_group(group: int) -> None:
    """End every process of a group that is still there, without asking them."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


@contextmanager
def exit_on_signals() -> Generator[None]:
    """Inside, TERM and HUP raise SystemExit, so `finally` and `with` clean up.

    A signal that the program handles itself or ignores is left as it is, and so are the signals
    where Python gives them to nobody: outside the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, frame: Any) -> None:
        raise SystemExit(128 + number)

    ours = [
        number
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is signal.SIG_DFL
    ]
    for number in ours:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
