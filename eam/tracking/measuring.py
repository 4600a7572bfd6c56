"""A batch measured in a session and stored: the results, the reasons, the facts beside them."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from .batches import Batch
from .newest import newest_releases
from .saving import replace_file
from .session import Session
from .stored import Stored


def measure(session: Session, batch: Batch) -> bool:
    """Measure a batch, and keep the reasons of the cases without a number; True if one failed."""
    os.environ["EAM_DIMENSIONS"], os.environ["EAM_QUANTITIES"] = batch.dimensions, batch.quantities
    with tempfile.TemporaryDirectory(prefix="eam-track-") as folder:
        notes = Path(folder, "reasons")
        os.environ["EAM_REASONS"] = str(notes)
        # what a long setup has measured before an interrupt, for the next run
        journal = session.result_file.with_suffix(".journal")
        os.environ["EAM_JOURNAL"] = str(journal.resolve())
        # a fork for what only reads, since 0.2 s for a thousand Pythons are minutes
        forks = batch.reads and hasattr(os, "fork")
        failures = session.measure(batch.cases, "forkserver" if forks else "spawn")
        lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
    Stored(session.result_file, session.benchmarks).note(batch.cases, map(json.loads, lines))
    shutil.rmtree(journal, ignore_errors=True)
    if failures:
        print(failures, file=sys.stderr)
    return bool(failures)


def store_facts(session: Session, state: str | None, **more: Any) -> None:
    """Beside the results, store what they depend on and asv does not record.

    Args:
        session: that measured.
        state: what else the machine did; None if nothing.
        more: facts of the run.
    """
    facts = json.loads(session.environment.run(["-m", "eam.measure.facts"]))
    facts["newest"] = newest_releases(session.libraries, session.environment.python)
    # not .json, or asv would take it for a result
    path = session.result_file.with_suffix(".facts")
    replace_file(path, json.dumps({**facts, "busy": state, **more}, indent=2))
