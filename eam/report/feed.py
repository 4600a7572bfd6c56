"""The steps as an Atom feed, for readers to subscribe to; asv's code writes it."""

import html
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from asv.feed import FeedEntry, write_atom

from .history_page import StepLink
from .templating import FEED, HISTORY

ENTRIES = 100


def write_feed(steps: Sequence[StepLink], project: str, folder: Path) -> None:
    """Write the newest steps.

    Args:
        steps: in words, the newest first.
        project: asv's name of what is measured.
        folder: of the report.
    """
    entries = [
        FeedEntry(
            step["text"],
            datetime.fromtimestamp(step["date"] / 1e3, UTC),
            link=f"{HISTORY}{step['href']}",
            content=html.escape(step["text"]),
            id_context=[step["href"], step["text"]],
        )
        for step in steps[:ENTRIES]
    ]
    write_atom(
        folder / FEED,
        entries,
        author=project,
        title=f"{project}: overheads of gradients that changed",
        address=f"{project}.steps",
        updated=None if entries else datetime.fromtimestamp(0, UTC),
        link=HISTORY,
    )
