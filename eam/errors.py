"""The errors a user of eam can meet, each saying what to do next."""

from collections.abc import Iterable


def install_command(*extras: str) -> str:
    """The command that installs the extras of this project, at the top of a clone.

    The project is on no package index, so the command names the clone and no distribution.
    """
    return f"python -m pip install -e '.[{','.join(extras)}]'"


class EamError(Exception):
    """Base of every error that eam raises on purpose."""


class UnknownNameError(EamError, ValueError):
    """A name that is not registered; the message lists the valid ones."""

    def __init__(self, kind: str, name: object, valid: Iterable[str]) -> None:
        self.name = name
        self.valid = tuple(valid)
        super().__init__(f"unknown {kind} {name!r}; valid names: {', '.join(self.valid)}")


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


class MissingToolError(EamError, ImportError):
    """A command needs a library that is not installed; the message holds the install command."""

    def __init__(self, what: str, library: str, extra: str) -> None:
        super().__init__(
            f"{what} needs {library}, which is not installed; "
            f"install it with: {install_command(extra)}",
            name=library,
        )


class NoResultsError(EamError, LookupError):
    """There is no stored result to answer from; the message says what to run."""


class NotOfferedError(EamError, NotImplementedError):
    """A backend that cannot, or sensibly does not, take this problem; the message says why."""


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


class CheckError(EamError, AssertionError):
    """A backend gave a wrong answer, so it must not be timed."""
