"""The energy of atoms as a plain compiled loop whose parameters may change, for Enzyme.

Enzyme differentiates it by theta. numba compiles the formulas of `eam/models/` themselves, on
scalars, as for the derivatives by hand (:mod:`eam.kernels.second_order`).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from llvmlite import ir
from numpy.typing import NDArray

from ..models.analytic import Analytic
from ..private import private
from ..problem import CompiledEnergy
from . import scalars
from .energy_loop import OPTIONS
from .lowlevel import intrinsic, njit
from .second_order import register, vector

make_array: Any = private("numba.np.arrayobj", "make_array")


def energy_of_parameters(
    potential: Analytic, data: Mapping[str, NDArray[Any]], n_atoms: int
) -> CompiledEnergy:
    """The loop for a potential given by formulas.

    Args:
        potential: with the parameters that are not in theta.
        data: `i`, `j` and `shift` of the pairs (:func:`eam.models.pairs.constants`).
        n_atoms: the number of atoms.
    """
    formulas: Any = potential.formulas
    register(formulas)
    radial, embedding = formulas.radial, formulas.embedding
    with_theta = _with_theta(formulas.FITTED)
    floats = {name: float(getattr(potential.parameters, name)) for name in formulas.FITTED}
    others = potential.parameters._replace(**floats)

    @njit(**OPTIONS)
    def energy(theta: Any, rho: Any, x: Any, i: Any, j: Any, shift: Any) -> Any:
        p = with_theta(others, theta)
        pairs = i, j, shift
        total = 0.0
        for a in range(np.uint64(len(rho))):
            rho[a] = 0.0
        for k in range(np.uint64(len(i))):
            _, _, _, r = vector(x, pairs, k)
            rho_ij, phi = radial(scalars, r, p)
            rho[i[k]] += rho_ij
            rho[j[k]] += rho_ij
            total += phi
        for a in range(np.uint64(len(rho))):
            total += embedding(scalars, rho[a], p)
        return total

    pairs = (data["i"].astype(np.uint64), data["j"].astype(np.uint64), data["shift"])
    return CompiledEnergy(energy, (n_atoms,), pairs)


def _with_theta(names: tuple[str, ...]) -> Any:
    """``with_theta(p, theta)``: the named tuple p with its fields `names` from an array."""

    @intrinsic
    def with_theta(context: Any, p: Any, theta: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            record, array = arguments
            data = make_array(signature.args[1])(context, builder, array).data
            for k, name in enumerate(names):
                at = builder.gep(data, [ir.Constant(ir.IntType(64), k)])
                record = builder.insert_value(record, builder.load(at), p.fields.index(name))
            return record

        return p(p, theta), generate

    return with_theta
