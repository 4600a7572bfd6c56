"""Read free-form numbers from a text file, with errors that name the file and the line."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import NoReturn

import numpy as np

from ..errors import PotentialFileError
from ..problem import Array


class NumberFile:
    """The lines of a potential file, read one by one or as blocks of numbers."""

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)
        try:
            self._lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError as error:
            raise PotentialFileError(
                self.path, 0, "a readable file", str(error.strerror)
            ) from error
        self._next = 0

    def line(self, expected: str) -> str:
        """The next line, unchanged."""
        if self._next >= len(self._lines):
            self.fail(expected, "the end of the file")
        self._next += 1
        return self._lines[self._next - 1]

    def words(self, expected: str) -> list[str]:
        """The words of the next line that is not blank."""
        while not (words := self.line(expected).split()):
            pass
        return words

    def peek(self) -> list[str]:
        """The words of the next line that is not blank, without moving on; empty at the end."""
        rest = (line.split() for line in self._lines[self._next :])
        return next((words for words in rest if words), [])

    def numbers(self, count: int, expected: str) -> Array:
        """The next `count` numbers, which may span several lines and end at the end of a line."""
        words: list[str] = []
        first = self._next
        while len(words) < count:
            if self._next >= len(self._lines):
                self.fail(f"{count} numbers: {expected}", f"the end of the file after {len(words)}")
            words += self._lines[self._next].split()
            self._next += 1
        if len(words) > count:
            self.fail(f"{count} numbers: {expected}", f"{len(words)} up to the end of this line")
        try:
            values = np.array(words, dtype=np.float64)
        except ValueError:
            values = np.array([np.nan])
        if not np.isfinite(values).all():
            self._blame(first, expected)
        return values

    def number(self, word: str, expected: str, *, positive: bool = False) -> float:
        """A word of the last line as a finite number."""
        value = _finite(word)
        if value is None or (positive and value <= 0.0):
            self.fail(expected, repr(word))
        return value

    def integer(self, word: str, expected: str, minimum: int) -> int:
        """A word of the last line as an integer."""
        try:
            value = int(word)
        except ValueError:
            self.fail(expected, repr(word))
        if value < minimum:
            self.fail(f"{expected}, at least {minimum}", repr(word))
        return value

    def end(self, expected: str) -> None:
        """Raise PotentialFileError if anything follows but blank lines."""
        if words := self.peek():
            while not self._lines[self._next].split():
                self._next += 1
            self._next += 1
            self.fail(expected, f"{' '.join(words)[:40]!r}")

    def fail(self, expected: str, found: str) -> NoReturn:
        """Raise PotentialFileError for the last line."""
        raise PotentialFileError(self.path, max(1, self._next), expected, found)

    def _blame(self, first: int, expected: str) -> NoReturn:
        """Raise PotentialFileError for the first word from line `first` on that is no number."""
        for at in range(first, self._next):
            for word in self._lines[at].split():
                if _finite(word) is None:
                    self._next = at + 1
                    self.fail(f"a finite number: {expected}", repr(word))
        raise AssertionError("every word of the block is a finite number")


def _finite(word: str) -> float | None:
    try:
        value = float(word)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def written(values: Sequence[float] | Array) -> str:
    """Numbers, five a line, with all the digits of a float64."""
    words = [f"{value:24.16e}" for value in values]
    return "".join("".join(words[k : k + 5]) + "\n" for k in range(0, len(words), 5))
