"""One core for what is measured, all for threads that are started so."""

import os
import subprocess
import sys

import pytest

import eam
from eam import cores
from eam.errors import InputError

# as collected: a test that settles in this process pins it for those that follow
GIVEN = os.sched_getaffinity(0) if sys.platform == "linux" else set()

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="pins on Linux only")

PROGRAM = """
import os
from eam.measure.environment import settle
given = os.sched_getaffinity(0)
settle()
core = int(os.environ.get("EAM_CORE", max(given)))
assert os.sched_getaffinity(0) == {core}
import numba
import eam
from eam.measure.check import check
check(eam.prepare(eam.problem("finnis-sinclair", 128), "numba-parallel"))
assert numba.get_num_threads() == len(given)
assert os.sched_getaffinity(0) == {core}
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


@ON_LINUX
@pytest.mark.parametrize("core", [None, *sorted(GIVEN)])
def test_a_process_is_pinned_to_the_core_that_is_asked_for(monkeypatch, core):
    if core is None:
        monkeypatch.delenv("EAM_CORE", raising=False)
    else:
        monkeypatch.setenv("EAM_CORE", str(core))
    cores.pin()
    assert os.sched_getaffinity(0) == {max(GIVEN) if core is None else core}


@ON_LINUX
@pytest.mark.parametrize("core", ["9999", "-1", "one", "1e30", "9" * 30])
def test_what_is_no_core_is_refused(monkeypatch, core):
    monkeypatch.setenv("EAM_CORE", core)
    with pytest.raises(InputError, match=f"EAM_CORE={core} is no core .* has 0"):
        cores.pin()


@ON_LINUX
@pytest.mark.slow
@pytest.mark.parametrize("core", [None, "0"])
def test_threads_of_the_parallel_row_may_run_on_every_core(monkeypatch, core):
    if core is not None:
        monkeypatch.setenv("EAM_CORE", core)
    if len(GIVEN) == 1:
        pytest.skip("there is one core")
    run_alone(PROGRAM)


@pytest.mark.slow
def test_pinning_after_numba_leaves_its_configuration_alone():
    """Or Enzyme, which sets it for a moment, gets code that it cannot differentiate."""
    if not eam.is_available("enzyme"):
        pytest.skip("enzyme-ad is not installed")
    run_alone(LATE)
