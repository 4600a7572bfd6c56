"""python -m eam: the seed's table for this machine, and the project's other commands."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from ..errors import EamError

# name -> (module with configure(parser) and run(args) -> exit status, what it does)
_COMMANDS = {
    "table": ("eam.commands.table", "time every way to get the toy's gradient (the default)"),
    "verdict": (
        "eam.commands.verdict",
        "the verdict on each library, from stored results; a gate for CI",
    ),
    "picture": ("eam.commands.picture", "picture the published front page for the README"),
    "peers": ("eam.commands.peers", "time C and every backend, for N from 1 to 10^7"),
    "gate": ("eam.commands.gate", "has a gradient become slower than in another commit?"),
    "peers-atoms": (
        "eam.commands.peers_atoms",
        "time LAMMPS, ASE, matscipy and every backend on the same atoms",
    ),
    "calibrate": ("eam.commands.calibrate", "how often the gate and asv are wrong, measured"),
    "facts": ("eam.measure.facts", "the machine, its settings and the versions, as JSON"),
    "track": ("eam.commands.track", "run the asv suite on HEAD and publish the report"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status (2: bad input or nothing to work on)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    named = bool(arguments) and arguments[0] in _COMMANDS
    name = arguments.pop(0) if named else "table"
    module = import_module(_COMMANDS[name][0])
    parser = argparse.ArgumentParser(
        prog=f"python -m eam {name}" if named else "python -m eam",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=None if named else _epilog(),
    )
    module.configure(parser)
    try:
        return module.run(parser.parse_args(arguments))
    except EamError as error:
        print(f"eam: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("eam: interrupted", file=sys.stderr)
        return 130


def _epilog() -> str:
    width = max(map(len, _COMMANDS))
    lines = (f"  {name:{width}}  {summary}" for name, (_, summary) in _COMMANDS.items())
    return "commands (python -m eam COMMAND --help):\n" + "\n".join(lines)
