"""Change one operator, number or condition of what decides, and see whether a test notices.

    make mutate                          all modules below
    make mutate MODULES="measure/fit"    these only

Each module's counts are stored in counts.json, and docs/reference/mutation.md is written from
them, so runs of single modules add up. cosmic-ray makes the changes (mutants), one at a time, in a
copy of the working tree, and runs the module's tests on each. A mutant that no test notices is a
survivor: write the test that notices it, or say in survivors.toml why the change changes nothing.
The exit status is 0 if every survivor has its reason and 90 % of the mutants are killed.
"""

import argparse
import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "mutation.md"
SURVIVORS = Path(__file__).with_name("survivors.toml")
COUNTS = Path(__file__).with_name("counts.json")
WARM = Path(__file__).with_name("warm.py")
LEAST_KILLED = 0.9

# module below eam/ -> its tests below tests/
TESTS = {
    "measure/check": "measure/test_check.py measure/test_check_quantity.py",
    "measure/fit": "measure/test_fit.py",
    "measure/overhead": "measure/test_overhead.py",
    "atoms/setfl": "atoms/test_setfl.py",
    "gate/comparison": "gate/test_comparison.py",
    "report/ratios": "report/test_ratios.py",
    "report/results": "report/test_results.py report/test_ratios.py",
    "report/history": "report/test_steps.py",
    "report/verdicts": "report/test_verdicts.py",
    "report/matrix": "report/test_matrix.py",
}

# Each operator becomes its opposite or its neighbour; cosmic-ray would try every other one.
OPERATORS = (
    "ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Div|Div_Mul|FloorDiv_Div|Pow_Mul|BitAnd_BitOr)",
    "ReplaceComparisonOperator_(Eq_NotEq|NotEq_Eq|Is_IsNot|IsNot_Is)",
    "ReplaceComparisonOperator_(Lt_LtE|Lt_GtE|LtE_Lt|LtE_Gt|Gt_GtE|Gt_LtE|GtE_Gt|GtE_Lt)",
    "ReplaceUnaryOperator_(USub_UAdd|Delete_Not)",
    "Replace(TrueWithFalse|FalseWithTrue|AndWithOr|OrWithAnd|BreakWithContinue|ContinueWithBreak)",
    "AddNot|NumberReplacer|ZeroIterationForLoop|ExceptionReplacer|RemoveDecorator",
)

# A dataclass that could be changed, or has no slots, gives the same answers: nothing here writes to
# one. So what stands in the brackets of @dataclass is left as it is.
LEFT_OUT = "@dataclass("

# The tests end a change that never ends by itself, by their own CPU time: see warm.py.
CONFIG = """
[cosmic-ray]
module-path = "eam/{module}.py"
timeout = 900.0
excluded-modules = []
test-command = "{python} -S {warm} run {socket} {tests}"

[cosmic-ray.distributor]
name = "local"

[cosmic-ray.filters.operators-filter]
exclude-operators = ['^(?!core/({operators})$)']
"""


class Mutant(NamedTuple):
    """A changed line: its function, the line as it is, and what it became."""

    module: str
    function: str
    line: str
    becomes: str


class Result(NamedTuple):
    """What the tests of a module made of its mutants."""

    module: str
    killed: int
    survivors: list[Mutant]

    @property
    def total(self) -> int:
        """All mutants."""
        return self.killed + len(self.survivors)


def main() -> int:
    """Run the modules that are asked for, and judge their survivors."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="*", choices=[*TESTS, []], help="default: all")
    modules = parser.parse_args().modules or list(TESTS)
    reasons = read_reasons()
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(Path(folder) / "eam")
        compile_all(copy, modules)
        with warm(copy, Path(folder) / "warm.socket") as socket:
            for module in modules:
                result = run(copy, module, socket)
                report(result, reasons)
                store(result)
                results.append(result)
    PAGE.write_text(page(json.loads(COUNTS.read_text()), reasons))
    survivors = [mutant for result in results for mutant in result.survivors]
    unexplained = [mutant for mutant in survivors if mutant not in reasons]
    stale = [m for m in reasons if m.module in modules and m not in survivors]
    for mutant in stale:
        print(f"no survivor any more, so remove it from {SURVIVORS.name}: {mutant}")
    killed = sum(result.killed for result in results) / sum(result.total for result in results)
    print(f"{killed:.1%} killed, {len(unexplained)} survivors without a reason")
    return 0 if killed >= LEAST_KILLED and not unexplained and not stale else 1


@contextmanager
def warm(copy: Path, socket: Path) -> Iterator[Path]:
    """The process whose forks run the tests, for as long as they run."""
    # bytecode of a mutant could pass for that of the next, which may have the same size and second
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    server = subprocess.Popen([sys.executable, WARM, "serve", socket], cwd=copy, env=environment)
    try:
        while not socket.exists():
            time.sleep(0.1)
            if server.poll() is not None:
                sys.exit("the process that runs the tests did not start")
        yield socket
    finally:
        server.terminate()
        server.wait()


def compile_all(copy: Path, modules: Iterable[str]) -> None:
    """Write the bytecode of eam and of the tests now, or every fork would compile them."""
    tests = [name for module in modules for name in tests_of(module)]
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *tests]
    subprocess.run(command, cwd=copy, check=True, stdout=subprocess.DEVNULL)


def tests_of(module: str) -> list[str]:
    """The files of a module's tests."""
    return [f"tests/{name}" for name in TESTS[module].split()]


def report(result: Result, reasons: dict[Mutant, str]) -> None:
    """Print the counts of a module, and the survivors that need a test or a reason."""
    print(f"{result.module}: {result.killed} of {result.total} killed", flush=True)
    for mutant in result.survivors:
        if mutant not in reasons:
            print(f"  {mutant.function}: {mutant.line}\n    {mutant.becomes}", flush=True)


def store(result: Result) -> None:
    """Put the counts of a module in place of its earlier ones."""
    counts = json.loads(COUNTS.read_text()) if COUNTS.exists() else {}
    counts[result.module] = {
        "changes": result.total,
        "noticed": result.killed,
        "date": datetime.date.today().isoformat(),
    }
    in_order = {module: counts[module] for module in TESTS if module in counts}
    COUNTS.write_text(json.dumps(in_order, indent=2) + "\n")


def read_reasons() -> dict[Mutant, str]:
    """Why a survivor changes nothing, from survivors.toml."""
    entries = tomllib.loads(SURVIVORS.read_text()).get("survivor", [])
    return {Mutant(*(e[field] for field in Mutant._fields)): e["why"] for e in entries}


def copied(folder: Path) -> Path:
    """The files of the working tree that git knows or would add, in a folder of their own."""
    listed = subprocess.check_output(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, text=True
    )
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def run(copy: Path, module: str, socket: Path) -> Result:
    """Try every mutant of a module."""
    config, session = copy / "mutation.toml", copy / "mutation.sqlite"
    session.unlink(missing_ok=True)
    operators = "|".join(OPERATORS)
    config.write_text(
        CONFIG.format(
            module=module,
            tests=" ".join(tests_of(module)),
            python=sys.executable,
            warm=WARM,
            socket=socket,
            operators=operators,
        )
    )

    def tool(name: str, *arguments: str) -> str:
        command = [str(Path(sys.executable).with_name(name)), *arguments]
        return subprocess.run(
            command, cwd=copy, check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    tool("cosmic-ray", "baseline", config.name)
    tool("cosmic-ray", "init", config.name, session.name)
    tool("cr-filter-operators", session.name, config.name)
    tool("cosmic-ray", "exec", config.name, session.name)
    outcomes = list(outcomes_of(module, tool("cosmic-ray", "dump", session.name).splitlines()))
    survivors = [mutant for mutant, survived in outcomes if survived]
    return Result(module, len(outcomes) - len(survivors), sorted(survivors))


def outcomes_of(module: str, lines: Iterable[str]) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant that was tried, and whether it survived, from what cosmic-ray stores."""
    for line in lines:
        work, result = json.loads(line)
        if result is None or result["worker_outcome"] == "skipped":
            continue
        diff = result["diff"].splitlines()
        removed = [text[1:].strip() for text in diff if text[:1] == "-" and text[:3] != "---"]
        added = [text[1:].strip() for text in diff if text[:1] == "+" and text[:3] != "+++"]
        function = work["mutations"][0]["definition_name"] or "module"
        mutant = Mutant(module, function, " ".join(removed), " ".join(added))
        if mutant.becomes.startswith(LEFT_OUT):
            continue
        yield mutant, result["test_outcome"] == "survived"


def table_row(counted: tuple[str, dict[str, Any]]) -> str:
    """A module in the table of the page."""
    module, c = counted
    share = f"{c['noticed'] / c['changes']:.0%}"
    return f"| `eam/{module}.py` | {c['changes']} | {share} | {c['date']} |"


def page(counts: dict[str, dict[str, Any]], reasons: dict[Mutant, str]) -> str:
    """The page that says how many changes each module's tests notice, and what the others do."""
    noticed, total = (sum(c[key] for c in counts.values()) for key in ("noticed", "changes"))
    lines = [
        "# Mutation tests",
        "",
        "`make mutate` changes one operator, number or condition at a time in the modules that",
        "decide, and runs their tests on each change. A change that no test notices survives.",
        f"The tests notice {noticed} of {total} changes ({noticed / total:.0%}).",
        "",
        "| module | changes | noticed | counted |",
        "|---|---|---|---|",
        *map(table_row, counts.items()),
        *(
            f"| `eam/{module}.py` | not counted yet | | |"
            for module in TESTS
            if module not in counts
        ),
        "",
        "The arguments of `@dataclass` are not changed: a record that could be written to, or that",
        "has no slots, gives the same answers.",
        "",
        "## Changes that no test notices, and why they change nothing",
    ]
    for module in counts:
        survivors = {mutant: why for mutant, why in reasons.items() if mutant.module == module}
        if survivors:
            lines += ["", f"### `eam/{module}.py`", ""]
        for mutant, why in survivors.items():
            lines += [
                f"- In `{mutant.function}`, `{mutant.line}` becomes `{mutant.becomes}`.",
                f"  {why}",
            ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
