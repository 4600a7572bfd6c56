"""Bytes that are no potential file: a documented error with file and line, soon."""

import random

import pytest

from tests.atoms import fuzz_readers


@pytest.mark.parametrize("path", fuzz_readers.corpus(), ids=lambda path: path.name)
def test_the_corpus(path, tmp_path):
    fuzz_readers.try_bytes(path.read_bytes(), tmp_path)


def test_mutations_of_the_corpus(tmp_path):
    chance = random.Random(16)
    files = [path.read_bytes() for path in fuzz_readers.corpus()]
    for _ in range(1000):
        fuzz_readers.try_bytes(fuzz_readers.mutated(chance.choice(files), chance), tmp_path)
