"""What `asv publish` runs: the pages and the export, beside asv's own files."""

import math
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from asv.console import log
from asv.publishing import OutputPublisher
from asv.results import Results
from asv.util import UserError

from .store import load_runs

_BACK = (
    '<a href="index.html" style="position:fixed;right:1rem;bottom:1rem;z-index:9999;padding:.4rem '
    '.8rem;background:#0b5c9e;color:#fff;font:600 14px sans-serif;border-radius:4px">'
    "To the report</a>"
)


def _finite_value(self: Results, key: str, params: Any) -> list[Any]:
    """asv's Results.get_result_value, with an infinite number taken as failed.

    asv 0.6.6 cannot publish an infinite result: its step detection raises a TypeError, and the
    graph would be JSON that no browser reads.
    """
    values: list[Any] = _asv_result_value(self, key, params)
    return [None if isinstance(v, float) and math.isinf(v) else v for v in values]


_asv_result_value: Any = Results.get_result_value
Results.get_result_value = _finite_value


class Report(OutputPublisher):
    """May I stop writing gradients by hand? Written as index.html."""

    name = "overheads"
    button_label = "Overheads"
    description = "How far automatic differentiation is from a gradient written by hand"

    @classmethod
    def publish(cls, conf: Any, repo: Any, benchmarks: Any, graphs: Any, revisions: Any) -> None:
        """Called by asv when its own files are written, all but index.json."""
        try:
            write_report(conf, benchmarks, repo)
        except ModuleNotFoundError as error:
            raise UserError(
                f"the report needs {error.name}; install it with: "
                "python -m pip install 'eam[report]'"
            ) from error


def write_report(conf: Any, benchmarks: Any, repo: Any) -> None:
    """Write the report into asv's html folder.

    Raises:
        UserError: there is no result to report on; the page that says so is written.
    """
    from .document import document
    from .export import write_exports
    from .missing import nothing
    from .pages import write_empty, write_pages

    folder = Path(conf.html_dir)
    others = _asv_pages(folder)
    runs, unreadable = load_runs(conf.results_dir, benchmarks)
    runs = [run for run in runs if run.cells]
    if not runs:
        page = write_empty(nothing(unreadable), unreadable, folder)
        raise UserError(f"{nothing(unreadable)} ({page} says the same)")
    everything = document(runs, unreadable, subjects(repo, {run.commit for run in runs}))
    write_exports(everything, folder)
    for page in write_pages(everything, folder, others):
        log.info(f"Wrote {page}")


def subjects(repo: Any, commits: set[str]) -> dict[str, str]:
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
