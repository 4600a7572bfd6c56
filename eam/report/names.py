"""The backends and models that stored names stand for.

Results outlive the code that measured them. A backend or model that this version does not have
still gets an answer, and is shown under its stored name.
"""

from collections.abc import Iterable

from ..backends import describe
from ..errors import UnknownBackendError
from ..model import Model
from ..models import model as model_record
from ..models import model_names

UNKNOWN = "unknown"


def kind(backend: str) -> str:
    """How a backend gets its gradient; 'unknown' for one that this version does not have."""
    try:
        return describe(backend).kind
    except UnknownBackendError:
        return UNKNOWN


def library(backend: str) -> str:
    """The library of a backend, as pip names it; its first word for an unknown backend."""
    try:
        return describe(backend).library.replace("_", "-")
    except UnknownBackendError:
        return backend.split("-")[0]


def in_place(backend: str) -> bool:
    """Whether a backend's gradient writes into memory that it reuses; False if unknown."""
    try:
        return describe(backend).in_place
    except UnknownBackendError:
        return False


def by_library(backends: Iterable[str]) -> dict[str, list[str]]:
    """library -> its backends, in their order."""
    grouped: dict[str, list[str]] = {}
    for name in backends:
        grouped.setdefault(library(name), []).append(name)
    return grouped


def registered(model: str) -> Model | None:
    """The record of a model of this version; None for a reader's own, or one of another version."""
    return model_record(model) if model in model_names() else None


def refusal(model: str, dimension: int, backend: str) -> str:
    """Why a registered backend is not offered for a case; '' if it is, or if that is not known.

    Of a model that is not registered, what it has besides an energy is not stored.
    """
    known = registered(model)
    try:
        return "" if known is None else describe(backend).refusal(known, dimension) or ""
    except UnknownBackendError:
        return ""
