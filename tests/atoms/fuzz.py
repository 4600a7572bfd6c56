"""Fuzz the readers of potential files: ``python -m tests.atoms.fuzz -runs=1000000 [FOLDER]``.

The options are libFuzzer's. What it finds goes to FOLDER; the corpus of the tests is only read.
"""

import random
import sys
import tempfile

import atheris

with atheris.instrument_imports(include=["eam.atoms"]):
    from tests.atoms.fuzz_readers import CORPUS, mutated, try_bytes


def mutate(data, most, seed):
    """By bytes, or by words as a reader sees them."""
    chance = random.Random(seed)
    if chance.random() < 0.5:
        return atheris.Mutate(data, most)
    return mutated(data, chance)[:most]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        options = [*sys.argv, str(CORPUS), "-max_len=4096"]
        atheris.Setup(options, lambda data: try_bytes(data, folder), custom_mutator=mutate)
        atheris.Fuzz()
