"""A reproducer: one file with nothing of eam in it, that shows a step with timeit.

It holds the toy in one library. Run by any Python with uv beside it, it times both releases in
turn, each in an environment that uv makes, and prints the ratio of their fastest times.
"""

from ..errors import InputError
from .axes import axis
from .locks import Lock

_FUNCTION = """\
def f(x):
    rho = {sum}({exp}(-3.0 * (x + 1.0)))
    return rho**2 + rho**3 + 0.25 * rho**4
"""

_JAX = (
    """\
import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
{options}
"""
    + _FUNCTION.format(sum="jnp.sum", exp="jnp.exp")
    + """

gradient = jax.jit(jax.grad(f))
x = jnp.asarray(x0)


def call():
    return gradient(x).block_until_ready()
"""
)

# backend -> code that makes `call` from `x0`, a NumPy array
_CODE = {
    "autograd": """\
import autograd
import autograd.numpy as anp


"""
    + _FUNCTION.format(sum="anp.sum", exp="anp.exp")
    + """

gradient = autograd.grad(f)


def call():
    return gradient(x0)
""",
    "casadi": """\
import casadi

x = casadi.MX.sym("x", len(x0))
rho = casadi.sum1(casadi.exp(-3.0 * (x + 1.0)))
function = casadi.Function(
    "gradient", [x], [casadi.gradient(rho**2 + rho**3 + 0.25 * rho**4, x)]
)


def call():
    return function(x0)
""",
    "jax": _JAX.format(options="\n"),
    "jax-sync": _JAX.format(
        options='jax.config.update("jax_cpu_enable_async_dispatch", False)\n\n'
    ),
    "numba": """\
import numba


@numba.njit
def gradient(x):
    rho = 0.0
    out = np.empty_like(x)
    for i in range(len(x)):
        out[i] = np.exp(-3.0 * (x[i] + 1.0))
        rho += out[i]
    out *= -3.0 * (2.0 * rho + 3.0 * rho**2 + rho**3)
    return out


def call():
    return gradient(x0)
""",
    "numpy": """\
def call():
    rho = np.sum(np.exp(-3.0 * (x0 + 1.0)))
    return (2.0 * rho + 3.0 * rho**2 + rho**3) * (-3.0 * np.exp(-3.0 * (x0 + 1.0)))
""",
    "pytensor": """\
import pytensor
import pytensor.tensor as pt

x = pt.dvector("x")
rho = pt.sum(pt.exp(-3.0 * (x + 1.0)))
function = pytensor.function([x], pytensor.grad(rho**2 + rho**3 + 0.25 * rho**4, x))
function.trust_input = True


def call():
    return function(x0)
""",
    "torch": """\
import torch

torch.set_num_threads(1)
x = torch.tensor(x0, requires_grad=True)


"""
    + _FUNCTION.format(sum="torch.sum", exp="torch.exp")
    + """

def call():
    return torch.autograd.grad(f(x), x)
""",
}

_FILE = '''\
"""The gradient of a function of {dimension} elements: {a} against {b}.

Run it with: python {name}
It needs uv ({install}) and Python {python}; uv installs both releases.
"""

import os
import subprocess
import sys
import timeit

RELEASES = [
    {first!r},
    {second!r},
]
REPEATS = 7


def seconds_per_call():
    os.environ.update(OMP_NUM_THREADS="1", XLA_FLAGS="--xla_cpu_multi_thread_eigen=false")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {{max(os.sched_getaffinity(0))}})
    import numpy as np

    scope = {{"np": np, "x0": np.random.default_rng(0).random({dimension})}}
    exec(CODE, scope)
    call = scope["call"]
    call()
    timer = timeit.Timer(call)
    number, _ = timer.autorange()
    return min(timer.repeat(repeat=5, number=number)) / number


CODE = """
{code}"""


def fresh(pins):
    uv = ["uv", "run", "--quiet", "--no-project", "--isolated", "--python", "{python}"]
    pinned = [word for pin in pins for word in ("--with", pin)]
    command = [*uv, *pinned, "python", __file__, "--time"]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    if "--time" in sys.argv:
        print(seconds_per_call())
        sys.exit()
    times = [[], []]
    for repeat in range(REPEATS):
        for side in (0, 1) if repeat % 2 else (1, 0):
            times[side].append(fresh(RELEASES[side]))
    for pins, seconds in zip(RELEASES, times):
        print(f"{{pins[0]:20}} {{min(seconds) * 1e6:10.2f}} us")
    print(f"ratio                {{min(times[1]) / min(times[0]):10.3f}}")
'''


def backends() -> tuple[str, ...]:
    """The backends that a reproducer can be written for."""
    return tuple(_CODE)


def reproducer(a: Lock, b: Lock, backend: str, dimension: int, name: str) -> str:
    """The text of the file `name`, which times `a` and `b`.

    Raises:
        InputError: there is no code for this backend.
    """
    if backend not in _CODE:
        raise InputError(
            f"no reproducer is written for {backend!r}; there are {', '.join(backends())}"
        )
    code = _CODE[backend]
    return _FILE.format(
        a=f"{a.release.library} {a.release.version}",
        b=b.release.version,
        name=name,
        install="python -m pip install uv",
        python=a.environment.python,
        dimension=dimension,
        first=_needed(a),
        second=_needed(b),
        code=code,
    )


def _needed(lock: Lock) -> list[str]:
    """The pins that the code needs, the library first."""
    along = axis(lock.release.library)
    names = [along.library, along.companion or "numpy", "numpy", "scipy", *along.needs]
    return [f"{name}=={lock.pins[name]}" for name in dict.fromkeys(names) if name in lock.pins]
