"""A repository of its own with a suite that runs in this environment, for real runs of asv."""

import json
import subprocess

SUITE = """
def time_sum():
    sum(range(100))


time_sum.model, time_sum.quantity = "mine", "gradient"
time_sum.repeat, time_sum.number = 3, 100


def track_two():
    return 2


track_two.model, track_two.quantity = "mine", "gradient"
"""

# ten seconds of measuring, in three batches
_NAMES = [f"time_{k:02}" for k in range(24)]
SLOW = {f"mine.{name}" for name in _NAMES}
SLOW_SUITE = "import time\n" + "".join(
    f"def {name}(): time.sleep(0.1)\n{name}.repeat, {name}.number = 3, 1\n" for name in _NAMES
)


def make(top, suite=SUITE):
    """Make it at `top`, with one commit; returns `top`."""
    (top / "benchmarks").mkdir(parents=True)
    (top / "benchmarks" / "__init__.py").touch()
    (top / "benchmarks" / "mine.py").write_text(suite)
    config = {
        "version": 1,
        "project": "mine",
        "repo": ".",
        "branches": ["HEAD"],
        "environment_type": "existing",
        "benchmark_dir": "benchmarks",
        "results_dir": "results",
        "html_dir": "html",
        "env_dir": "env",
    }
    (top / "asv.conf.json").write_text(json.dumps(config))
    git = ["git", "-C", str(top), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "one"], check=True)
    return top


def stored(top):
    """benchmark -> its numbers, of what asv has stored there."""
    found = {}
    for machine in top.glob("results/*/machine.json"):
        for path in machine.parent.glob("*.json"):
            if path.name != "machine.json":
                found |= json.loads(path.read_text())["results"]
    return found
