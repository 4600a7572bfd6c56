"""The derivatives that a fit needs, by hand in NumPy: by the parameters of a potential.

docs/explanation/quantities.md derives the formulas. With u = dL/dg the derivative of the loss by
the gradient g of the energy, and `_along` for the derivative along u:

    dL/dtheta = d/dtheta (u . g) + 2 weight (E - energy) dE/dtheta

so no matrix of derivatives of forces by parameters is ever formed.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..problem import Array, PerAtom, PerPair, Positions
from .analytic import Analytic
from .pairs import ByHand


@dataclass(frozen=True, eq=False)
class Fitted(ByHand):
    """The derivatives by theta of the energy, for a potential given by formulas."""

    potential: Analytic

    def with_theta(self, theta: Array) -> "Fitted":
        """The same atoms, with other parameters."""
        return replace(self, potential=self.potential.with_theta(theta))

    def parameter_gradient(self, x: Positions) -> Array:
        """dE/dtheta, (n_parameters,)."""
        _, r = self._geometry(np.ascontiguousarray(x.T), slice(None))
        rho, _, _, _ = self.potential.radial_derivatives(r, None)
        rho_i = self._sum_at_i(rho) + self._sum_at_j(rho)
        by_rho, by_phi, _, _ = self.potential.radial_by_parameters(r)
        f_prime = self.potential.embedding_derivative(rho_i, None)
        of_embedding, _ = self.potential.embedding_by_parameters(rho_i)
        return np.array(
            [
                np.sum(phi) + np.sum(self._of_both(f_prime) * rho) + np.sum(f)
                for rho, phi, f in zip(by_rho, by_phi, of_embedding, strict=True)
            ]
        )

    def force_matching(
        self, x: Positions, forces: Positions, energy: float, weight: float
    ) -> tuple[float, Array]:
        """The loss, and its derivative by theta, (n_parameters,)."""
        d, r = self._geometry(np.ascontiguousarray(x.T), slice(None))
        potential = self.potential
        rho, phi, rho_prime, phi_prime = potential.radial_derivatives(r, None)
        rho_i = self._sum_at_i(rho) + self._sum_at_j(rho)
        f_prime = potential.embedding_derivative(rho_i, None)
        gradient = np.empty_like(x)
        self._scatter(gradient, d * ((phi_prime + self._of_both(f_prime) * rho_prime) / r))
        misfit = gradient + forces
        energy_misfit = float(np.sum(phi) + np.sum(self._embedding(rho_i)) - energy)

        along = 2.0 * misfit.T
        r_along = np.einsum("ck,ck->k", d, along[:, self._j] - along[:, self._i]) / r
        of_pairs = rho_prime * r_along
        rho_along = self._sum_at_i(of_pairs) + self._sum_at_j(of_pairs)
        scale = 2.0 * weight * energy_misfit
        f_second = potential.embedding_second_derivative(rho_i, None)
        at_rho = self._of_both(f_second * rho_along + scale * f_prime)
        at_rho_prime = self._of_both(f_prime) * r_along
        by_rho, by_phi, by_rho_prime, by_phi_prime = potential.radial_by_parameters(r)
        by_f, by_f_prime = potential.embedding_by_parameters(rho_i)
        by_theta = [
            np.sum(scale * by_phi[k] + r_along * by_phi_prime[k])
            + np.sum(at_rho * by_rho[k] + at_rho_prime * by_rho_prime[k])
            + np.sum(scale * by_f[k] + rho_along * by_f_prime[k])
            for k in range(len(by_f))
        ]
        loss = float(np.sum(misfit * misfit)) + weight * energy_misfit**2
        return loss, np.array(by_theta)

    def _of_both(self, values: PerAtom) -> PerPair:
        """The sum of the values of both atoms of each pair."""
        both: Any = values[self._i] + values[self._j]
        return both
