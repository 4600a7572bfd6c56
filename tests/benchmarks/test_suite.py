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
from asv.results import iter_results

import eam
from eam.tracking.batches import FULL

ROOT = Path(__file__).parents[2]
FORKED = ("--launch-method", "forkserver")


# of quantities, of which tests/backends/test_quantities.py has every backend
FEW = ("numpy", "numba-inplace", "autograd", "enzyme")


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
    constraints = dict(line.split("==") for line in lines if "==" in line)
    for name, versions in pins().items():
        assert versions == [constraints[name]]


def test_every_library_is_pinned():
    libraries = {eam.backends.describe(name).library for name in eam.backend_names()}
    libraries = {library.replace("_", "-") for library in libraries}
    assert libraries <= set(pins())


def test_check_finds_no_fault():
    checked = asv("check", "--python=same")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.fixture(scope="module")
def configuration(tmp_path_factory):
    """asv.conf.json with results of its own."""
    folder = tmp_path_factory.mktemp("asv")
    lines = (ROOT / "asv.conf.json").read_text().splitlines()
    config = json.loads("\n".join(line for line in lines if not line.lstrip().startswith("//")))
    config.pop("plugins", None)
    config |= {
        "repo": str(ROOT),
        "benchmark_dir": str(ROOT / "benchmarks"),
        "results_dir": str(folder / "results"),
        "env_dir": str(folder / "env"),
        "html_dir": str(folder / "html"),
    }
    path = folder / "asv.conf.json"
    path.write_text(json.dumps(config))
    asv("machine", "--yes", "--config", str(path))
    return path


def test_a_full_run_takes_every_benchmark_once(configuration):
    asv("run", "--python=same", "--config", str(configuration), "--bench", "just-discover")
    every = list(Benchmarks.load(Config.load(str(configuration))))
    taken = [name for group in FULL for name in every if re.search(group, name)]
    assert sorted(taken) == sorted(every)


@pytest.fixture(scope="module")
def once(configuration):
    """Every benchmark, each backend at one dimension, run once by the real asv."""
    common = ("--python=same", "--config", str(configuration))
    asv("run", *common, "--bench", "just-discover")
    config = Config.load(str(configuration))
    cells = list(one_dimension_each(Benchmarks.load(config)))
    few = [cell for cell in cells if cell.startswith("quantities")]
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=ROOT, text=True)
    # a fork for each case: some 800 new interpreters take minutes
    options = ("--quick", "--show-stderr", *FORKED, "--set-commit-hash", head.strip())
    others = [cell for cell in cells if cell not in few]
    run = asv("run", *common, *options, *named(others), dimensions="100,4000")
    more = asv(
        *("run", *common, *options, *named(few)),
        dimensions="100,4000",
        EAM_BACKENDS=",".join(FEW),
    )
    run.stdout, run.returncode = run.stdout + more.stdout, run.returncode | more.returncode
    (results,) = iter_results(config.results_dir)
    return run, cells, numbers(results)


def named(cells):
    return itertools.chain.from_iterable(("--bench", f"^{re.escape(cell)}$") for cell in cells)


def one_dimension_each(benchmarks):
    """Names with parameters as asv writes them, at dimension 100 or the smallest there is."""
    for name, benchmark in benchmarks.items():
        if name.startswith("startup.FirstCall"):
            continue  # minutes of compiling with empty caches; test_startup has a part of it
        for first, *others in itertools.product(*benchmark["params"]):
            dimensions = benchmark["params"][0]
            if name.startswith("quantities") and others[0].strip("'") not in FEW:
                continue
            if first == ("100" if "100" in dimensions else dimensions[0]):
                yield f"{name}({', '.join((first, *others))})"
        if not benchmark["params"]:
            yield name


def numbers(results):
    """What asv stored: name with parameters -> number, NaN for n/a, None for a failure."""
    stored = {}
    for name in results.get_all_result_keys():
        params = results.get_result_params(name)
        values = results.get_result_value(name, params)
        for cell, value in zip(itertools.product(*params), values, strict=True):
            stored[f"{name}({', '.join(cell)})" if params else name] = value
    return stored


def test_no_benchmark_fails(once):
    run, cells, stored = once
    failed = [cell for cell in cells if stored[cell] is None]
    assert not failed, run.stdout + run.stderr
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_backend_has_a_number_for_every_benchmark_of_the_toy(once):
    _, cells, stored = once
    toy = [cell for cell in cells if ".Toy" in cell]
    assert {"gradients.Toy.time_value", "gradients.Toy.time_gradient"} < {
        cell.partition("(")[0] for cell in toy
    }
    assert not [cell for cell in toy if offered(cell) and math.isnan(stored[cell])]


def offered(cell):
    """Whether a backend takes the toy at the dimension of a cell 'NAME(DIMENSION, 'BACKEND')'."""
    dimension, _, name = cell.partition("(")[2].strip(")").partition(", ")
    backend = eam.backends.describe(name.strip("'"))
    found = re.search(r"quantities\.Toy\.track_(\w+?)(_best|_allocations)?\(", cell)
    quantity = found[1] if found else "gradient"
    return backend.refusal(eam.models.model("toy"), int(dimension), quantity) is None


def test_no_benchmark_is_always_n_a(once):
    _, cells, stored = once
    measured = {cell.partition("(")[0] for cell in cells if not math.isnan(stored[cell])}
    assert measured == {cell.partition("(")[0] for cell in cells}


# A gradient wrong by 1e-6, and one of float32.
FAULTS = {
    "numpy-inplace": (
        "_numpy.py",
        "gradient_into=manual.gradient_into,",
        "gradient_into=lambda out, x: manual.gradient_into(out, x).__imul__(1 + 1e-6),",
    ),
    "autograd": (
        "_autograd.py",
        "return Native(energy, grad(energy),",
        'return Native(energy, lambda x: grad(energy)(x).astype("float32"),',
    ),
}


@pytest.fixture(scope="module")
def faulty(configuration, tmp_path_factory):
    """The suite on NumPy as it is and on two backends with a fault, run by the real asv."""
    folder = tmp_path_factory.mktemp("faulty")
    shutil.copytree(ROOT / "eam", folder / "eam")
    shutil.copytree(ROOT / "benchmarks", folder / "benchmarks")
    for name, old, new in FAULTS.values():
        edit(folder / "eam" / "backends" / name, old, new)
    registry = folder / "benchmarks" / "registry.py"
    edit(registry, "in _eam.backend_names()", f"in {['numpy', *FAULTS]!r}")
    path_first = f"import sys\nsys.path.insert(0, {str(folder)!r})\n"
    (folder / "benchmarks" / "__init__.py").write_text(path_first)
    config = json.loads(configuration.read_text())
    config["benchmark_dir"], config["results_dir"] = str(folder / "benchmarks"), str(folder / "out")
    path = folder / "asv.conf.json"
    path.write_text(json.dumps(config))
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=ROOT, text=True).strip()
    cells = ["--bench", r"Toy.*\(100, '", "--bench", "FirstCall"]
    common = ("--python=same", "--quick", *FORKED, "--config", str(path))
    options = (*common, "--set-commit-hash", head)
    asv("run", *options, *cells, dimensions="100,10000")
    (results,) = iter_results(config["results_dir"])
    return {
        (name.partition("(")[0], backend): value
        for name, value in numbers(results).items()
        if (backend := run_for(name)) is not None
    }


def run_for(name):
    """The backend of a cell that the fixture `faulty` ran."""
    found = re.search(r"\((100|10000), '([a-z-]+)'\)$", name)
    return found[2] if found and (found[1] == "100") == ("FirstCall" not in name) else None


def edit(path, old, new):
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_a_wrong_backend_gets_no_number(faulty):
    benchmarks = {benchmark for benchmark, _ in faulty}
    assert {"gradients.Toy.time_gradient", "gradients.ToyOverhead.track_overhead"} < benchmarks
    assert {"memory.Toy.track_allocations", "startup.FirstCall.track_first_call"} < benchmarks
    for benchmark in benchmarks:
        if "break_even" not in benchmark:
            assert faulty[benchmark, "numpy"] > 0.0
        # None is a failure, NaN would be n/a
        assert [faulty[benchmark, backend] for backend in FAULTS] == [None, None], benchmark
