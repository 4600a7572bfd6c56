"""The parts of every model of atoms: configurations, neighbours, potentials and their files."""

from .configuration import Configuration, crystal
from .neighbours import half_list
from .setfl import read_funcfl, read_setfl, write_funcfl, write_setfl
from .tables import Tables, Tabulated, types_of

__all__ = [
    "Configuration",
    "Tables",
    "Tabulated",
    "crystal",
    "half_list",
    "read_funcfl",
    "read_setfl",
    "types_of",
    "write_funcfl",
    "write_setfl",
]
