"""Read free-form numbers from a text file, with errors that name the file and the line."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import NoReturn

import numpy as np

from ..errors import PotentialFileError
from ..problem import Array

MOST_CHARACTERS = 500_000_000  # public files have up to 50 million
LARGEST = 1e30  # of a number: products of a few stay far from overflow


class NumberFile:
    """The lines of a potential file, read one by one or as blocks of numbers."""

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)
        try:
            with self.path.open(encoding="utf-8", errors="replace") as file:
                text = file.read(MOST_CHARACTERS + 1)
        except (OSError, ValueError) as error:  # ValueError: a path with a null character
            reason = getattr(error, "strerror", None) or str(error)
            raise PotentialFileError(self.path, 0, "a readable file", reason) from error
        if len(text) > MOST_CHARACTERS:
            raise PotentialFileError(
                self.path, 0, f"at most {MOST_CHARACTERS} characters", "more; is this a table?"
            )
        # not splitlines, which also ends a line where no editor does
        self._lines = text.removesuffix("\n").split("\n")
        self._next = 0
        self._most_numbers = len(text) // 2 + 1  # with a space between each two

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

    def require_room_for(self, count: int, expected: str) -> None:
        """Raise PotentialFileError if the whole file is too short for `count` numbers.

        Asked before memory for them is allocated.
        """
        if count > self._most_numbers:
            self.fail(f"{count} numbers: {expected}", "a file that is too short for them")

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
        plain = all(_is_plain(line) for line in self._lines[first : self._next])
        if not (plain and (np.abs(values) <= LARGEST).all()):
            self._blame(first, expected)
        return values

    def number(
        self, word: str, expected: str, least: float = -LARGEST, most: float = LARGEST
    ) -> float:
        """A word of the last line as a number from `least` to `most`."""
        value = _number(word)
        if value is None or not least <= value <= most:
            self.fail(expected, repr(word))
        return value

    def integer(self, word: str, expected: str, minimum: int, maximum: int) -> int:
        """A word of the last line as an integer."""
        try:
            value = int(word) if _is_plain(word) else None
        except ValueError:
            value = None
        if value is None:
            self.fail(expected, repr(word))
        if value < minimum:
            self.fail(f"{expected}, at least {minimum}", repr(word))
        if value > maximum:
            self.fail(f"{expected}, at most {maximum}", repr(word))
        return value

    def end(self, expected: str) -> None:
        """Raise PotentialFileError if anything follows but blank lines."""
        if words := self.peek():
            while not self._lines[self._next].split():
                self._next += 1
            self._next += 1
            self.fail(expected, f"{' '.join(words)[:40]!r}")

    def fail(self, expected: str, found: str) -> NoReturn:
        """Raise PotentialFileError for the last line; what was found is cut, and printable."""
        shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in found[:80])
        raise PotentialFileError(self.path, max(1, self._next), expected, shown)

    def _blame(self, first: int, expected: str) -> NoReturn:
        """Raise PotentialFileError for the first word from line `first` on that is no number."""
        for at in range(first, self._next):
            for word in self._lines[at].split():
                value = _number(word)
                if value is None or abs(value) > LARGEST:
                    self._next = at + 1
                    self.fail(f"a finite number: {expected}", repr(word))
        raise AssertionError("every word of the block is a finite number")


def _number(word: str) -> float | None:
    """The finite number that a word is; None for any other word."""
    try:
        value = float(word)
    except ValueError:
        return None
    return value if np.isfinite(value) and _is_plain(word) else None


def _is_plain(text: str) -> bool:
    """Whether no underscore joins digits and no digit is another script's, as Python allows."""
    return text.isascii() and "_" not in text


def written(values: Sequence[float] | Array) -> str:
    """Numbers, five a line, with all the digits of a float64."""
    words = [f"{value:24.16e}" for value in values]
    return "".join("".join(words[k : k + 5]) + "\n" for k in range(0, len(words), 5))
