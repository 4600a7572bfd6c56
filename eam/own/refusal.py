"""Why a library cannot run the reader's energy, which runs in NumPy."""

from pathlib import Path

from ..model import Model
from .source import line_in, read, shown


def why_not(model: Model, backend: str, error: Exception) -> str:
    """One sentence: what the library lacks, or what it said, and at which line of the energy."""
    source = read(model.source)
    line = line_in(source.path, error) or source.line_of("energy")
    place = f"{Path(source.path).name}:{line}"
    if isinstance(error, AttributeError) and error.name:
        return (
            f"backend {backend!r} lacks the operation {error.name!r}, which energy uses ({place})"
        )
    return f"backend {backend!r} cannot run energy ({place}): {shown(error)}"
