"""The workflows call make alone, need no secret, and give the code of a fork no right to write."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
workflows = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@workflows
def test_every_command_is_a_target_of_make(path):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    commands = [step["run"] for step in steps(yaml.safe_load(path.read_text())) if "run" in step]
    for command in commands:
        make, target = command.split()
        assert make == "make"
        assert target in targets


@workflows
def test_no_step_needs_a_secret_and_every_action_has_a_version(path):
    assert "secrets." not in path.read_text(encoding="utf-8")
    actions = [step["uses"] for step in steps(yaml.safe_load(path.read_text())) if "uses" in step]
    assert actions
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", action) for action in actions)


def test_what_runs_the_code_of_a_pull_request_may_only_read():
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text())
        triggers = workflow[True]  # `on` is a boolean of YAML
        rights = [workflow, *workflow["jobs"].values()]
        if "pull_request" in triggers:
            granted = [part["permissions"] for part in rights if "permissions" in part]
            assert granted == [{"contents": "read"}]
            assert "github.token" not in path.read_text()
        assert "pull_request_target" not in triggers
    names = {yaml.safe_load(path.read_text())["name"] for path in WORKFLOWS}
    comment = yaml.safe_load((ROOT / ".github/workflows/gate-comment.yml").read_text())
    assert set(comment[True]["workflow_run"]["workflows"]) <= names
    assert not any("ref" in step.get("with", {}) for step in steps(comment))
