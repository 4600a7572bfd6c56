"""The asv suite itself, run by the real asv on the installed environment."""

import itertools
import json
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from asv.benchmarks import Benchmarks
from asv.config import Config
from asv.environment import iter_matrix
from asv.results import iter_results
from packaging.requirements import Requirement

import eam
from eam.tracking.batches import FULL

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def asv(*arguments, dimensions="", **variables):
    return subprocess.run(
        [sys.executable, "-m", "asv", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"EAM_DIMENSIONS": dimensions} | variables,
    )


def pins():
    requirements = Config.load(ROOT / "asv.conf.json").matrix["req"]
    return {
        name.removeprefix("pip+"): [version for version in versions if version is not None]
        for name, versions in requirements.items()
    }


def test_ci_tests_the_versions_that_asv_measures():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    constraints = {}
    for line in lines:
        if pin := line.partition("#")[0].partition(";")[0].strip():
            name, version = pin.split("==")
            constraints.setdefault(name, []).append(version)
    # in the order of the Pythons, where each has its own
    for name, versions in pins().items():
        assert versions == constraints[name]


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_each_python_measures_one_environment_of_what_ci_tests_there(python):
    (environment,) = iter_matrix("virtualenv", [python], Config.load(ROOT / "asv.conf.json"))
    measured = {name: version for (kind, name), version in environment.items() if kind == "req"}
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    for line in (line.partition("#")[0] for line in lines):
        if line and Requirement(line).name in measured:
            pin = Requirement(line)
            if pin.marker is None or pin.marker.evaluate({"python_version": python}):
                assert measured[pin.name] in (None, str(pin.specifier)[2:])


def test_every_library_is_pinned():
    libraries = {eam.backends.describe(name).library for name in eam.backend_names()}
    libraries = {library.replace("_", "-") for library in libraries}
    assert libraries <= set(pins())


def test_check_finds_no_fault():
    checked = asv("check", "--python=same")
    assert checked.returncode == 0, checked.stdout + checked.stderr


# Two backends with a fault: a gradient wrong by 1e-6, and one in single precision.
FAULTS = """
from dataclasses import replace

import numpy as np

from ._numpy import allocating, in_place


def wrong(problem):
    native = in_place(problem)
    return replace(
        native, gradient_into=lambda out, x: np.multiply(native.gradient(x), 1 + 1e-6, out)
    )


def single(problem):
    native = allocating(problem)
    return replace(native, gradient=lambda x: native.gradient(x).astype(np.float32))
"""
FAULTY = ("faulty-wrong", "faulty-single")
EVERY_BACKEND = re.compile(r"(gradients|memory)\.Toy(Overhead\.|\.track_|\.time_gradient)")
# of everything else, one by hand and one of AD: tests/backends/ has every backend on every model
# and quantity
SOUND = [repr(name) for name in ("numpy", "autograd")]
FEW = [*SOUND, *map(repr, FAULTY)]
STARTED = [repr(name) for name in ("numpy", *FAULTY)]

# What the copy that is run has beyond the suite and eam as they are: the backends with a fault, and
# numbers that make it quick. Each text is appended to its file.
ADDED = {
    "eam/backends/_faulty.py": FAULTS,
    "eam/backends/__init__.py": """
for _factory in ("wrong", "single"):
    _name = f"faulty-{_factory}"
    _REGISTRY[_name] = Backend(_name, "numpy", "_faulty", _factory, REVERSE)
""",
    "eam/measure/overhead.py": f"""
_measure = measure


def measure(model, dimensions, backends, **_):
    few = [n for n in backends if model == "toy" or repr(n) in {FEW}]
    return _measure(model, dimensions, few, processes=1, seconds=0.01)
""",
    "eam/measure/allocations.py": f"""
_measure = measure


def measure(model, dimensions, backends):
    few = [n for n in backends if model == "toy" or repr(n) in {FEW}]
    return _measure(model, dimensions, few)
""",
    "eam/measure/quantities.py": f"""
_measure = measure


def measure(model, dimensions, backends, quantities):
    few = [n for n in backends if repr(n) in {SOUND}]
    return _measure(model, dimensions, few, quantities, seconds=0.01)
""",
    # each of the others compiles with empty caches; test_startup has a part of them
    "eam/measure/startup.py": f"""
_measure = measure


def measure(model, dimensions, backends, **options):
    return _measure(model, dimensions, [n for n in backends if repr(n) in {STARTED}], **options)
""",
    # a model whose memory is measured too keeps its dimensions
    "benchmarks/registry.py": """
from dataclasses import replace as _replace


def _small(model):
    at, tests = model.dimensions, model.dimensions.tests
    few = {"quantities": tests} if at.quantities else {}
    if not at.allocations:
        few |= {"gradients": tests, "overheads": tests}
    return _replace(model, dimensions=_replace(at, **few))


MODELS = [_small(model) for model in MODELS]
TOYS = [model for model in MODELS if model.unit == "N"]
ATOMIC = [model for model in MODELS if model.unit == "atoms"]
""",
}


@pytest.fixture(scope="module")
def configuration(tmp_path_factory):
    """asv.conf.json with results of its own, for a copy of the suite and of eam."""
    folder = tmp_path_factory.mktemp("asv")
    for package in ("eam", "benchmarks"):
        shutil.copytree(ROOT / package, folder / package)
    for name, text in ADDED.items():
        with (folder / name).open("a") as file:
            file.write(text)
    first = folder / "benchmarks" / "__init__.py"
    first.write_text(f"import sys\nsys.path.insert(0, {str(folder)!r})\n{first.read_text()}")
    lines = (ROOT / "asv.conf.json").read_text().splitlines()
    config = json.loads("\n".join(line for line in lines if not line.lstrip().startswith("//")))
    config.pop("plugins", None)
    config |= {
        "repo": str(ROOT),
        "benchmark_dir": str(folder / "benchmarks"),
        "results_dir": str(folder / "results"),
        "env_dir": str(folder / "env"),
        "html_dir": str(folder / "html"),
    }
    path = folder / "asv.conf.json"
    path.write_text(json.dumps(config))
    asv("machine", "--yes", "--config", str(path))
    return path


@pytest.fixture(scope="module")
def benchmarks(configuration):
    """The benchmarks as asv discovers them."""
    asv("run", "--python=same", "--config", str(configuration), "--bench", "just-discover")
    return Benchmarks.load(Config.load(str(configuration)))


def test_a_full_run_takes_every_benchmark_once(benchmarks):
    every = list(benchmarks)
    taken = [name for group in FULL for name in every if re.search(group, name)]
    assert sorted(taken) == sorted(every)


@pytest.fixture(scope="module")
def once(configuration, benchmarks):
    """Every benchmark, each backend at one dimension, run once by the real asv."""
    cases = {name: list(chosen(name, benchmark)) for name, benchmark in benchmarks.items()}
    patterns = [word for item in cases.items() for word in ("--bench", pattern(*item))]
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=ROOT, text=True).strip()
    # a fork for each case: hundreds of new interpreters take minutes
    options = ("--quick", "--show-stderr", "--launch-method", "forkserver")
    common = ("--python=same", "--config", str(configuration), "--set-commit-hash", head)
    dimensions = {case[0] for each in cases.values() for case in each if case}
    run = asv("run", *common, *options, *patterns, dimensions=",".join(dimensions))
    (results,) = iter_results(Config.load(str(configuration)).results_dir)
    stored = numbers(results)
    return run, {cell: stored[cell] for name in cases for cell in cells(name, cases[name])}


def chosen(name, benchmark):
    """The parameters that a benchmark is run with, at dimension 100 or the smallest there is.

    The gradient, the overhead and the allocations of the toy are those of every backend, all others
    of a few: the conformance test makes every backend ready on every model, and checks it.
    """
    if not benchmark["params"]:
        return [()]
    values, *others = benchmark["params"]
    smallest = "100" if "100" in values else values[0]
    cases = list(itertools.product([smallest], *others))
    if benchmark["param_names"][-1] != "backend" or EVERY_BACKEND.match(name):
        return cases
    if name.startswith("startup.FirstCall"):
        return [case for case in cases if case[1] in STARTED]
    # the backends with a fault have no quantity beyond the gradient
    few = SOUND if name.startswith("quantities") else FEW
    return [case for case in cases if case[1] in few]


def pattern(name, cases):
    """What asv selects these cases of a benchmark by."""
    return f"^({'|'.join(map(re.escape, cells(name, cases)))})$"


def cells(name, cases):
    """The cases as asv writes them."""
    return [f"{name}({', '.join(case)})" if case else name for case in cases]


def numbers(results):
    """What asv stored: name with parameters -> number, NaN for n/a, None for a failure."""
    stored = {}
    for name in results.get_all_result_keys():
        params = results.get_result_params(name)
        values = results.get_result_value(name, params)
        stored |= zip(cells(name, itertools.product(*params)), values, strict=True)
    return stored


def split(cell):
    """('NAME', 'DIMENSION', 'BACKEND') of a cell "NAME(DIMENSION, 'BACKEND')"."""
    name, _, parameters = cell.partition("(")
    dimension, _, backend = parameters.strip(")").partition(", ")
    return name, dimension, backend.strip("'")


@pytest.fixture(scope="module")
def right(once):
    """cell -> number of all but the backends with a fault."""
    return {cell: number for cell, number in once[1].items() if split(cell)[2] not in FAULTY}


def test_no_benchmark_fails(once, right):
    run, _ = once
    failed = [cell for cell, number in right.items() if number is None]
    assert not failed, run.stdout + run.stderr
    assert run.returncode == 2, run.stdout + run.stderr  # for the faults


def test_every_backend_has_a_number_for_every_benchmark_of_the_toy(right):
    toy = [cell for cell in right if ".Toy" in cell]
    assert {"gradients.Toy.time_value", "gradients.Toy.time_gradient"} < {
        split(cell)[0] for cell in toy
    }
    assert not [cell for cell in toy if offered(cell) and math.isnan(right[cell])]


def offered(cell):
    """Whether a backend takes the toy at the dimension of a cell, and the quantity there."""
    name, dimension, backend = split(cell)
    found = re.search(r"quantities\.Toy\.track_(\w+?)(_best|_allocations)?$", name)
    quantity = found[1] if found else "gradient"
    toy = eam.models.model("toy")
    return eam.backends.describe(backend).refusal(toy, int(dimension), quantity) is None


def test_no_benchmark_is_always_n_a(right):
    measured = {split(cell)[0] for cell, number in right.items() if not math.isnan(number)}
    # of those whose first call is measured here, none is slower at first and faster later
    assert {split(cell)[0] for cell in right} - measured == {"startup.FirstCall.track_break_even"}


def test_a_wrong_backend_gets_no_number(once):
    # what only takes up memory is not checked; numpy never breaks even with itself
    numbers = {
        split(cell)[0::2]: number
        for cell, number in once[1].items()
        if "peakmem" not in cell and "break_even" not in cell
    }
    benchmarks = {name for name, backend in numbers if backend in FAULTY}
    assert {"gradients.Toy.time_gradient", "gradients.ToyOverhead.track_overhead"} < benchmarks
    assert {"memory.Toy.track_allocations", "startup.FirstCall.track_first_call"} < benchmarks
    for name in benchmarks:
        assert numbers[name, "numpy"] > 0.0
        # None is a failure, NaN would be n/a
        assert [numbers[name, backend] for backend in FAULTY] == [None, None], name
