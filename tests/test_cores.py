"""One core for what is measured, all for threads that are started so; in a process of its own."""

import os
import subprocess
import sys

import pytest

import eam

pytestmark = pytest.mark.slow

# as collected: a test that settles in this process pins it for those that follow
GIVEN = os.sched_getaffinity(0) if sys.platform == "linux" else set()

PROGRAM = """
import os
from eam.measure.environment import settle
given = os.sched_getaffinity(0)
settle()
assert os.sched_getaffinity(0) == {max(given)}
import numba
import eam
from eam.measure.check import check
check(eam.prepare(eam.problem("finnis-sinclair", 128), "numba-parallel"))
assert numba.get_num_threads() == len(given)
assert os.sched_getaffinity(0) == {max(given)}
masks = [os.sched_getaffinity(int(thread)) for thread in os.listdir("/proc/self/task")]
assert masks.count(given) >= len(given) - 1, masks
"""

LATE = """
import numba
from eam.measure.environment import settle
settle()
import eam
from eam.measure.check import check
check(eam.prepare(eam.problem("tabulated", 108), "enzyme"))
"""


def run_alone(program):
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_NUM_THREADS"}
    if GIVEN:
        program = f"import os\nos.sched_setaffinity(0, {GIVEN})\n{program}"
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, timeout=300)


@pytest.mark.skipif(sys.platform != "linux", reason="pins on Linux only")
def test_threads_of_the_parallel_row_may_run_on_every_core():
    if len(GIVEN) == 1:
        pytest.skip("there is one core")
    run_alone(PROGRAM)


def test_pinning_after_numba_leaves_its_configuration_alone():
    """Or Enzyme, which sets it for a moment, gets code that it cannot differentiate."""
    if not eam.is_available("enzyme"):
        pytest.skip("enzyme-ad is not installed")
    run_alone(LATE)
