"""Answers of measuring processes, kept until the run that asked has stored its results.

asv stores what a `setup_cache` measured only when all of it is there, which takes minutes. With the
environment variable EAM_JOURNAL naming a folder, each answer is written there as it comes, and a
question that was answered before an interrupt is not asked again.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .conversation import Answered
from .outcome import Outcome


def journalled(name: str, question: Mapping[str, Any], ask: Callable[[], Answered]) -> Answered:
    """The answer in the journal, or else a new one; a process that died is asked again.

    Args:
        name: of the function that is asked.
        question: its arguments, as JSON can hold them.
        ask: asks it.
    """
    folder = os.environ.get("EAM_JOURNAL")
    if not folder:
        return ask()
    key = hashlib.sha256(json.dumps([name, question], sort_keys=True).encode()).hexdigest()
    entry = Path(folder, f"{key}.json")
    if entry.exists():
        return Answered([Outcome(**outcome) for outcome in json.loads(entry.read_text())])
    answered = ask()
    if answered.death is None:
        entry.parent.mkdir(parents=True, exist_ok=True)
        partial = entry.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps([asdict(outcome) for outcome in answered.outcomes]))
        partial.replace(entry)
    return answered
