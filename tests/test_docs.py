"""The README and the docs name commands and files that exist; conftest.py runs their Python."""

import re
import shlex
from pathlib import Path

import pytest

from eam.commands.main import COMMANDS, make_parser

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def code(page):
    """The inline code and the blocks of a page."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^\s*```\w*\n(.*?)```", text, re.MULTILINE | re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", text)])


@pages
def test_commands_are_as_their_parsers_take_them(page, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for found in re.findall(r"python -m eam\b([^#;&|()\n`']*)", code(page)):
        words = shlex.split(found)
        if words[:1] in (["COMMAND"], ["..."]):
            continue
        name = words.pop(0) if words and not words[0].startswith("-") else None
        make_parser(name).parse_args(words)  # SystemExit if it does not take them


@pages
def test_make_has_the_targets(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z-]+)", code(page), re.MULTILINE)) <= targets


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_lead_to_files(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)\)|(?:src|srcset)=\"([^\"]+)\"", text)
    paths = [path for link in links for path in link if path and "://" not in path]
    assert paths
    assert not [path for path in paths if not (ROOT / path).exists()]


def test_the_architecture_lists_every_room():
    page = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in (ROOT / "eam").glob("*/__init__.py")}
    assert set(re.findall(r"^\| `eam/(\w+)/` \|", page, re.MULTILINE)) == rooms


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 90


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_its_exit_status_means(name):
    assert "Exit status: 0" in make_parser(name).format_help()
