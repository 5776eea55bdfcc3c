"""Leapfrog integration."""

import jax


def rollout(force, theta, q, p, dt, steps):
    """(q, p) after so many leapfrog steps."""

    def step(state, _):
        q, p = state
        half = p + 0.5 * dt * force(q, theta)
        q = q + dt * half
        return (q, half + 0.5 * dt * force(q, theta)), None

    (q, p), _ = jax.lax.scan(step, (q, p), None, length=steps)
    return q, p
