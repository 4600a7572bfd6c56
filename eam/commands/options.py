"""Options that several commands take."""

from ..errors import InputError


def whole_numbers(option: str, text: str) -> list[int]:
    """The numbers of an option such as ``--dimensions 100,10000``.

    Args:
        option: its name, for the error.
        text: whole numbers with commas.

    Raises:
        InputError: `text` is anything else.
    """
    try:
        return [int(word) for word in text.split(",")]
    except ValueError:
        raise InputError(f"{option} takes whole numbers with commas, not {text!r}") from None
