"""A sweep: each node is given one job at a time, until nothing is left.

Dask blames every task that waits at a worker when that worker dies, not only the one that killed
it. So no job waits at a worker: the client keeps them, and each node has the one that it measures.
The key of a task is that of its job, so a job that two clients ask for is one task.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from distributed import wait

from ..errors import TrackError
from ..report.asv_format import FormatError
from . import worker
from .bridge import Bridge
from .jobs import Job
from .nodes import Node, Task, grant, refusal
from .queue import ATTEMPTS, Queue
from .worker import Answer, Facts

LOOK = 1.0  # seconds between looks at which workers there are
REST = 60.0  # seconds for which a busy node is left alone
PATIENCE = 60.0  # seconds without a node that may measure, until a sweep ends
FETCH = 60.0  # seconds in which a node has to hand over its results


class Sweep:
    """Jobs and the nodes that measure them.

    Attributes:
        queue: the jobs.
        nodes: address of a worker -> its node.
    """

    def __init__(
        self,
        client: Any,
        plan: Callable[[str], Iterable[Job]],
        merge: Callable[[Job, Answer], None],
        is_stored: Callable[[Job], bool],
        bridge: Callable[[str], Bridge] | None,
        say: Callable[..., None],
        *,
        measure: Callable[[Job], Answer] = worker.measure,
        examine: Callable[[], Facts] = worker.examine,
    ) -> None:
        """Nothing runs yet.

        Args:
            client: of Dask.
            plan: the jobs that a machine lacks, by its name.
            merge: stores an answer; FormatError if that is not what was asked for.
            is_stored: whether a job has been stored by somebody else.
            bridge: that of a machine; without it, all nodes of a machine are taken for equal.
            say: shows a line, and a `sparse` one only now and then.
            measure: what a node does with a job.
            examine: what a node tells of itself.
        """
        self._client, self._merge, self._make_bridge, self._say = client, merge, bridge, say
        self._measure, self._examine, self._ours = measure, examine, examine()
        self._bridges: dict[str, Bridge] = {}
        self._asked: Counter[str] = Counter()  # how often each key was submitted
        # what was stored just now stays with Dask until another client is sure to see it stored
        self._stored_last: deque[Any] = deque(maxlen=8)
        self._looked = self._began = self._active = time.monotonic()
        self.queue = Queue(plan, is_stored)
        self.nodes: dict[str, Node] = {}

    def run(self) -> None:
        """Measure until nothing is left, or there is no node for what is left.

        Raises:
            TrackError: the scheduler has gone.
        """
        self._look()
        while True:
            now = time.monotonic()
            if now - self._looked >= LOOK:
                self._look()
            for address, node in self.nodes.items():
                if node.refusal is None and node.task is None and now >= node.rests_until:
                    self._start(address, node)
            running = [node.task.future for node in self.nodes.values() if node.task]
            if running:
                with suppress(TimeoutError):
                    wait(running, timeout=LOOK, return_when="FIRST_COMPLETED")
                self._collect()
            elif self.machines and not self.left:
                return
            if running or any(node.rests_until > now for node in self.nodes.values()):
                self._active = now
            elif now - self._active > PATIENCE:
                return
            else:
                time.sleep(LOOK / 20.0)

    @property
    def machines(self) -> list[str]:
        """The machines of the nodes that may measure, or might at some time."""
        return self.queue.machines

    @property
    def running(self) -> int:
        """How many jobs are at a node."""
        return sum(bool(n.task and not n.task.is_yardstick) for n in self.nodes.values())

    @property
    def left(self) -> int:
        """How many jobs are waiting for a node."""
        return self.queue.total - self.queue.done - len(self.failed) - self.running

    @property
    def failed(self) -> dict[str, str]:
        """Key -> reason, of the jobs that were given up."""
        return self.queue.failed

    def progress(self) -> str:
        """Done, running, failed and left, and the time left at the pace so far."""
        nodes = sum(node.refusal is None for node in self.nodes.values())
        done, left = self.queue.seconds_done, self.queue.seconds_planned - self.queue.seconds_done
        taken = time.monotonic() - self._began
        seconds = taken * left / done if done else left / max(1, nodes)
        return (
            f"{self.queue.done} done, {self.running} running, {len(self.failed)} failed, "
            f"{self.left} left: about {seconds / 60.0:.0f} min on {nodes} node{'s' * (nodes != 1)}"
        )

    def _look(self) -> None:
        """Meet the workers that have come; take back what those had that have gone.

        Raises:
            TrackError: the scheduler has gone.
        """
        self._looked = time.monotonic()
        try:
            workers = self._client.scheduler_info(n_workers=-1)["workers"]
            known = {key for keys in self._client.processing().values() for key in keys}
        except (KeyError, OSError) as error:  # what a client knows of no scheduler is empty
            raise TrackError(
                "the scheduler is gone; what was measured is stored. Start one, and run the "
                "same command again"
            ) from error
        for address in list(self.nodes):
            node = self.nodes.get(address)
            if node is None:
                continue
            # a worker that was started anew at its address has no leave to measure
            may_measure = "measure" in workers.get(address, {}).get("resources", ())
            has_gone = address not in workers or (node.refusal is None and not may_measure)
            if node.task and node.task.future.status == "pending":
                # twice, since a task that has just ended is known to nobody for a moment
                node.missed = node.missed + 1 if node.task.future.key not in known else 0
                if has_gone or node.missed > 1:
                    self._give_back(node, "its worker was lost")
            if has_gone and node.task is None:
                self._forget(address, node.host)
        for address in workers.keys() - self.nodes.keys():
            self.nodes[address] = self._meet(address)

    def _forget(self, address: str, host: str) -> None:
        """Forget a worker, and those that its host left out for it: they are asked again."""
        for other, node in list(self.nodes.items()):
            if other == address or (node.host == host and node.refusal):
                del self.nodes[other]

    def _meet(self, address: str) -> Node:
        """Ask a worker what it is; plan for its machine and let it measure, or say why not."""
        try:
            facts: Facts = self._client.run(self._examine, workers=[address])[address]
        except Exception as error:  # whatever another version of eam, or none, raises there
            why = f"it cannot be asked what it is ({error!r}); has it the same version of eam?"
            return self._leave_out(Node(address, "", None, False), why)
        host, machine = facts["host"], facts["machine"]
        why = refusal(facts, {**self._ours, "clock": time.time()})
        if any(n.host == host and n.refusal is None for n in self.nodes.values()):
            why = "another worker measures there, and a node measures one job at a time"
        if why:
            return self._leave_out(Node(host, machine, None, False), why)
        if self.queue.plan_for(machine) and self._make_bridge:
            self._bridges[machine] = self._make_bridge(machine)
        self._client.run(grant, workers=[address])
        bridge = self._bridges.get(machine)
        node = Node(host, machine, None, bridge is None or host in bridge.hosts)
        node.places.extend(facts["places"])
        return node

    def _start(self, address: str, node: Node) -> None:
        """Give a node what it does next, if there is anything."""
        job, is_yardstick = self._next(node)
        if job is None:
            return
        name = f"{job.key}@{node.host}" if is_yardstick else job.key
        self._asked[name] += 1
        # a key of its own for each time: the answer of the last time may not be forgotten yet
        future = self._client.submit(
            self._measure,
            job,
            key=f"{name}#{self._asked[name]}",
            workers=[address],
            resources={"measure": 1},
        )
        node.task, node.missed = Task(job, future, is_yardstick), 0
        self._say(f"[{self.progress()}] {job} on {node.host}", sparse=True)

    def _next(self, node: Node) -> tuple[Job | None, bool]:
        """The next job of a node, if there is one, and whether that is the yardstick."""
        peers = [n for n in self.nodes.values() if n.machine == node.machine and n is not node]
        if not node.is_joined:
            if yardstick := self._bridges[node.machine].job:
                return (yardstick if self.left else None), True
            if any(peer.task for peer in peers):
                return None, False  # what it measures will be the yardstick
        others = {peer.host for peer in peers if peer.refusal is None}
        return self.queue.take(node.machine, node.host, node.places, others), False

    def _collect(self) -> None:
        """Take the answers of all tasks that have ended."""
        for node in self.nodes.values():
            if node.task is None or node.task.future.status == "pending":
                continue
            try:
                answer: Answer = node.task.future.result(timeout=FETCH)
            except Exception as error:  # what the worker raised, or that it has gone
                self._give_back(node, f"{type(error).__name__}: {error}")
                continue
            if answer.failure:
                self._give_back(node, answer.failure)
            elif answer.busy:
                self._let_rest(node, answer.busy)
            else:
                self._accept(node, answer)

    def _let_rest(self, node: Node, why: str) -> None:
        """A busy node is no fault of the job."""
        self._say(f"{node.host} rests for {REST:.0f} s: {why}")
        node.rests_until = time.monotonic() + REST
        if node.task and not node.task.is_yardstick:
            self.queue.return_unmeasured(node.task.job)
        node.task = None

    def _accept(self, node: Node, answer: Answer) -> None:
        """Store what a node measured, or see by it whether the node may join."""
        assert node.task is not None
        job = node.task.job
        try:
            if node.task.is_yardstick:
                why = self._bridges[job.machine].join(node.host, answer)
                node.task, node.is_joined = None, why is None
                if why:
                    self._leave_out(node, why)
                return
            self._merge(job, answer)
        except FormatError as error:
            self._leave_out(node, f"its results are not taken: {error}")
            self._give_back(node, str(error))
            return
        if not node.is_joined:
            bridge = self._bridges[job.machine]
            bridge.begin(node.host, job, answer)
            node.is_joined = node.host in bridge.hosts
        node.places.append(job.place)
        self._stored_last.append(node.task.future)
        node.task = None
        self.queue.finish(job)

    def _leave_out(self, node: Node, why: str) -> Node:
        node.refusal = why
        self._say(f"{node.host} is left out: {why}")
        return node

    def _give_back(self, node: Node, why: str) -> None:
        """Take a job back from a node; after three attempts it is given up and named."""
        assert node.task is not None
        job, future, is_yardstick = node.task
        node.task = None
        future.release()
        if is_yardstick:
            self._leave_out(node, f"{job}, which all nodes of its machine measure: {why}")
            return
        attempt = self.queue.fail(job, node.host, why)
        self._say(f"{job} failed on {node.host}, attempt {attempt} of {ATTEMPTS}: {why}")
