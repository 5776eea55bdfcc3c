"""Writes expected.json: ends and gradients of the steps by themselves, in double precision.

Only when cases change; it takes as long as the tests do. With an environment of jax.lock:

    python3 reference.py
"""

import json
from pathlib import Path

import jax
import jax.numpy as jnp
from cases import CASES
from orbits import FORCES, arguments, flat, loss


def steps_alone(force, theta, q, p, dt, steps):
    def step(_, state):
        q, p = state
        half = p + dt / 2 * force(q, theta)
        q = q + dt * half
        return q, half + dt / 2 * force(q, theta)

    for number in range(steps) if steps < 5 else ():
        q, p = step(number, (q, p))
    if steps >= 5:
        (q, p), _ = jax.lax.scan(
            lambda state, _: (step(0, state), None), (q, p), None, length=steps
        )
    return q, p


def expected(case):
    """The loss, the shapes, and the end and the gradients by theta, q, p and dt."""
    name, seed, kind, steps, dt, _ = case
    theta, q, p = arguments(name, seed, getattr(jnp, kind))
    theta, q, p = jax.tree.map(lambda leaf: leaf.astype(jnp.float64), (theta, q, p))
    step = jnp.asarray(jnp.asarray(dt, getattr(jnp, kind)), jnp.float64)
    value_of = jax.value_and_grad(loss(steps_alone, name, steps), argnums=(0, 1, 2, 3))
    both = lambda *given: (value_of(*given), steps_alone(FORCES[name], *given, steps))
    (value, grads), end = jax.jit(both)(theta, q, p, step)
    shapes = [jnp.shape(leaf) for leaf in jax.tree.leaves((end, grads))]
    return [shapes, float(value).hex(), *map(flat, (end, *grads))]


if __name__ == "__main__":
    lines = [json.dumps(name) + ": " + json.dumps(expected(case)) for name, case in CASES.items()]
    Path(__file__).with_name("expected.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
