"""The outcome of a measurement: a value, or the reason why there is none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import MissingBackendError, MissingToolError, NotOfferedError


@dataclass(frozen=True)
class Outcome:
    """A value, or why there is none.

    Attributes:
        value: what was measured.
        missing: why it cannot be measured here, where that is no fault: the library is not
            installed, or the backend does not take this problem.
        failed: what went wrong.
    """

    value: Any = None
    missing: str | None = None
    failed: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether there is a value."""
        return self.missing is None and self.failed is None


def attempt(function: Callable[..., Any], *args: Any) -> Outcome:
    """Call a function; whatever it raises becomes the reason in the outcome."""
    try:
        return Outcome(function(*args))
    except (MissingBackendError, MissingToolError, NotOfferedError) as reason:
        return Outcome(missing=str(reason))
    except (Exception, SystemExit) as error:
        return Outcome(failed=describe_error(error))


def describe_error(error: BaseException) -> str:
    """The class and the message of an exception, as a traceback ends."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
