"""The sides of a comparison: what a user may write, and what is compared then."""

import pytest

from eam.errors import InputError, UnknownNameError, UnknownReleaseError
from eam.releases import sides
from eam.releases.locks import locks


def compared(first, second):
    return sides.pair(sides.parse(first), sides.parse(second))


def test_two_releases_differ_in_the_library_and_what_is_released_with_it():
    a, b = compared("jax==0.7.2", "jax==0.8.0")
    assert sides.differences(a, b) == {"jax": ("0.7.2", "0.8.0"), "jaxlib": ("0.7.2", "0.8.0")}
    assert a.environment == b.environment


def test_a_release_is_compared_with_itself():
    a, b = compared("autograd==1.9.0", "autograd==1.9.0")
    assert a == b


def test_releases_meet_in_an_environment_that_both_have():
    # 0.4.30 has NumPy 1 too, and 0.12.0.1 has no Python 3.11
    a, b = compared("jax==0.4.30", "jax==0.12.0.1")
    assert a.environment == b.environment
    assert (a.environment.python, a.pins["numpy"]) == ("3.12", "2.2.6")
    a, b = compared("jax==0.4.20", "jax==0.8.0")
    assert {"jax", "jaxlib", "numpy"} <= set(sides.differences(a, b))


@pytest.mark.parametrize("swap", [False, True])
def test_a_python_is_the_other_release_on_it(swap):
    texts = ["jax==0.10.2", "python==3.12"]
    a, b = compared(*(reversed(texts) if swap else texts))
    expected = ("3.12", "3.11") if swap else ("3.11", "3.12")
    assert sides.differences(a, b) == {"python": expected}


def test_a_wheel_takes_the_place_of_its_package(tmp_path):
    wheel = tmp_path / "jaxlib-0.8.0.dev1-cp311-cp311-manylinux_2_27_x86_64.whl"
    wheel.write_bytes(b"not opened here")
    a, b = compared("jax==0.7.2", str(wheel))
    # the newest release before the wheel
    assert b.release.version == "0.7.2"
    assert list(sides.differences(a, b)) == ["jaxlib"]
    assert f"jaxlib @ {wheel.as_uri()}#sha256=" in b.text


@pytest.mark.parametrize(
    ("first", "second", "error", "words"),
    [
        ("jax==0.7.2", "autograd==1.9.0", InputError, "two libraries"),
        ("python==3.11", "python==3.12", InputError, "both sides are Pythons"),
        ("python==2.7", "jax==0.7.2", InputError, "no Python 2.7"),
        ("jax==0.7.9", "jax==0.7.2", UnknownReleaseError, "nearest are"),
        ("jaxx==0.7.9", "jax==0.7.2", UnknownNameError, "did you mean 'jax'"),
        ("jax==0.4.13", "python==3.13", InputError, "no lock for Python 3.13"),
        ("jax==0.7.2", "main", InputError, "names no release"),
        ("jax==0.7.2", "jax-1.whl", InputError, "not named as wheels are"),
        ("jax==0.7.2", "jax-1.0-py3-none-any.whl", InputError, "there is no wheel"),
        ("jax==0.7.2", "scipy-1.0-py3-none-any.whl", InputError, "there is no wheel"),
    ],
)
def test_bad_sides(first, second, error, words):
    with pytest.raises(error, match=words):
        compared(first, second)


def test_a_wheel_of_another_package_or_python(tmp_path):
    for name in ("scipy-1.0-py3-none-any.whl", "jaxlib-0.8.0-cp27-cp27-any.whl"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(InputError, match="no axis of releases holds scipy"):
        compared("jax==0.7.2", str(tmp_path / "scipy-1.0-py3-none-any.whl"))
    with pytest.raises(InputError, match="is for no Python"):
        compared("jax==0.7.2", str(tmp_path / "jaxlib-0.8.0-cp27-cp27-any.whl"))


def test_every_lock_of_a_release_has_its_own_file():
    a, _ = compared("jax==0.4.30", "jax==0.4.30")
    names = [lock.environment.file for lock in locks(a.release)]
    assert len(set(names)) == len(names) == 4  # two Pythons with each of two NumPys
