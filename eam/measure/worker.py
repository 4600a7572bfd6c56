"""Fresh processes to measure in: each has its own memory layout, and a crash ends only one of them.

A process asked for with :func:`ask` runs ``python -m MODULE``, whose last line is
``serve(function)``; the question goes in and the answer comes out as JSON.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import WorkerError
from .environment import PROTOCOL, settle


def ask(module: str, question: dict[str, Any], timeout: float = 600.0, **variables: str) -> Any:
    """Run `module` in a fresh process under the measuring protocol and return its answer.

    Args:
        module: below eam, such as "eam.measure.overhead".
        question: the keyword arguments of the function that the module serves.
        timeout: in seconds.
        variables: environment variables of this process alone.

    Raises:
        WorkerError: the process crashed or took longer.
    """
    environment = {**PROTOCOL, **os.environ, **variables}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", module],
            input=json.dumps(question),
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise WorkerError(f"{module} did not end within {timeout:.0f} s") from None
    if done.returncode:
        words = done.stderr.strip().splitlines()[-3:]
        raise WorkerError(f"{module} ended with status {done.returncode}: {' | '.join(words)}")
    return json.loads(done.stdout.splitlines()[-1])


def serve(answer: Callable[..., Any]) -> None:
    """Be the process: settle on one thread and one core, answer the question, end."""
    settle()
    print("\n" + json.dumps(answer(**json.load(sys.stdin))))
