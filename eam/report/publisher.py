"""The plugin that `asv publish` runs: it writes asv's own pages and the report beside them.

asv 0.6.6 stops at the first file that it cannot read, and at an infinite number, before any plugin
has its turn. So asv is given a copy of the results that holds what can be read and nothing else.
"""

import copy
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from asv.commands.publish import Publish
from asv.console import log
from asv.machine import Machine
from asv.repo import get_repo
from asv.util import UserError

from ..errors import install_command
from .reading import load_runs, load_suite
from .results import Run

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
        from .pages import write_empty
    except ModuleNotFoundError as error:
        raise UserError(
            f"the report needs {error.name}; install it with: {install_command('report')}"
        ) from error
    faults: list[str] = []
    try:
        runs = _published(conf, range_spec, faults)
        with tempfile.TemporaryDirectory() as folder:
            asvs = copy.copy(conf)
            asvs.results_dir = folder
            _copy(runs, conf.results_dir, Path(folder))
            _asv_publish(conf=asvs, range_spec=range_spec, pull=pull)
        write_report(conf, runs, faults)
    except UserError as error:
        shutil.rmtree(conf.html_dir, ignore_errors=True)  # as asv does before it publishes
        page = write_empty(str(error), faults, Path(conf.html_dir))
        raise UserError(f"{error} ({page} says the same)") from error


def _published(conf: Any, range_spec: Any, faults: list[str]) -> list[Run]:
    """The runs that hold a number, of the commits asked for; adds what is wrong to `faults`."""
    from .missing import nothing

    if not any(Path(conf.results_dir).rglob("*.json")):
        raise UserError(nothing(faults))
    runs, found = load_runs(conf.results_dir, load_suite(conf))
    faults += found
    runs = [run for run in runs if run.size]
    if isinstance(range_spec, str):
        repo: Any = get_repo(conf)
        range_spec = repo.get_hashes_from_range(range_spec)
    if range_spec is not None:
        runs = [run for run in runs if run.commit in range_spec]
    if not runs:
        raise UserError(nothing(faults))
    return runs


def _copy(runs: Sequence[Run], results_dir: str, folder: Path) -> None:
    """Copy what asv reads: the list of benchmarks, the runs, and a folder for each machine."""
    shutil.copy(Path(results_dir, "benchmarks.json"), folder)
    machines = list(dict.fromkeys(run.machine["machine"] for run in runs))
    for number, run in enumerate(runs):
        place = folder / str(machines.index(run.machine["machine"]))
        place.mkdir(exist_ok=True)
        facts = {**run.machine, "version": Machine.api_version}
        place.joinpath("machine.json").write_text(json.dumps(facts), encoding="utf-8")
        stored = json.loads(run.path.read_text(encoding="utf-8"), parse_constant=_or_failed)
        place.joinpath(f"{number}.json").write_text(json.dumps(stored), encoding="utf-8")


def _or_failed(constant: str) -> float | None:
    """NaN, which is n/a, stays; an infinite number becomes null, which is failed."""
    return float(constant) if constant == "NaN" else None


def write_report(conf: Any, runs: Sequence[Run], faults: Sequence[str]) -> None:
    """Write the report's pages and exports into asv's html folder."""
    from .document import document
    from .export import write_exports
    from .pages import FRONT, HISTORY, write_pages
    from .release_pages import write_releases

    folder = Path(conf.html_dir)
    others = _asv_pages(folder)
    releases = Path(conf.results_dir).with_name("releases")
    pages = write_releases(folder, [FRONT, HISTORY, *others], releases)
    others += [page.name for page in pages]
    everything = document(runs, faults, subjects(get_repo(conf), {run.commit for run in runs}))
    write_exports(everything, folder)
    for page in write_pages(everything, folder, others):
        log.info(f"Wrote {page}")


def subjects(repo: Any, commits: Iterable[str]) -> dict[str, str]:
    """commit -> the first line of its message, for the commits that the repository has."""
    found: dict[str, str] = {}
    for commit in commits:
        try:
            found[commit] = repo._run_git(["log", "-1", "--format=%s", commit, "--"]).strip()
        except Exception as error:  # asv's ProcessError, or a repository that is no git
            log.debug(f"No subject for {commit}: {error}")
    return found


def _asv_pages(folder: Path) -> list[str]:
    """Move asv's own front page aside and put asv-tachyon beside it; returns what there is."""
    from .pages import CLASSIC, EXPLORE, FRONT

    found: list[str] = []
    if (folder / FRONT).exists():
        _link_back((folder / FRONT).replace(folder / CLASSIC))
        found.append(CLASSIC)
    # asv-tachyon installs itself over an index.html, so it does that in a folder of its own.
    with tempfile.TemporaryDirectory() as private:
        scratch = Path(private, "explore")
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
