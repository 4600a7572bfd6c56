"""The nodes as the client sees them: their tasks, and the reasons to leave one out."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .. import formatting
from ..errors import InputError
from ..releases.environments import KEPT, LEAST_FREE
from .jobs import Job
from .worker import Facts

CLOCK_TOLERANCE = 300.0  # seconds; results are ordered by date


class Task(NamedTuple):
    """A job at a node.

    Attributes:
        job: what is measured.
        future: Dask's.
        is_yardstick: whether it only tells if the node may join the others of its machine.
    """

    job: Job
    future: Any
    is_yardstick: bool


@dataclass
class Node:
    """A Dask worker, and what is known of its node.

    Attributes:
        host: its name.
        machine: whose history it measures.
        refusal: why it is given nothing; None if it may measure.
        is_joined: whether its numbers may join that history.
        places: whose environments it has, that of the last job last.
        rests_until: when it is asked again after it was busy, as time.monotonic() has it.
        task: what it does.
        missed: how often in a row the scheduler did not know the task.
    """

    host: str
    machine: str
    refusal: str | None
    is_joined: bool
    places: deque[str] = field(default_factory=lambda: deque[str](maxlen=KEPT))
    rests_until: float = 0.0
    task: Task | None = None
    missed: int = 0


def refusal(node: Facts, ours: Facts) -> str | None:
    """The reasons why a node may not measure; None if it may.

    Args:
        node: its facts.
        ours: what the client is, at the same time.
    """
    off = node["clock"] - ours["clock"]
    faults: dict[str, object] = {
        f"it has eam {node['eam']}, the client {ours['eam']}": node["eam"] != ours["eam"],
        f"its checkout is at {node['suite']}, the client's at {ours['suite']}": node["suite"]
        != ours["suite"],
        f"it runs Python {node['python']}, the client {ours['python']}": node["python"]
        != ours["python"],
        f"it has no {formatting.listed(node['lacks'])}; install it there": node["lacks"],
        f"{node['free'] / 1e9:.1f} GB are free on its disk, less than {LEAST_FREE / 1e9:.0f} GB; "
        "make room, or set EAM_ENVIRONMENTS to a folder on another disk": node["free"] < LEAST_FREE,
        f"its clock is {abs(off) / 60.0:.0f} min {'ahead' if off > 0.0 else 'behind'}": abs(off)
        > CLOCK_TOLERANCE,
        f"it calls itself {node['machine']} and is {node['is_really']}; unset EAM_MACHINE there": (
            node["machine"] != node["is_really"]
        ),
    }
    found = [text for text, is_so in faults.items() if is_so]
    return "; ".join(found) or None


async def grant(dask_worker: Any) -> None:
    """Runs in a worker: let it measure one job at a time, whichever client asks it to."""
    await dask_worker.set_resources(measure=1)


def require_private(client: Any) -> None:
    """Raise InputError if whoever reaches the scheduler's port can run code on the nodes.

    Args:
        client: of Dask.
    """
    # a lambda goes there as it is; a function would be looked for in the scheduler's own eam
    addresses = client.run_on_scheduler(
        lambda dask_scheduler: [one.listen_address for one in dask_scheduler.listeners]
    )
    for address in addresses:
        if is_open(address):
            raise InputError(
                f"the scheduler listens on all addresses ({address}) without TLS, and Dask runs "
                "whatever it is sent. Start it with --host and an address of your own network, or "
                "with --tls-ca-file, --tls-cert and --tls-key"
            )


def is_open(address: str) -> bool:
    """Whether an address of Dask, such as tcp://0.0.0.0:8786, lets everybody in."""
    protocol, _, place = address.partition("://")
    return protocol != "tls" and place.rpartition(":")[0].strip("[]") in ("", "0.0.0.0", "::")  # noqa: S104
