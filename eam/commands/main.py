"""The command line: ``python -m eam COMMAND``; an installed eam-gradients has ``eam COMMAND``."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from ..errors import EamError, UnknownNameError
from ..measure.processes import exit_on_signals

# name -> (module with configure(parser) and run(args) -> exit status, what it does)
COMMANDS = {
    "table": (
        "eam.commands.table",
        "time the toy's gradient in every backend; the default command",
    ),
    "compare": (
        "eam.commands.compare",
        "compare a gradient of your own, in a Python file, with those of every backend",
    ),
    "init": (
        "eam.commands.init",
        "track a function of your own with asv, in your own repository",
    ),
    "verdict": (
        "eam.commands.verdict",
        "print the verdict on each library from stored results; a check for CI",
    ),
    "since": (
        "eam.commands.since",
        "print which verdicts and overheads changed since a date, a commit or a release",
    ),
    "picture": (
        "eam.commands.picture",
        "take a picture of the published front page for the README",
    ),
    "peers": ("eam.commands.peers", "time C and every backend for N from 1 to 10^7"),
    "gate": (
        "eam.commands.gate",
        "compare the working tree with a commit: is anything slower, or broken?",
    ),
    "peers-atoms": (
        "eam.commands.peers_atoms",
        "time LAMMPS, ASE, matscipy and every backend on the same atoms",
    ),
    "releases": ("eam.commands.releases", "measure the releases of a library, one after another"),
    "sweep": ("eam.commands.sweep", "measure commits and releases on several machines, by Dask"),
    "bisect": ("eam.commands.bisect", "find the releases that changed the speed of a gradient"),
    "calibrate": ("eam.commands.calibrate", "measure how often the gate and asv are wrong"),
    "facts": ("eam.measure.facts", "print the machine, its settings and the versions as JSON"),
    "track": ("eam.commands.track", "run the asv suite on HEAD and publish the report"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status (2: bad input or nothing to work on)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        name = arguments.pop(0) if arguments and not arguments[0].startswith("-") else None
        parser = make_parser(name)
        with exit_on_signals():
            return _module(name).run(parser.parse_args(arguments))
    except EamError as error:
        print(f"eam: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("eam: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # who read our output has gone, as `| head` does; Python would fail once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def make_parser(name: str | None = None) -> argparse.ArgumentParser:
    """The parser of a command; without a name that of the table, with the list of commands.

    Raises:
        UnknownNameError: there is no such command.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m eam {name}" if name else "python -m eam",
        description=_module(name).__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=None if name else _epilog(),
    )
    _module(name).configure(parser)
    return parser


def _module(name: str | None) -> Any:
    if name is not None and name not in COMMANDS:
        raise UnknownNameError("command", name, COMMANDS)
    return import_module(COMMANDS[name or "table"][0])


def _epilog() -> str:
    width = max(map(len, COMMANDS))
    lines = (f"  {name:{width}}  {summary}" for name, (_, summary) in COMMANDS.items())
    return "commands (python -m eam COMMAND --help):\n" + "\n".join(lines)
