"""The airspeed velocity suite: what is tracked from commit to commit.

asv_runner 0.3 runs `setup` before every timed call of a class that has one, and times calls one
by one: a gradient of 6 us then reads 20 us. Preparing in the first timed call instead is no way
out, since its compile time makes asv settle for one call a sample as well. The setups of this
suite are cached and change nothing from one call to the next, so they need no such isolation.
"""

from asv_runner.benchmarks.time import TimeBenchmark

TimeBenchmark._setup_isolates_timed_calls = False
