"""The quantities by hand in NumPy, against differences and against each other."""

import numpy as np
import pytest

import eam
from eam.models import cleri_rosato, finnis_sinclair, sutton_chen, tabulated, toy
from eam.models.atomic import atomic_problem

PROBLEMS = {
    "toy": toy.problem(5, 0),
    "finnis-sinclair W": atomic_problem(
        finnis_sinclair.potential("W"), eam.crystal("bcc", 3.1652, 16, rattle=0.1)
    ),
    # with beta, which tungsten does not have
    "finnis-sinclair Fe": atomic_problem(
        finnis_sinclair.potential("Fe"), eam.crystal("bcc", 2.8665, 16, rattle=0.1)
    ),
    "cleri-rosato Cu": atomic_problem(
        cleri_rosato.potential("Cu"), eam.crystal("fcc", 3.615, 4, rattle=0.05)
    ),
    "sutton-chen Cu": atomic_problem(
        sutton_chen.potential("Cu"), eam.crystal("fcc", 3.61, 4, rattle=0.05)
    ),
    "tabulated c2": atomic_problem(
        tabulated.potential("c2"), eam.crystal("fcc", 3.615, 4, rattle=0.05)
    ),
}
FITTED = [name for name in PROBLEMS if PROBLEMS[name].parameters is not None]


@pytest.fixture(params=PROBLEMS)
def problem(request):
    return PROBLEMS[request.param]


@pytest.fixture(params=FITTED)
def fitted(request):
    return PROBLEMS[request.param]


def call(problem, quantity, *inputs):
    return eam.prepare(problem, "numpy").hot(quantity, inputs)()


def differences(function, at, step=1e-5):
    """The derivative of a function by each element of `at`, by central differences."""
    rows = []
    for k in range(at.size):
        ahead, behind = np.array(at), np.array(at)
        ahead.flat[k] += step * max(1.0, abs(at.flat[k]))
        behind.flat[k] -= step * max(1.0, abs(at.flat[k]))
        change = np.asarray(function(ahead)) - np.asarray(function(behind))
        rows.append(change / (ahead.flat[k] - behind.flat[k]))
    return np.array(rows)


def close(actual, expected, tolerance):
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * np.max(np.abs(expected)))


def test_value_and_gradient(problem):
    value, gradient = call(problem, "value_and_gradient", problem.x0)
    assert value == pytest.approx(problem.manual.value(problem.x0), rel=1e-13)
    close(gradient, problem.manual.gradient(problem.x0), 1e-13)


def test_the_hessian_is_symmetric_and_that_of_the_gradient(problem):
    x = problem.x0
    rows = [call(problem, "hessian_vector", x, v.reshape(x.shape)) for v in np.eye(x.size)]
    hessian = np.array(rows).reshape(x.size, x.size)
    close(hessian, hessian.T, 1e-12)
    gradients = differences(problem.manual.gradient, x).reshape(x.size, x.size)
    close(hessian, gradients, 1e-7)


@pytest.mark.parametrize("name", [name for name in PROBLEMS if name != "toy"])
def test_virial_is_that_of_a_strained_energy(name):
    problem = PROBLEMS[name]
    energy, x, data = problem.energy, problem.x0, problem.data

    def strained(strain):
        deformation = np.eye(3) + strain
        moved = {**data, "shift": data["shift"] @ deformation}
        return energy(eam.backends.Ops(np), x @ deformation, moved)

    gradient, virial = call(problem, "virial", x)
    close(virial, differences(strained, np.zeros((3, 3))).reshape(3, 3), 1e-7)
    close(gradient, problem.manual.gradient(x), 1e-13)


def energy_at(problem, theta, x):
    return problem.energy(eam.backends.Ops(np), x, {**problem.data, "theta": theta})


def test_published_parameters_give_the_energy(fitted):
    energy = energy_at(fitted, fitted.parameters.theta, fitted.x0)
    assert energy == pytest.approx(fitted.manual.value(fitted.x0), rel=1e-13)


def test_parameter_gradient(fitted):
    theta, x = fitted.parameters.theta, fitted.x0
    expected = differences(lambda theta: energy_at(fitted, theta, x), theta)
    close(call(fitted, "parameter_gradient", theta, x), expected, 1e-7)


def test_mixed_second_derivatives_agree_both_ways(fitted):
    """d/dx of dE/dtheta, and d/dtheta of dE/dx as the force matching has it."""
    theta, x = fitted.parameters.theta, fitted.x0
    gradient = fitted.manual.gradient(x)
    u = np.random.default_rng(0).standard_normal(x.shape)
    # with F - forces = -u/2 and no weight, the derivative of the loss is that of u . dE/dx
    _, by_theta = call(fitted, "force_matching", theta, x, u / 2 - gradient, 0.0, 0.0)
    step = 1e-5
    ahead = call(fitted, "parameter_gradient", theta, x + step * u)
    behind = call(fitted, "parameter_gradient", theta, x - step * u)
    close(by_theta, (ahead - behind) / (2 * step), 1e-6)


def test_force_matching(fitted):
    theta, x = fitted.parameters.theta, fitted.x0
    targets = eam.quantities.quantity("force_matching").inputs(fitted, x)[2:]
    loss, by_theta = call(fitted, "force_matching", theta, x, *targets)
    forces, energy, weight = targets
    misfit = fitted.manual.gradient(x) + forces
    expected = np.sum(misfit**2) + weight * (fitted.manual.value(x) - energy) ** 2
    assert loss == pytest.approx(expected, rel=1e-12)

    def loss_at(theta):
        return call(fitted, "force_matching", theta, x, *targets)[0]

    close(by_theta, differences(loss_at, theta), 1e-6)


def test_force_matching_is_flat_where_it_fits(fitted):
    theta, x = fitted.parameters.theta, fitted.x0
    exact = -fitted.manual.gradient(x), fitted.manual.value(x), 1.0
    loss, by_theta = call(fitted, "force_matching", theta, x, *exact)
    assert loss < 1e-18 * np.sum(exact[0] ** 2) + 1e-20
    assert np.abs(by_theta).max() < 1e-6
