"""The stored runs, for the commands that read them without measuring."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..errors import InputError, MissingToolError, NoResultsError

if TYPE_CHECKING:
    from ..report.results import Run


def stored_runs(config: str, what: str, folder: str | None = None) -> Iterator["Run"]:
    """The runs, one after the other; files that cannot be read are named on stderr.

    Args:
        config: asv's configuration.
        what: the command reads them for, for the error.
        folder: of results; by default the one that `config` names.

    Raises:
        MissingToolError: what reads them is not installed.
        InputError: `config` cannot be read.
        NoResultsError: there are none that can be read.
    """
    try:
        from ..report.asv_format import FormatError
        from ..report.reading import load_runs, load_suite
    except ModuleNotFoundError as error:
        raise MissingToolError(what, str(error.name), "report") from error
    folder = folder or _results_dir(config)
    faults: list[str] = []
    try:
        yield from load_runs(folder, load_suite(folder), faults)
    except FormatError as error:
        raise NoResultsError(f"{error}; measure with: make report") from error
    for fault in faults:
        print(f"not read: {fault}", file=sys.stderr)


def _results_dir(config: str) -> str:
    from asv.config import Config
    from asv.util import UserError

    try:
        conf: Any = Config.load(config)
    except (UserError, OSError, ValueError) as error:
        where = "Run this from the top of a checkout, after: make report"
        raise InputError(f"{config} cannot be read: {error} {where}") from error
    return conf.results_dir
