"""How the processes of a measurement end: with their parent, as a group, and on a signal.

A measuring process is in a process group of its own, to which everything belongs that its libraries
start (a compiler, say). The group ends when the parent ends, however that happens.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

_PR_SET_PDEATHSIG = 1  # prctl(2)


@contextmanager
def group_of_processes() -> Generator[int]:
    """A new process group, whose processes end with the context or with this process.

    Its leader is a shell that waits until the other end of a pipe is closed, which happens even if
    this process is killed, and then kills its group. It is there before all others, so they end at
    whatever moment that happens. A thread of theirs could not do it while compiled code holds
    Python's lock, and would disturb the timings.
    """
    leader = subprocess.Popen(
        ["sh", "-c", "read nothing; kill -KILL 0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    try:
        yield leader.pid
    finally:
        with suppress(ProcessLookupError):
            os.killpg(leader.pid, signal.SIGKILL)
        with leader:
            leader.wait()


def die_with_parent() -> None:
    """On Linux, let this process alone be killed when the thread that started it ends.

    For processes that somebody else starts, as asv does its benchmarks: they get no pipe from us.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


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
