"""The newest releases of the measured libraries, looked up while they are measured."""

from collections.abc import Iterable
from typing import TypedDict

from ..errors import PackageIndexError
from ..releases.index import newest


class Newest(TypedDict):
    """The newest release for the Python that measured, if there is one, and for any Python."""

    here: str | None
    any: str


def newest_releases(libraries: Iterable[str], python: str) -> dict[str, Newest] | None:
    """Library -> its newest releases; None where the package index does not answer.

    Args:
        libraries: as the index names them.
        python: such as 3.11.
    """
    found: dict[str, Newest] = {}
    for library in libraries:
        try:
            here, newest_of_all = newest(library, python)
        except PackageIndexError:
            return None  # without a network, each library would take its own time to fail
        found[library] = {"here": here, "any": newest_of_all}
    return found
