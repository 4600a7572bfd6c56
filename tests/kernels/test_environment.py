"""numba where the environment is not as it should be: cache folders, CPU features."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import eam

pytestmark = pytest.mark.slow

pytest.importorskip("numba")

GRADIENT = """
import numpy as np
import eam
problem = eam.problem("toy", 100)
gradient = eam.prepare(problem, "numba-inplace").gradient(problem.x0)
assert np.allclose(gradient, problem.manual.gradient(problem.x0), rtol=1e-12)
print("done", eam.__file__)
"""


def run(code, folder, **variables):
    environment = {key: value for key, value in os.environ.items() if "NUMBA" not in key}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment | variables,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_compiles_in_each_process_where_no_cache_can_be_written(tmp_path):
    package = Path(shutil.copytree(Path(eam.__file__).parent, tmp_path / "eam"))
    for cache in [*package.rglob("__pycache__")]:
        shutil.rmtree(cache)
    for module in [*package.rglob("__init__.py")]:
        # a file in its place stops root as well, whom no permission would
        (module.parent / "__pycache__").touch()
    done = run(GRADIENT, tmp_path, HOME="/dev/null", XDG_CACHE_HOME="/dev/null")
    assert done.stdout.startswith("done"), done.stderr
    assert str(tmp_path) in done.stdout
    assert not list(tmp_path.rglob("*.nb?"))


def test_a_feature_that_this_cpu_lacks_is_refused_before_it_crashes():
    done = run(
        "import eam\nprint(eam.prepare(eam.problem('toy', 3), 'numba'))",
        Path(eam.__file__).parents[1],
        NUMBA_CPU_FEATURES="+sse2,+no-such-feature",
    )
    assert "NotOfferedError: NUMBA_CPU_FEATURES asks for no-such-feature" in done.stderr
    assert done.returncode == 1
