"""Files that are replaced as a whole; asv, which writes in place, is taught the same.

A full disk, a kill or an interrupt while a file is written leaves the one that was there.
"""

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from asv.console import log
from asv.results import Results, get_filename
from asv.util import UserError

_WRONG_CONTENT = (AttributeError, TypeError, ValueError)
_asv_save: Any = Results.save
_asv_load: Any = Results.load_data


def teach_asv() -> None:
    """Let asv's own commands save, and load what they add to, as this module does."""
    record: Any = Results
    record.save, record.load_data = save_results, load_data


def save_results(results: Any, folder: str) -> None:
    """Let asv write results into a folder beside their place, and put the file there as a whole."""
    name = get_filename(results.params["machine"], results.commit_hash, results.env_name)
    Path(folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".saving-") as made:
        _asv_save(results, made)
        new, place = Path(made, name), Path(folder, name)
        with new.open("rb") as file:
            os.fsync(file.fileno())
        place.parent.mkdir(parents=True, exist_ok=True)
        new.replace(place)


def load_data(results: Any, folder: str) -> None:
    """Load what is stored for these results; a file that asv cannot read is set aside."""
    name = get_filename(results.params["machine"], results.commit_hash, results.env_name)
    with setting_aside(Path(folder, name)):
        _asv_load(results, folder)


@contextmanager
def setting_aside(path: Path) -> Generator[None]:
    """Inside, a file that is read and cannot be is renamed to say so, and what follows goes on."""
    try:
        yield
    except (UserError, ArithmeticError, LookupError, RecursionError, *_WRONG_CONTENT) as error:
        aside = path.with_name(f"{path.name}.unreadable")
        path.replace(aside)
        log.warning(f"{path} cannot be read ({str(error)[:200]}); it is now {aside.name}")


def replace_file(path: Path, text: str) -> None:
    """Write a file as a whole: until it is on disk, the one before it stays."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=".saving-", delete=False
    ) as file:
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
