"""Two versions of the reader's own functions, loaded beside each other in one process.

Only the reader's files differ between the versions; energy and gradient of both run in the same
eam. What a file imports from its repository is that of its own version.
"""

from pathlib import Path

from .. import backends
from ..backends import Prepared
from ..errors import VersionError
from ..models import problem as make_problem
from ..own.source import imports_from, read
from ..problem import Problem


class Functions:
    """The functions of a repository as they are below a directory.

    It offers what the gate asks of an eam that :func:`eam.gate.versions.load` has loaded.
    """

    def __init__(self, directory: Path, name: str) -> None:
        """Nothing is imported yet."""
        self._directory = directory.resolve()
        self.__name__ = name

    def problem(self, model: str, dimension: int) -> Problem:
        """The problem of a function, by its path from the top or as "package.module:object".

        Raises:
            FunctionFileError: this version has no such file, or one that cannot be used.
            VersionError: Python finds the object outside of the directory.
        """
        reference = str(self._directory / model) if model.endswith(".py") else model
        with imports_from(self._directory, self._directory / "src"):
            source = read(reference)
            if not source.path.resolve().is_relative_to(self._directory):
                raise VersionError(
                    f"{model} is imported from {source.path}, where it is installed, and not from "
                    "the version to be compared; name its file instead"
                )
            return make_problem(reference, dimension)

    @staticmethod
    def prepare(problem: Problem, name: str) -> Prepared:
        """As :func:`eam.prepare`."""
        return backends.prepare(problem, name)
