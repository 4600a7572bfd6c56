"""Publish a thousand synthetic commits of the full grid, and measure what that takes.

    make publish-scale                rewrites docs/reference/scale.md; 20 minutes on two cores
    make publish-scale COMMITS=100    fewer commits, and no page

`asv publish` runs on the same results without this project's plugin and with it. Then one commit
more is published, and the history page is opened in Chromium.
"""

import argparse
import itertools
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "scale.md"
DAY = 86_400_000
MACHINE = {
    "machine": "synthetic",
    "cpu": "a CPU",
    "num_cpu": "2",
    "ram": "8000000000",
    "arch": "x86_64",
    "os": "Linux",
}
VERSIONS = {"numpy": "2.4.6", "jax": "0.10.2", "torch": "2.13.0"}
COLUMNS = ["stats_ci_99_a", "stats_ci_99_b", "stats_q_25", "stats_q_75"]


class Cost(NamedTuple):
    """What a command took, with the processes that it started."""

    seconds: float
    processor_seconds: float
    megabytes: float


def main() -> None:
    """Make the results, publish them, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=1000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(Path(folder), args.commits)
    table = "\n".join(f"| {what} | {found} |" for what, found in rows)
    print(table)
    if args.commits == parser.get_default("commits"):
        head, _, _ = PAGE.read_text(encoding="utf-8").partition("| what |")
        PAGE.write_text(f"{head}| what | measured |\n|---|---|\n{table}\n", encoding="utf-8")


def measure(folder: Path, count: int) -> Iterator[tuple[str, str]]:
    """What was measured, and how it came out."""
    commits = make_repository(folder / "repository", count + 1)
    suite = benchmarks()
    for order, commit in enumerate(commits[:-1]):
        write_result(folder, suite, commit, order)
    cases = sum(math.prod(map(len, record["params"])) for record in suite.values())
    yield "commits, and cases of each", f"{count}, {cases}"
    alone = publish(folder, plugins=[])
    yield "asv publish without our pages", _cost(alone)
    ours = publish(folder, plugins=[".eam.report"])
    yield "asv publish with them", f"{_cost(ours)}, {ours.seconds / alone.seconds:.2f} times"
    write_result(folder, suite, commits[-1], count)
    one_more = publish(folder, plugins=[".eam.report"])
    yield "the same after one commit more", _cost(one_more)
    html = folder / "html"
    for name in ("index.html", "history.html", "overheads.json", "history.csv"):
        yield name, f"{(html / name).stat().st_size / 1e6:.2f} MB"
    yield from browse(html)


def make_repository(path: Path, count: int) -> list[str]:
    """A repository of empty commits, one a day; their hashes, the first one first."""
    subprocess.run(["git", "init", "-q", str(path)], check=True)
    lines: list[str] = []
    for order in range(count):
        text = f"Commit number {order}"
        lines += [
            "commit refs/heads/main",
            f"committer A <a@example.org> {1_600_000_000 + order * 86_400} +0000",
            f"data {len(text)}\n{text}",
        ]
    git = ["git", "-C", str(path)]
    subprocess.run([*git, "fast-import", "--quiet"], input="\n".join(lines), text=True, check=True)
    subprocess.run([*git, "symbolic-ref", "HEAD", "refs/heads/main"], check=True)
    listed = subprocess.check_output([*git, "log", "--reverse", "--format=%H"], text=True)
    return listed.split()


def benchmarks() -> dict[str, dict[str, Any]]:
    """The suite as asv finds it, by name."""
    program = (
        "import asv_runner.discovery as d\n"
        "with open('/dev/stderr', 'w') as out: d.list_benchmarks('benchmarks', out)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {record["name"]: record for record in json.loads(done.stderr)}


def write_result(folder: Path, suite: dict[str, Any], commit: str, order: int) -> None:
    """A result file as asv writes it; each number moves by 2 %, and a few make a step."""
    place = folder / "results" / MACHINE["machine"]
    place.mkdir(parents=True, exist_ok=True)
    if order == 0:
        _write(place / "machine.json", {**MACHINE, "version": 1})
        _write(folder / "results" / "benchmarks.json", {**suite, "version": 2})
    noise = random.Random(order)
    content = {
        "commit_hash": commit,
        "env_name": "env",
        "date": 1_600_000_000_000 + order * DAY,
        "params": {**MACHINE, "python": "3.11", **VERSIONS},
        "python": "3.11",
        "requirements": VERSIONS,
        "env_vars": {},
        "result_columns": ["result", "params", "version", "started_at", "duration", *COLUMNS],
        "results": {name: _row(record, noise, order) for name, record in suite.items()},
        "durations": {},
        "version": 2,
    }
    _write(place / f"{commit[:8]}-env.json", content)


def _row(record: dict[str, Any], noise: random.Random, order: int) -> list[Any]:
    values: list[float] = []
    for i, _ in enumerate(itertools.product(*record["params"])):
        step = 1.3 if i % 40 == 0 and order % 100 >= 50 else 1.0
        values.append((1.0 + i % 17) * step * noise.lognormvariate(0.0, 0.02))
    spread = [[value * factor for value in values] for factor in (0.97, 1.03, 0.99, 1.01)]
    return [values, record["params"], record["version"], 1_600_000_000_000, 1.0, *spread]


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")


def publish(folder: Path, plugins: list[str]) -> Cost:
    """Run `asv publish` in a process of its own."""
    config = {
        "version": 1,
        "project": "eam",
        "repo": str(folder / "repository"),
        "branches": ["main"],
        "benchmark_dir": str(ROOT / "benchmarks"),
        "results_dir": str(folder / "results"),
        "html_dir": str(folder / "html"),
        "plugins": plugins,
    }
    _write(folder / "asv.conf.json", config)
    command = [sys.executable, "-m", "asv", "publish", "--config", str(folder / "asv.conf.json")]
    began = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    taken = time.monotonic() - began
    return Cost(taken, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3)


def _cost(cost: Cost) -> str:
    return (
        f"{cost.seconds:.0f} s ({cost.processor_seconds:.0f} s of a processor), "
        f"{cost.megabytes:.0f} MB"
    )


# from a choice until another chart stands where the old one was
_CHOOSE = """
const [name, value, done] = arguments;
const select = document.querySelector(`select[name=${name}]`);
const chart = () => document.querySelector("#history svg, #history canvas");
const before = chart(), began = performance.now();
const check = () => chart() && chart() !== before ? done(performance.now() - began)
                                                  : setTimeout(check, 2);
select.value = value; select.dispatchEvent(new Event("change")); setTimeout(check, 2);"""
_DRAWN = """
const [done] = arguments;
const check = () => document.querySelector("#history svg, #history canvas")
  ? done(performance.now()) : setTimeout(check, 2);
check();"""


def browse(html: Path) -> Iterator[tuple[str, str]]:
    """How long the history page takes to draw, and to follow a choice, in Chromium."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    with webdriver.Chrome(options=options) as chrome:
        chrome.get((html / "history.html").as_uri())
        yield "history.html: opened and drawn", f"{chrome.execute_async_script(_DRAWN):.0f} ms"
        for name, value in (("library", "jax"), ("library", "*"), ("model", "toy")):
            taken = chrome.execute_async_script(_CHOOSE, name, value)
            yield f"history.html: chosen {name} {value}", f"{taken:.0f} ms"


if __name__ == "__main__":
    main()
