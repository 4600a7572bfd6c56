"""eam.toml: what it may say, and what is wrong with it."""

import pytest

from eam.errors import InputError, UnknownNameError
from eam.own.repository import find_repository, read_repository
from eam.suite import configured


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "eam.toml"
        path.write_text(text)
        return path

    return write


def test_files_are_taken_from_its_folder(write, tmp_path):
    write('models = ["src/mine.py", "package.of_mine:thing", "toy"]\nbackends = ["numpy"]')
    deep = tmp_path / "src" / "deep"
    deep.mkdir(parents=True)
    repository = find_repository(deep)
    assert repository.top == tmp_path
    mine = str(tmp_path / "src" / "mine.py")
    assert repository.models == (mine, "package.of_mine:thing", "toy")
    assert repository.backends == ("numpy",)


def test_without_one_there_is_none(tmp_path):
    assert find_repository(tmp_path) is None
    with pytest.raises(InputError, match="write it with: eam init"):
        configured(str(tmp_path / "benchmarks" / "gradients.py"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("models = [", "cannot be read"),
        ("models = 'mine.py'", "models has to be a list of strings"),
        ("backends = ['numpy']", "models is empty"),
        ("models = ['a.py']\nbackends = [1]", "backends has to be a list of strings"),
        ("models = ['a/mine.py', 'b/mine.py']", "have the same name"),
        (
            "models = ['a:mine', 'b:other', 'c/mine.py']",
            "a:mine and .*c/mine.py have the same name",
        ),
        ("model = ['a.py']", r"'model'; did you mean 'models'\?"),
    ],
)
def test_faults(write, text, says):
    with pytest.raises((InputError, UnknownNameError), match=says):
        read_repository(write(text))


def test_a_suite_measures_what_it_says_in_its_order(write, tmp_path):
    write('models = ["toy"]\nbackends = ["jax", "numpy"]')
    models, backends = configured(str(tmp_path / "benchmarks" / "gradients.py"))
    assert [model.name for model in models] == ["toy"]
    assert list(backends) == ["jax", "numpy"]
