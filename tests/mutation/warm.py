"""Run pytest in forks of one process that has imported what is slow to import.

    warm.py serve SOCKET          wait for requests, in the folder whose tests are to run
    warm.py run SOCKET TESTS      run TESTS there; the exit status is pytest's

A new interpreter takes three seconds to import what the tests need, and a fork none. Nothing of eam
is imported before the fork, so each fork sees the files as they are then.
"""

import contextlib
import importlib
import os
import resource
import select
import signal
import socket
import sys

# pytest cannot rewrite the assertions of plugins that are imported before it starts
KNOWN = "ignore::pytest.PytestAssertRewriteWarning"
# of the processor, not of the clock: a busy machine must not decide what is noticed
CPU_SECONDS = 60
SLOW_TO_IMPORT = ("asv.results", "hypothesis.extra.numpy", "numba", "pytest", "scipy.optimize")


def serve(path: str) -> None:
    """Answer one request after the other, until the parent has gone."""
    for name in SLOW_TO_IMPORT:
        importlib.import_module(name)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        while True:
            connection, _ = server.accept()
            with connection:
                answer(connection)


def answer(connection: socket.socket) -> None:
    """Fork; send pytest's exit status, or kill the fork if the other side stops waiting."""
    tests = connection.recv(4096).decode()
    child = os.fork()
    if child == 0:
        run_tests(tests)
    ended = os.pidfd_open(child)
    ready, _, _ = select.select([ended, connection], [], [])
    if ended not in ready:
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(ended)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(OSError):
        connection.sendall(bytes([os.waitstatus_to_exitcode(status) & 0xFF]))


def run_tests(tests: str) -> None:
    """Run the tests in a process group of their own, without a word, and end."""
    status = 1
    try:
        os.setpgid(0, 0)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        import pytest

        options = ["-x", "-p", "no:cacheprovider", "--hypothesis-seed=0", "-W", KNOWN]
        status = pytest.main([*options, *tests.split()])
    finally:
        os._exit(status)


def request(path: str, *tests: str) -> int:
    """Have the tests run, and say how they ended."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(" ".join(tests).encode())
        return connection.recv(1)[0]


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    sys.exit(serve(*arguments) if command == "serve" else request(*arguments))
