"""Result files with one thing wrong: what a disk, an editor or an attacker makes of them."""

import copy
import json
import math

ODD = [
    None,
    True,
    "",
    "text",
    "x" * 5000,
    "../../x",
    "\x00",
    "\ud800",
    -1,
    0,
    1e-320,
    -1e308,
    1e308,
    10**400,
    math.nan,
    math.inf,
    -math.inf,
    [],
    [[]],
    {},
    {"a": 1},
    [None],
    ["1"],
]


def places(value, path=()):
    """The path of every value inside a JSON value."""
    if isinstance(value, dict):
        for key in value:
            yield (*path, key)
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield (*path, index)
            yield from places(value[index], (*path, index))


def parent(value, path):
    for key in path[:-1]:
        value = value[key]
    return value


def mutated(text, random):
    """One mutation of a file, as text."""
    content = json.loads(text)
    path = random.choice(list(places(content)))
    holder, key = parent(content, path), path[-1]
    match random.randrange(8):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        case 2 if isinstance(holder, dict):
            holder[random.choice(["", "x" * 5000, "new", "__class__"])] = holder.pop(key)
        case 3:
            cut = random.randrange(len(text))
            return text[:cut] + text[cut + random.randrange(1, 200) :]
        case 4:
            at = random.randrange(len(text))
            return text[:at] + random.choice('{}[]",:0-eN\\') + text[at + 1 :]
        case 5:
            # as it comes, since json refuses to write it
            holder[key] = "DEEP"
            return json.dumps(content).replace('"DEEP"', "[" * 5000 + "]" * 5000)
        case _:
            holder[key] = random.choice(ODD)
    return json.dumps(content)
