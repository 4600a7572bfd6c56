"""Small asv result files, written by asv's own classes so the format is asv's."""

import itertools
from dataclasses import dataclass, field
from pathlib import Path

from asv import util
from asv.benchmarks import Benchmarks
from asv.config import Config
from asv.results import Results
from asv.runner import BenchmarkResult

import eam
from eam.report.reading import load_runs, load_suite

MACHINE = {
    "machine": "bench",
    "cpu": "a CPU",
    "num_cpu": "2",
    "ram": "8000000000",
    "arch": "x86_64",
    "os": "Linux",
}
UNITS = {"time": "seconds", "track": "unit", "peakmem": "bytes"}


@dataclass
class Suite:
    """What one asv run stored: {benchmark: {parameters: number or samples}}."""

    cells: dict
    commit: str = "a" * 40
    date: int = 1_700_000_000_000
    machine: str = "bench"
    versions: dict = field(default_factory=lambda: {"numpy": "2.4.6", "jax": "0.10.2"})


# the suite makes a class of the capitalised name of a model, and a suffix
MODELS = {"".join(map(str.capitalize, name.split("-"))): name for name in eam.model_names()}
MODELS["FirstCall"] = "toy"


def benchmark(name, params, names=("dimension", "backend")):
    """What asv stores of a benchmark, with the attribute that the suite gives it."""
    *_, class_name, method = name.split(".")
    kind = method.split("_")[0]
    if method == "time_build":
        names = ("dimension", "builder")
    model = MODELS.get(class_name.removesuffix("Overhead"))
    return {
        **({} if model is None else {"model": model}),
        "name": name,
        "params": [[repr(value) for value in axis] for axis in params],
        "param_names": list(names[: len(params)]),
        "version": "1",
        "type": kind,
        "unit": UNITS.get(kind, "unit"),
        "code": "",
        "timeout": 60,
    }


def axes(suites, name):
    """The parameters of a benchmark: all that any run has, in the order of appearance."""
    keys = [key for suite in suites for key in suite.cells.get(name, {})]
    return [list(dict.fromkeys(axis)) for axis in zip(*keys, strict=True)]


def store(root: Path, *suites: Suite) -> Config:
    """Write the runs below `root` and return the configuration that finds them."""
    conf = Config.from_json(
        {
            "version": 1,
            "project": "eam",
            "project_url": "https://example.org/eam",
            "repo": str(Path(__file__).parents[2]),
            "branches": ["HEAD"],
            "results_dir": str(root / "results"),
            "html_dir": str(root / "html"),
            "benchmark_dir": str(Path(__file__).parents[2] / "benchmarks"),
        }
    )
    names = dict.fromkeys(name for suite in suites for name in suite.cells)
    described = {name: benchmark(name, axes(suites, name)) for name in names}
    Benchmarks(conf, described.values()).save()
    for suite in suites:
        machine = {**MACHINE, "machine": suite.machine}
        util.write_json(f"{conf.results_dir}/{suite.machine}/machine.json", machine, 1)
        results = Results(
            {**machine, "python": "3.11", **suite.versions},
            suite.versions,
            suite.commit,
            suite.date,
            "3.11",
            "env",
            {"OMP_NUM_THREADS": "1"},
        )
        for name, cells in suite.cells.items():
            results.add_result(described[name], _result(described[name], axes(suites, name), cells))
        results.save(conf.results_dir)
    return conf


def _result(described, params, cells):
    values = [cells.get(combination, float("nan")) for combination in itertools.product(*params)]
    sampled = [isinstance(value, list) for value in values]
    return BenchmarkResult(
        result=[0.0 if many else value for value, many in zip(values, sampled, strict=True)],
        samples=[value if many else None for value, many in zip(values, sampled, strict=True)],
        number=[1 if many else None for many in sampled],
        errcode=0,
        stderr="",
        profile=None,
    )


def read(root: Path, suite: Suite):
    """A run, stored and read again."""
    conf = store(root, suite)
    faults = []
    (run,) = load_runs(conf.results_dir, load_suite(conf.results_dir), faults)
    assert faults == []
    return run


def around(value, spread=0.01):
    """Samples whose median is `value`."""
    return [value * (1.0 + spread * (i - 10) / 10) for i in range(21)]


def curve(backend, ratios):
    """dimension -> ratio, as the cases of a benchmark."""
    return {(n, backend): around(ratio) for n, ratio in ratios.items()}
