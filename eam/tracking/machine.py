"""This machine as asv stores it: named by what it is, not by its host name.

Two cloud machines are both called `vm`, and a container has a new name every day; results of one
kind of machine belong together. EAM_MACHINE overrides the name.
"""

import os
import re
from collections.abc import Mapping
from typing import Any

from asv.machine import Machine, MachineCollection
from asv.util import UserError


def machine_name() -> str:
    """The name: EAM_MACHINE, or the processor and its number of cores: amd-epyc-2-cores."""
    return os.environ.get("EAM_MACHINE") or name_of(Machine.get_defaults())


def name_of(about: Mapping[str, str]) -> str:
    """The name of a machine by its processor and its number of cores, from asv's facts of it."""
    processor = re.sub(r"\((R|TM)\)|@.*", " ", about["cpu"] or about["arch"], flags=re.IGNORECASE)
    words = re.findall(r"[a-z0-9.]+", processor.lower())
    return "-".join([*words, about["num_cpu"], "cores"])


def describe_machine() -> Any:
    """asv's record of this machine under that name; made of what the system says.

    asv's own commands use it too, unless another machine is described in ~/.asv-machine.json.
    """
    name = machine_name()
    machine: Any = Machine()
    try:
        known = MachineCollection.load(name)
    except UserError:
        known = {}
    machine.__dict__.update(Machine.get_defaults() | known | {"machine": name})
    MachineCollection.save(name, dict(machine.__dict__))
    return machine
