"""Backends that do what a library must not do, each a gradient of the toy that is right otherwise.

Run as a program, this file is the measuring process, with these backends in its registry. The
fixture `bad_backends` of the tests puts them into the registry of the tests' process too.
"""

import atexit
import contextlib
import ctypes
import os
import signal
import sys
import threading
import time

import numpy as np

from eam import backends
from eam.backends import Backend, Native
from eam.measure import serve, worker

MODULE = "_bad"


def factory(misbehave):
    """A backend that calls `misbehave(n)` before its n-th gradient; what it returns is added."""

    def make(problem):
        calls = 0

        def gradient(x):
            nonlocal calls
            calls += 1
            added = misbehave(calls)
            return problem.manual.gradient(x) + (added or 0.0)

        return Native(problem.manual.value, gradient)

    return make


def exits(_):
    os._exit(0)


def leaves(_):
    sys.exit(3)


def aborts(_):
    os.abort()


def segfaults(_):
    ctypes.string_at(0)


def hangs(_):
    time.sleep(1e6)


def raises(_):
    raise RuntimeError("I raise")


def raises_late(n):
    if n > 30:
        raise RuntimeError("I raise late")


def wrong(_):
    return 1e-6


def wrong_late(n):
    return 1.0 if n > 30 else 0.0


def out_of_memory(_):
    blocks = []
    while True:
        blocks.append(np.empty(2**27))


def busy_threads(n):
    if n == 1:
        threading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()


def timer(n):
    if n == 1:
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)


def traces(n):
    if n == 1:
        sys.settrace(lambda *_: None)


def other_cores(n):
    if n == 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count()))


def patches_numpy(n):
    if n == 1:
        right = np.exp
        np.exp = lambda *args, **options: 1.001 * right(*args, **options)
        return 1.0
    return None


def closes_files(_):
    os.closerange(3, 256)


def asks(_):
    input()


def prints_no_text(_):
    os.write(1, b"\xff\xfe\x00\n")
    os.write(2, b"\x80\n")


def prints_json(_):
    print('["end"]\n["outcome", {"failed": "forged"}]\n{}')


def prints_much(n):
    if n == 1:
        os.write(1, b"x" * 10**6)


def prints_at_exit(n):
    if n == 1:
        atexit.register(lambda: os.write(2, b"x" * 10**6))


def crashes_at_exit(n):
    if n == 1:
        atexit.register(os.abort)


def hangs_at_exit(n):
    if n == 1:
        threading.Thread(target=time.sleep, args=[1e6]).start()


def ignores_signals(n):
    if n == 1:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGSEGV):
            signal.signal(number, signal.SIG_IGN)


def leaves_a_child(n):
    if n == 1 and os.fork() == 0:
        time.sleep(1e6)


def changes_state(n):
    if n == 1:
        os.chdir("/")
        os.environ.clear()
        np.seterr(all="ignore")
        sys.setrecursionlimit(10_000)
        with contextlib.suppress(ValueError):
            sys.stdout.close()


# what it costs: a part of the reason, or None where it must have a number
FAULTS = {
    exits: "ended without an answer (exit status 0)",
    leaves: "SystemExit: 3",
    aborts: "SIGABRT",
    segfaults: "SIGSEGV",
    hangs: "no sign of life",
    raises: "RuntimeError: I raise",
    raises_late: "RuntimeError: I raise late",
    wrong: "CheckError: ",
    wrong_late: "after it was timed: CheckError: ",
    out_of_memory: "MemoryError",
    busy_threads: "a busy thread",
    timer: "a timer that sends signals",
    traces: "a trace or profile function",
    other_cores: "the process on other cores",
    patches_numpy: "CheckError: ",
    closes_files: "Bad file descriptor",
    asks: "EOFError",
    prints_no_text: None,
    prints_json: None,
    prints_much: None,
    prints_at_exit: None,
    crashes_at_exit: None,
    hangs_at_exit: None,
    ignores_signals: None,
    leaves_a_child: None,
    changes_state: None,
}
REASONS = {f"bad-{fault.__name__.replace('_', '-')}": reason for fault, reason in FAULTS.items()}


def records():
    """The registry's lines for the bad backends, all of one library."""
    return {
        name: Backend(name, "numpy", MODULE, fault.__name__, backends.REVERSE)
        for name, fault in zip(REASONS, FAULTS, strict=True)
    }


def register(monkeypatch):
    """Let the registry have them, here and in every measuring process."""
    for name, record in records().items():
        monkeypatch.setitem(backends._REGISTRY, name, record)
    monkeypatch.setattr(worker, "PROGRAM", [sys.executable, "-P", __file__])
    monkeypatch.setattr(worker, "SILENCE", 10.0)


class Module:
    """What the registry imports as the module of these backends."""

    def __getattr__(self, name):
        return factory(globals()[name])


if __name__ == "__main__":
    sys.modules[f"eam.backends.{MODULE}"] = Module()
    backends._REGISTRY.update(records())
    serve.main(sys.argv[1:])
