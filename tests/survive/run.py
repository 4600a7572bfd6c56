"""The fault suite: ``make survive``. It breaks things on purpose, many times, and prints a table.

The tests hold one case of each fault; this repeats them until rare failures show. `--write` puts
the table into a page between its marks, such as docs/explanation/reliability.md.
"""

import argparse
import os
import platform
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
from pytest import MonkeyPatch

from eam.measure.table import measure
from eam.peers.toy_page import replace_section
from eam.tracking.machine import describe_machine
from eam.tracking.saving import replace_file
from tests.atoms import fuzz_readers
from tests.measure import bad_backends
from tests.report.mutated import mutated
from tests.report.published import make_commits, publish, suite
from tests.tracking import tiny

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- survive: begin -->", "<!-- survive: end -->"
NOT_OK = "**not ok**"
HEAD = "| fault | seen | |"


def main():
    """Run the parts that are asked for, and print a row of the table for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30, help="of each signal")
    parser.add_argument("--files", type=int, default=2000, help="mutated result files")
    parser.add_argument("--fuzz", type=int, default=20_000, help="mutated potential files")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the rows into a page")
    parts = {
        "kills": lambda: [kills(number, asked.kills) for number in SIGNALS],
        "track": lambda: [kills_of_track(number, asked.kills) for number in SIGNALS],
        "disk": lambda: [full_disk()],
        "table": lambda: [bad_in_the_table()],
        "gate": lambda: [bad_in_the_gate()],
        "suite": lambda: [bad_in_the_suite()],
        "results": lambda: [result_files(asked.files)],
        "potentials": lambda: [potential_files(asked.fuzz)],
    }
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(parts)} (default: all)"
    )
    asked = parser.parse_args()
    rows = [row for part in asked.parts or parts for row in parts[part]()]
    if asked.write:
        page = asked.write.read_text(encoding="utf-8")
        asked.write.write_text(with_rows(page, rows), encoding="utf-8")
    return int(any(NOT_OK in row for row in rows))


def with_rows(page, rows):
    """The page with these rows in its table; those of the parts that were not run stay."""
    before = page.partition(BEGIN)[2].partition(END)[0].splitlines()
    table = {_fault(row): row for row in [*before, *rows] if row.startswith("| ")}
    table.pop(_fault(HEAD), None)
    text = "\n".join([HEAD, "|---|---|---|", *table.values()])
    return replace_section(page, f"{_measured()}\n\n{text}", BEGIN, END)


def _fault(row):
    """What a row is about, without how many times."""
    return row.split("|")[1].strip().lstrip("0123456789 x")


def _measured():
    processor = describe_machine().cpu
    return (
        f"Seen on {datetime.now(UTC):%Y-%m-%d} with Python {platform.python_version()} on "
        f"{psutil.cpu_count()} cores, {processor}:"
    )


def row(fault, seen, good):
    """A row, printed as soon as it is known."""
    text = f"| {fault} | {seen} | {'ok' if good else NOT_OK} |"
    print(text, flush=True)
    return text


def kills(number, times):
    """End `python -m eam`, which measures in processes of its own, at random moments."""
    command = [sys.executable, "-m", "eam", "--dimension", "100"]
    ends = [end(command, number, seed) for seed in range(times)]
    return row(f"{times} x {number.name} while measuring", *seen_at_ends(ends))


def kills_of_track(number, times):
    """The same of `eam track`, in which asv measures; what was saved stays readable."""
    command = [sys.executable, "-m", "eam", "track", "--full"]
    with tempfile.TemporaryDirectory() as home:
        top = tiny.make(Path(home, "repository"), tiny.SLOW_SUITE)
        environment = {"HOME": home, "PYTHONPATH": str(ROOT)}
        ends, saved = [], []
        for seed in range(times):
            shutil.rmtree(top / "results", ignore_errors=True)
            ends.append(end(command, number, seed, cwd=top, environment=environment))
            saved.append(len(tiny.stored(top)))
        subprocess.run(
            command, cwd=top, env=os.environ | environment, check=True, capture_output=True
        )
        complete = tiny.stored(top).keys() == tiny.SLOW
    seen, good = seen_at_ends(ends)
    seen += f"; {min(saved)} to {max(saved)} of {len(tiny.SLOW)} results were saved"
    seen += f", and the next run has {'all' if complete else 'not all'}"
    return row(f"{times} x {number.name} of eam track", seen, good and complete)


def end(command, number, seed, cwd=None, environment=()):
    """Start a command and send it a signal at a random moment.

    Returns the seconds that it took to end, and after three how many processes and files are left.
    """
    with tempfile.TemporaryDirectory() as folder:
        mark = f"{os.getpid()}-{number}-{seed}"
        run = subprocess.Popen(
            command,
            env=os.environ | dict(environment) | {"TMPDIR": folder, "EAM_SURVIVE": mark},
            cwd=cwd,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(random.Random(seed).uniform(0.5, 8.0))
        began = time.monotonic()
        run.send_signal(number)
        try:
            run.wait(timeout=60)
        finally:
            run.kill()
        seconds = time.monotonic() - began
        time.sleep(max(0.0, began + 3.0 - time.monotonic()))
        return seconds, len(processes_of(mark)), len(list(Path(folder).iterdir()))


def seen_at_ends(ends):
    """What a row says of them, and whether it is as it should be."""
    seconds, processes, files = zip(*ends, strict=True)
    slowest, left, kept = max(seconds), sum(processes), sum(files)
    seen = f"slowest end {slowest:.1f} s, {left} processes after 3 s, {kept} temporary files"
    return seen, slowest < 5.0 and not left and not kept


def processes_of(mark):
    """The processes that were started with a mark in their environment."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            is_ours = process.environ().get("EAM_SURVIVE") == mark
            if is_ours and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def full_disk():
    """A disk of 64 KiB, or where only root may make one, a limit on the size of files."""
    tests = ["tests/tracking/test_stored.py", "-k", "full_disk or set_aside"]
    good = pytest(*tests)
    seen = "the file that was there stays; what cannot be read is set aside"
    with tempfile.TemporaryDirectory() as folder:
        small = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]
        if subprocess.run(small, capture_output=True, check=False).returncode == 0:
            try:
                good &= _fills(Path(folder))
                seen += "; also on a full tmpfs"
            finally:
                subprocess.run(["umount", folder], check=True)
    return row("disk full while a result is saved", seen, good)


def _fills(folder):
    path = folder / "result.json"
    replace_file(path, "good")
    try:
        replace_file(path, "x" * 10**6)
    except OSError:
        return path.read_text() == "good" and list(folder.iterdir()) == [path]
    return False


def bad_in_the_table():
    """Every bad backend beside good ones, in `python -m eam`'s own function."""
    with MonkeyPatch.context() as patch:
        bad_backends.register(patch)
        rows = measure("toy", 100, ["numpy", "numpy-inplace", *bad_backends.REASONS], 5.0)
    wrong = []
    for measured in rows:
        reason = bad_backends.REASONS.get(measured.backend)
        if measured.failed != (reason is not None) or (reason or "") not in (measured.reason or ""):
            wrong.append(measured.backend)
            print(measured, file=sys.stderr)
    seen = "each costs its own row only" if not wrong else f"not as it should be: {wrong}"
    return row(f"{len(bad_backends.REASONS)} bad backends in the table", seen, not wrong)


def bad_in_the_gate():
    """The same in the gate."""
    good = pytest("tests/gate")
    return row("bad backends in the gate", "named; a crash is exit 2", good)


def bad_in_the_suite():
    """The same in the suite, by `asv run`."""
    good = pytest("tests/benchmarks")
    return row("bad backends in the suite", "named; no number", good)


def pytest(*arguments):
    command = [sys.executable, "-m", "pytest", "-q", "-x", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0


def result_files(number, at_once=200):
    """Publish result files with one fault each, beside a good one."""
    crashes = 0
    for seed in range(-(-number // at_once)):
        choose = random.Random(seed)
        folder = Path(tempfile.mkdtemp())

        def damage(results, choose=choose):
            (good,) = results.glob("bench/*-env.json")
            text = good.read_text()
            for i in range(at_once):
                made = mutated(text, choose)
                path = good.with_name(f"{i}.json")
                path.write_text(made, encoding="utf-8", errors="surrogatepass")

        commits = make_commits(folder / "repository")
        done = publish(folder, commits, suite(commits.first, 1_000_000), damage=damage)
        if done.status:
            crashes += 1
            print(f"seed {seed}: {done.output[-2000:]}", file=sys.stderr)
        shutil.rmtree(folder)
    return row(f"{number} mutated result files", f"{crashes} crashes of publish", not crashes)


def potential_files(number):
    """Mutations of the corpus through both readers; `make fuzz` is guided by coverage."""
    chance = random.Random(0)
    files = [path.read_bytes() for path in fuzz_readers.corpus()]
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(number):
            try:
                fuzz_readers.try_bytes(fuzz_readers.mutated(chance.choice(files), chance), folder)
            except Exception as error:
                wrong += 1
                print(repr(error), file=sys.stderr)
    return row(f"{number} mutated potential files", f"{wrong} undocumented errors", not wrong)


if __name__ == "__main__":
    sys.exit(main())
