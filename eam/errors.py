"""The errors that eam raises on purpose; each message says what to do next.

::

    EamError
    ├── UnknownNameError (ValueError)            a name that is not registered
    │   ├── UnknownModelError
    │   └── UnknownBackendError
    ├── InputError (ValueError)                  an argument that cannot be used
    │   ├── FunctionFileError                    a file of the reader's own that cannot be used
    │   ├── PotentialFileError                   a potential file that cannot be read
    │   └── UnknownReleaseError                  a release that an axis does not have
    ├── MissingBackendError (ImportError)        a backend's library is not installed
    │   └── MissingRuntimeError                  the library is here, what it runs on is not
    ├── MissingToolError (ImportError)           a command's library is not installed
    ├── NotOfferedError (NotImplementedError)    a backend does not take this problem
    ├── PrivateNameError (RuntimeError)          another package dropped a name that eam uses
    ├── CompilerError (RuntimeError)             no C compiler, or one that fails
    ├── CheckError (AssertionError)              a backend gives a wrong answer
    ├── WorkerError (RuntimeError)               a measuring process gave no answer
    ├── BusyError (RuntimeError)                 another measurement is running
    ├── VersionError                             a version of eam that cannot be loaded
    ├── TrackError                               the asv suite cannot be run here
    ├── PackageIndexError (OSError)              the package index gives no releases
    ├── InstallError                             a release that cannot be installed here
    └── NoResultsError (LookupError)             there is no stored result

The built-in exception in brackets is a second base class, for callers that know Python better than
eam. Interrupted is no error: it ends a run at a signal.
"""

from collections.abc import Iterable
from difflib import get_close_matches


def install_command(*extras: str) -> str:
    """The command that installs the extras of this project, at the top of a clone.

    The project is on no package index, so the command names the clone and no distribution.
    """
    return f"python -m pip install -e '.[{','.join(extras)}]'"


class EamError(Exception):
    """Base of every error that eam raises on purpose."""


class UnknownNameError(EamError, ValueError):
    """A name that is not registered; the message lists the valid ones, and first the nearest."""

    def __init__(self, kind: str, name: object, valid: Iterable[str]) -> None:
        self.name = name
        self.valid = tuple(valid)
        nearest = get_close_matches(str(name), self.valid)
        meant = f"did you mean {' or '.join(map(repr, nearest))}? " if nearest else ""
        super().__init__(f"unknown {kind} {name!r}; {meant}valid names: {', '.join(self.valid)}")


class UnknownModelError(UnknownNameError):
    """Raised by :func:`eam.problem` for a model that does not exist."""

    def __init__(self, name: object, valid: Iterable[str]) -> None:
        super().__init__("model", name, valid)


class UnknownBackendError(UnknownNameError):
    """Raised by :func:`eam.prepare` for a backend that does not exist."""

    def __init__(self, name: object, valid: Iterable[str]) -> None:
        super().__init__("backend", name, valid)


class MissingBackendError(EamError, ImportError):
    """The library behind a backend is not installed; the message holds the install command."""

    def __init__(self, backend: str, library: str, extra: str, platforms: str = "") -> None:
        only = f" (it exists for {platforms} only)" if platforms else ""
        super().__init__(
            f"backend {backend!r} needs the library {library!r}, which is not installed; "
            f"install it with: {install_command(extra)}{only}",
            name=library,
        )


class MissingRuntimeError(MissingBackendError):
    """A backend's library is installed, and what it needs of the system is not."""

    def __init__(self, backend: str, library: str, runtime: str) -> None:
        ImportError.__init__(
            self,
            f"backend {backend!r}: {library} is installed, and does not find what it runs on: "
            f"{runtime}",
            name=library,
        )


class MissingToolError(EamError, ImportError):
    """A command needs a library that is not installed; the message holds the install command."""

    def __init__(self, what: str, library: str, extra: str) -> None:
        super().__init__(
            f"{what} needs {library}, which is not installed; "
            f"install it with: {install_command(extra)}",
            name=library,
        )


class Interrupted(BaseException):
    """A signal asked the run to end; asv turns a KeyboardInterrupt into an error of its own."""


class NoResultsError(EamError, LookupError):
    """There is no stored result to answer from; the message says what to run."""


class NotOfferedError(EamError, NotImplementedError):
    """A backend that cannot, or sensibly does not, take this problem; the message says why."""


class PrivateNameError(EamError, RuntimeError):
    """A package dropped a private name that eam uses; the message says which and what to install.

    Args:
        package: its import name, which is also the name of its distribution.
        name: what it no longer has.
    """

    def __init__(self, package: str, name: str) -> None:
        from importlib import metadata  # takes half as long to import as the rest of eam

        self.package, self.name = package, name
        try:
            release = f"{package} {metadata.version(package)}"
        except metadata.PackageNotFoundError:
            release = package
        super().__init__(
            f"{release} has no {name}, a private name that eam uses; "
            f"install the version of {package} that constraints.txt names"
        )


class CompilerError(EamError, RuntimeError):
    """No C compiler, or one that fails; the message says what to install or what it said."""


class InputError(EamError, ValueError):
    """An argument of the wrong value, shape, dtype or memory layout."""


class PotentialFileError(InputError):
    """A potential file that cannot be read; the message has file, line and what was expected."""

    def __init__(self, path: object, line: int, expected: str, found: str) -> None:
        self.path, self.line = path, line
        place = f"{path}:{line}" if line else f"{path}"
        super().__init__(f"{place}: expected {expected}; found {found}")


class UnknownReleaseError(InputError):
    """A release that the axis of its library does not have; the message names the nearest."""


class FunctionFileError(InputError):
    """A function of the reader's own that cannot be used; the message has file, line and fault."""

    def __init__(self, path: object, line: int, fault: str) -> None:
        self.path, self.line = path, line
        place = f"{path}:{line}" if line else f"{path}"
        super().__init__(f"{place}: {fault}")


class CheckError(EamError, AssertionError):
    """A backend gave a wrong answer, so it must not be timed."""


class WorkerError(EamError, RuntimeError):
    """A measuring process crashed, hung or failed; the message says how and at what."""


class BusyError(EamError, RuntimeError):
    """Another measurement runs on this machine; the message names its process."""


class VersionError(EamError):
    """A version of eam that does not exist or cannot be loaded; the message says which and why."""


class TrackError(EamError):
    """The asv suite could not be run here; the message says why."""


class PackageIndexError(EamError, OSError):
    """The package index cannot be reached or gives no dates; the message says which."""


class InstallError(EamError):
    """A release that cannot be installed here; the message holds the reason."""
