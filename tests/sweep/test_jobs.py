"""The plan: what is missing, in which parts, and what it costs."""

import json
import subprocess

import pytest

from eam.commands.main import main
from eam.errors import InputError
from eam.releases import index, measuring
from eam.sweep import store
from eam.sweep.jobs import Job, is_asked, list_commits, of_commits, of_releases, part_of
from eam.sweep.plan import seconds_on
from eam.tracking.stored import Stored
from tests.sweep import quick


def test_a_job_is_a_part_of_a_commit(tmp_path):
    jobs = quick.jobs(tmp_path)
    parts = ["one gradient", "two gradient", "two virial"]
    assert [(j.commit, j.part) for j in jobs] == [
        (c, p) for c in (quick.HEAD, quick.BEFORE) for p in parts
    ]
    assert len({job.key for job in jobs}) == len(jobs) == 6
    assert sum(len(job.cases) for job in jobs) == 2 * 4 * len(quick.BENCHMARKS)


def test_what_is_stored_is_no_job_and_tells_what_others_cost(tmp_path):
    first, *others = quick.jobs(tmp_path)
    store.merge(first, quick.answer(first).files, tmp_path)
    now = quick.jobs(tmp_path)
    assert [job.key for job in now] == [job.key for job in others]
    assert {job.part: job.seconds for job in now}["one gradient"] == 60.0
    assert others[-1].seconds == now[-1].seconds


def test_what_an_older_commit_does_not_have_is_not_asked_for_again(tmp_path):
    first, *others = quick.jobs(tmp_path)
    (tmp_path / quick.MACHINE).mkdir()
    Stored(tmp_path / first.file, quick.BENCHMARKS).note_absent(first.cases)
    assert quick.jobs(tmp_path) == others


@pytest.mark.parametrize(
    ("models", "quantities", "left"),
    [
        (None, None, 3),
        (["two"], None, 2),
        (None, ["gradient"], 2),
        (["two"], ["gradient"], 1),
        (["one"], ["virial"], 0),
    ],
)
def test_models_and_quantities_choose_parts(tmp_path, models, quantities, left):
    where = quick.MACHINE, quick.ENVIRONMENT, [quick.HEAD], quick.BENCHMARKS, tmp_path
    assert len(of_commits(*where, models, quantities)) == left


def test_a_benchmark_without_a_model_is_a_part_of_its_own():
    assert part_of({"name": "startup.Import.timeraw_import"}) == "other"
    assert is_asked("other", None, None)
    assert not is_asked("other", ["toy"], None)


def test_a_job_survives_json(tmp_path):
    for job in (quick.jobs(tmp_path)[0], quick.release()):
        assert Job.restored(json.loads(json.dumps(vars(job)))) == job


def test_the_releases_that_are_missing_are_jobs(monkeypatch):
    known = index.releases("autograd", offline=True)
    jobs = of_releases(measuring.plan(known, known, "another-machine"), "another-machine")
    assert [job.version for job in jobs] == [release.version for release in known]
    assert {job.seconds for job in jobs} == {measuring.GUESS}
    # those of the machine whose results are committed are not
    name = "amd-epyc-2-cores"
    assert not {job.version for job in of_releases(measuring.plan(known, known, name), name)} & {
        release.version for release in measuring.spread(known, 3)
    }


def test_more_nodes_take_less_time_but_never_less_than_one_job(tmp_path):
    jobs = quick.jobs(tmp_path)
    assert seconds_on(jobs, 1) == pytest.approx(sum(job.seconds for job in jobs))
    assert seconds_on(jobs, 2) == pytest.approx(seconds_on(jobs, 1) / 2)
    assert seconds_on(jobs, 100) == max(job.seconds for job in jobs)


def test_commits_are_named_as_git_names_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", "init", "-q"], check=True)
    for text in ("one", "two", "three"):
        subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", text], check=True)
    every = subprocess.check_output(["git", "rev-list", "HEAD"], text=True).split()
    assert list_commits("HEAD") == every[:1]
    assert list_commits("HEAD~2..HEAD") == every[:2]
    assert list_commits("HEAD~2,HEAD~1..HEAD") == [every[2], every[0]]
    with pytest.raises(InputError, match="--commits no-such-commit: fatal"):
        list_commits("HEAD,no-such-commit")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--models", "toi"], "did you mean 'toy'"),
        (["--quantities", "hessian"], "valid names"),
        (["--releases", "jaxx"], "did you mean 'jax'"),
        (["--commits", "no-such-commit"], "--commits no-such-commit"),
        (["--scheduler", "http://nowhere"], "no scheduler answers at http://nowhere"),
    ],
)
def test_bad_input_says_what_to_do(arguments, says, capsys):
    assert main(["sweep", *arguments]) == 2
    assert says in capsys.readouterr().err
