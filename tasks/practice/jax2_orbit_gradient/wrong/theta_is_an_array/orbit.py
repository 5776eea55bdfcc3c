"""Leapfrog integration, with gradients in memory that does not grow with the steps."""

from functools import partial

import jax
import jax.numpy as jnp


@partial(jax.custom_vjp, nondiff_argnums=(0, 5))
def rollout(force, theta, q, p, dt, steps):
    """(q, p) after so many steps."""
    return _forward(force, theta, q, p, dt, steps)


def _step(force, theta, q, p, dt):
    half = p + 0.5 * dt * force(q, theta)
    moved = q + dt * half
    return moved, half + 0.5 * dt * force(moved, theta)


def _forward(force, theta, q, p, dt, steps):
    def body(_, state):
        return _step(force, theta, *state, dt)

    return jax.lax.fori_loop(0, steps, body, (q, p))


def _run(force, theta, q, p, dt, steps):
    last = _forward(force, theta, q, p, dt, steps)
    return last, (theta, *last, dt)


def _back(force, steps, kept, given):
    theta, q, p, dt = kept

    def body(_, state):
        q, p, by_q, by_p, by_theta, by_dt = state
        # A leapfrog step backwards in time is its own inverse.
        q, p = _step(force, theta, q, p, -dt)
        _, pull = jax.vjp(partial(_step, force), theta, q, p, dt)
        more_theta, by_q, by_p, more_dt = pull((by_q, by_p))
        by_theta = by_theta + more_theta
        return q, p, by_q, by_p, by_theta, by_dt + more_dt

    nothing = jnp.zeros_like(theta)
    state = (q, p, *given, nothing, jnp.zeros_like(dt))
    _, _, by_q, by_p, by_theta, by_dt = jax.lax.fori_loop(0, steps, body, state)
    return by_theta, by_q, by_p, by_dt


rollout.defvjp(_run, _back)
