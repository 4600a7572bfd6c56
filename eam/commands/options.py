"""Options that several commands take."""

from ..errors import InputError, UnknownNameError
from ..gate.side_by_side import VALUE
from ..quantities import quantity_names

TIMED = (VALUE, *quantity_names())


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


def quantities(text: str | None) -> list[str]:
    """The quantities of an option such as ``--quantity value,virial``; none without it.

    Raises:
        UnknownNameError: there is no such quantity.
    """
    asked = text.split(",") if text else []
    for name in asked:
        if name not in TIMED:
            raise UnknownNameError("quantity", name, TIMED)
    return asked
