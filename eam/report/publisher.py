"""The plugin that `asv publish` runs: it writes asv's own pages and the report beside them.

asv 0.6.6 stops at the first file that it cannot read, and at an infinite number, before any plugin
runs. So asv is given a copy of the results that holds what has been read and checked here. The
new report is written beside the old one and takes its place only when it is whole.
"""

import copy
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from asv.commands.publish import Publish
from asv.console import log
from asv.machine import Machine
from asv.repo import get_repo
from asv.util import UserError

from ..errors import install_command
from ..private import private
from .asv_format import FormatError, failed_if_infinite
from .history import Past, in_order, reduced
from .missing import nothing
from .reading import load_runs, load_suite
from .results import Latest, Run

_BACK = (
    '<a href="index.html" style="position:fixed;right:1rem;bottom:1rem;z-index:9999;padding:.4rem '
    '.8rem;background:#0b5c9e;color:#fff;font:600 14px sans-serif;border-radius:4px">'
    "To the report</a>"
)
_asv_publish: Any = Publish.run


def replace_publish() -> None:
    """Let `asv publish` run :func:`publish`."""
    Publish.run = publish


def publish(conf: Any, range_spec: Any = None, pull: bool = True) -> None:
    """Write asv's pages and the report into asv's html folder; the arguments are asv's.

    Raises:
        UserError: nothing was published; the front page says why.
    """
    try:
        from .templating import write_empty
    except ModuleNotFoundError as error:
        raise UserError(
            f"the report needs {error.name}; install it with: {install_command('report')}"
        ) from error
    faults: list[str] = []
    with _replacing(Path(conf.html_dir)) as new, tempfile.TemporaryDirectory() as results:
        try:
            latest, history = _read(conf, range_spec, faults, Path(results))
            asvs = copy.copy(conf)
            asvs.results_dir, asvs.html_dir = results, str(new)
            _asv_publish(conf=asvs, range_spec=range_spec, pull=pull)
            write_report(conf, latest, history, faults, new)
        except (UserError, FormatError) as error:
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir()
            write_empty(str(error), faults, new)
            reason = error
        else:
            return
    raise UserError(f"{reason} ({Path(conf.html_dir, 'index.html')} says the same)") from reason


@contextmanager
def _replacing(folder: Path) -> Generator[Path]:
    """A new folder, which takes the place of `folder` if no error is raised meanwhile."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
        new, old = Path(beside, "new"), Path(beside, "old")
        yield new
        if folder.exists():
            folder.replace(old)
        new.replace(folder)


def _read(
    conf: Any, range_spec: Any, faults: list[str], folder: Path
) -> tuple[list[Run], list[Past]]:
    """Read the runs that hold a number, of the commits asked for, and copy them for asv.

    Only the latest run of each machine is kept whole; of all, the overheads.

    Args:
        conf: asv's.
        range_spec: a range of commits, their hashes, or None for all.
        faults: the files at fault are added.
        folder: to copy to.

    Returns:
        The latest runs, the newest first; and every run, in the order of the commits.
    """
    if not any(Path(conf.results_dir).rglob("*.json")):
        raise UserError(nothing(faults))
    if isinstance(range_spec, str):
        repo: Any = get_repo(conf)
        range_spec = repo.get_hashes_from_range(range_spec)
    suite = load_suite(conf.results_dir)
    shutil.copy(Path(conf.results_dir, "benchmarks.json"), folder)
    copies = _Copies(folder)
    latest, history = Latest(), list[Past]()
    for run in load_runs(conf.results_dir, suite, faults):
        if run.size and (range_spec is None or run.commit in range_spec):
            copies.add(run)
            latest.add(run)
            history.append(reduced(run))
    if not history:
        raise UserError(nothing(faults))
    return latest.runs(), in_order(history)


class _Copies:
    """Results as asv reads them: a folder for each machine, with its facts and its runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._machines: dict[str, Path] = {}
        self._number = 0

    def add(self, run: Run) -> None:
        """Copy a run; asv fails at an infinite number, which becomes null here: failed."""
        name = run.machine["machine"]
        if name not in self._machines:
            place = self._machines[name] = self._folder / str(len(self._machines))
            place.mkdir()
            facts = {**run.machine, "version": Machine.api_version}
            place.joinpath("machine.json").write_text(json.dumps(facts), encoding="utf-8")
        self._number += 1
        path = self._machines[name] / f"{self._number}.json"
        text = run.path.read_text(encoding="utf-8")
        if "Infinity" in text:
            text = json.dumps(json.loads(text, parse_constant=failed_if_infinite))
        path.write_text(text, encoding="utf-8")


def write_report(
    conf: Any, latest: list[Run], history: list[Past], faults: list[str], folder: Path
) -> None:
    """Write the report's pages and exports into a folder that holds asv's pages."""
    from .document import Repository, document
    from .export import write_exports
    from .feed import write_feed
    from .history_page import newest_steps, write_history
    from .pages import write_pages
    from .release_pages import summary, write_releases
    from .releases import read
    from .templating import FRONT, HISTORY, NUMBERS

    others = _asv_pages(folder)
    axes = read(Path(conf.results_dir).with_name("releases"))
    pages = write_releases(axes, folder, [FRONT, HISTORY, *NUMBERS, *others])
    others += [page.name for page in pages]
    repo: Any = get_repo(conf)
    said = subjects(repo, {past.commit for past in history})
    repository = Repository(said, commits_after(repo, [run.commit for run in latest]))
    everything = document(latest, history, faults, repository, int(time.time() * 1e3))
    write_exports(everything, history, said, folder)
    _write_subjects(said, folder)
    write_feed(newest_steps(everything["steps"]), conf.project, folder)
    index = write_history(history, everything["steps"], said, folder)
    for page in write_pages(everything, index, folder, others, [*map(summary, axes)]):
        log.info(f"Wrote {Path(conf.html_dir, page.name)}")


def subjects(repo: Any, commits: Iterable[str]) -> dict[str, str]:
    """commit -> the first line of its message, for the commits that the repository has."""
    lines = _git(repo, "log", "--no-walk", "--ignore-missing", "--format=%H %s", *commits, "--")
    return dict(line.split(" ", 1) for line in lines if " " in line)


def commits_after(repo: Any, commits: Iterable[str]) -> dict[str, int]:
    """commit -> how many commits HEAD has that it does not, for those that the repository has."""
    counts = {name: _git(repo, "rev-list", "--count", f"{name}..HEAD", "--") for name in commits}
    return {name: int(lines[0]) for name, lines in counts.items() if lines}


def _git(repo: Any, *command: str) -> list[str]:
    """The lines that git prints; none where it fails."""
    try:
        text: str = private(repo, "_run_git")([*command])
    except Exception as error:  # asv's ProcessError, or a repository that is no git
        log.debug(f"git {command[0]} failed: {error}")
        return []
    return text.splitlines()


def _write_subjects(said: Mapping[str, str], folder: Path) -> None:
    """Write the subjects of the commits where asv-tachyon looks for them."""
    text = json.dumps({"by_hash": said})
    folder.joinpath("commits.json").write_text(text, encoding="utf-8")


def _asv_pages(folder: Path) -> list[str]:
    """Move asv's own front page aside and put asv-tachyon beside it; returns what there is."""
    from .templating import CLASSIC, EXPLORE, FRONT

    found: list[str] = []
    if (folder / FRONT).exists():
        _link_back((folder / FRONT).replace(folder / CLASSIC))
        found.append(CLASSIC)
    # asv-tachyon installs itself over an index.html, so it does that in a folder of its own.
    with tempfile.TemporaryDirectory() as private_folder:
        scratch = Path(private_folder, "explore")
        scratch.mkdir()
        (scratch / "index.json").write_text("{}")
        command = [sys.executable, "-m", "asv_tachyon", "install", "--no-backup", str(scratch)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            log.warning(f"asv-tachyon is not beside the report: {done.stderr.strip()}")
            return found
        (scratch / "index.json").unlink()
        _link_back((scratch / FRONT).rename(scratch / EXPLORE))
        shutil.copytree(scratch, folder, dirs_exist_ok=True)
    return [*found, EXPLORE]


def _link_back(page: Path) -> None:
    """Give a page that is not ours a way back to the report."""
    html = page.read_text(encoding="utf-8")
    page.write_text(html.replace("</body>", f"{_BACK}</body>"), encoding="utf-8")
