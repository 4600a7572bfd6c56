"""The classes that the suite makes of the registered models, as asv discovers them."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

import eam

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DISCOVER = (
    "import sys; from asv_runner.discovery import list_benchmarks; "
    "list_benchmarks('benchmarks', sys.stdout)"
)


@pytest.fixture(scope="module")
def discovered():
    done = subprocess.run(
        [sys.executable, "-c", DISCOVER], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {entry["name"]: entry for entry in json.load(io.StringIO(done.stdout))}


def test_every_model_has_gradients_and_overheads(discovered):
    for quantity in ("time_gradient", "track_overhead"):
        models = {b["model"] for name, b in discovered.items() if name.endswith(quantity)}
        assert models == set(eam.model_names())


def test_a_benchmark_has_the_dimensions_of_its_model_and_every_backend(discovered):
    for name, benchmark in discovered.items():
        if benchmark["param_names"] != ["dimension", "backend"]:
            continue
        dimensions = eam.models.model(benchmark["model"]).dimensions
        quantity = name.rpartition(".")[2]
        expected = {
            "time_gradient": dimensions.gradients,
            "time_value": dimensions.values,
            "track_overhead": dimensions.overheads,
            "track_allocations": dimensions.allocations,
            "peakmem_gradient": dimensions.peaks,
        }.get(quantity)
        if expected is not None:
            assert benchmark["params"][0] == [str(d) for d in expected], name
        assert benchmark["params"][1] == [repr(b) for b in eam.backend_names()], name


def test_no_two_classes_share_a_cache(discovered):
    owners = {}
    for name, benchmark in discovered.items():
        if key := benchmark.get("setup_cache_key"):
            owners.setdefault(key, set()).add(name.rpartition(".")[0])
    assert len(owners) > 5
    assert all(len(classes) == 1 for classes in owners.values())


def test_the_names_that_asv_has_stored_results_under_are_there(discovered):
    assert {
        "gradients.Toy.time_value",
        "gradients.Toy.time_gradient",
        "gradients.ToyOverhead.track_overhead",
        "gradients.ToyOverhead.track_overhead_best",
        "gradients.ToyOverhead.track_omega",
        "atoms.Tabulated.time_gradient",
        "atoms.TabulatedOverhead.track_overhead",
        "atoms.SuttonChen.time_gradient",
        "atoms.FinnisSinclairOverhead.track_omega",
        "atoms.CleriRosato.time_gradient",
        "memory.Toy.peakmem_gradient",
        "memory.Toy.peakmem_baseline",
        "memory.Toy.track_allocations",
        "memory.Tabulated.track_peak",
        "startup.FirstCall.track_first_call",
        "startup.Import.timeraw_import",
    } <= set(discovered)
