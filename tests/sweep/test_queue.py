"""The queue of a sweep: who gets which job, and when one is given up."""

from eam.sweep.jobs import Job
from eam.sweep.queue import Queue


def job(number, version="1.0", machine="fast"):
    return Job(machine, "jax", version, f"{number:040}", "env", seconds=1.0)


def queue(jobs, stored=()):
    made = Queue(lambda machine: [j for j in jobs if j.machine == machine], stored.__contains__)
    assert made.plan_for("fast")
    assert not made.plan_for("fast")
    return made


def take(queue, host="one", places=(), others=()):
    return queue.take("fast", host, places, others)


def test_a_node_gets_jobs_of_the_environment_that_it_used_last():
    jobs = [job(0, "1.0"), job(1, "2.0"), job(2, "3.0"), job(3, "2.0")]
    q = queue(jobs)
    assert q.total == 4
    had = ["jax/3.0", "jax/2.0"]
    assert [take(q, places=had) for _ in range(4)] == [jobs[k] for k in (1, 3, 2, 0)]
    assert take(q) is None


def test_a_machine_has_jobs_of_its_own():
    q = queue([job(0), job(1, machine="slow")])
    q.plan_for("slow")
    assert q.machines == ["fast", "slow"]
    assert q.take("slow", "two", (), ()) == job(1, machine="slow")
    assert q.take("slow", "two", (), ()) is None


def test_what_somebody_else_has_stored_is_done():
    q = queue([job(0), job(1)], stored=[job(0)])
    assert take(q) == job(1)
    assert (q.done, q.seconds_planned, q.seconds_done) == (1, 1.0, 0.0)
    q.finish(job(1))
    assert (q.done, q.seconds_planned, q.seconds_done) == (2, 1.0, 1.0)


def test_a_failed_job_goes_to_a_host_where_it_has_not_failed():
    q = queue([job(0), job(1)])
    assert take(q) == job(0)
    assert q.fail(job(0), "one", "no room") == 1
    assert take(q, others=["two"]) == job(1)
    assert take(q, others=["two"]) is None
    assert take(q, "two", others=["one"]) == job(0)
    assert q.fail(job(0), "two", "no room") == 2
    assert take(q, others=["two"]) == job(0)  # it has failed everywhere
    assert q.fail(job(0), "one", "too slow") == 3
    assert take(q) is None
    assert q.failed == {job(0).key: "one: no room; two: no room; one: too slow"}
    assert q.seconds_planned == 1.0


def test_a_job_that_was_not_begun_comes_first_and_counts_no_attempt():
    q = queue([job(0), job(1)])
    assert take(q) == job(0)
    q.return_unmeasured(job(0))
    assert take(q) == job(0)
    assert take(q) == job(1)
    assert q.failed == {}
