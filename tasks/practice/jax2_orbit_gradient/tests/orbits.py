"""Forces, and where orbits in them begin. Programs of the tests start with this file."""

import jax, jax.numpy as jnp, numpy as np

jax.config.update("jax_enable_x64", True)


def spring(q, theta):
    return -theta["k"] * q - theta["cubic"] * q**3


def planet(q, theta):
    return -theta * q / (jnp.sum(q**2, -1, keepdims=True) + 0.1) ** 1.5


def net(q, theta):
    (w, b), scale = theta
    return -scale * jnp.tanh(q @ w + b) @ w.T


def chain(q, theta):
    left = jnp.concatenate([jnp.zeros_like(q[:1]), q[:-1]])
    right = jnp.concatenate([q[1:], jnp.zeros_like(q[:1])])
    return theta[0] * (left + right - 2 * q) - theta[1] * jnp.sin(q)


FORCES = {"spring": spring, "planet": planet, "net": net, "chain": chain}


def arguments(name, seed, kind):
    chance = np.random.default_rng(seed)
    draw = lambda *shape: chance.normal(size=shape)
    if name == "spring":
        found = (
            {"k": 1 + 0.1 * draw(), "cubic": 0.2 * np.abs(draw(4))},
            draw(4),
            draw(4),
        )
    elif name == "planet":
        found = 1 + 0.1 * draw(), draw(3, 2) + 1.5, 0.3 * draw(3, 2)
    elif name == "net":
        found = ((0.5 * draw(3, 5), 0.1 * draw(5)), 0.7), draw(2, 3), draw(2, 3)
    else:
        found = (0.8, 0.3 * np.abs(draw(6))), draw(6), draw(6)
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, kind), found)


def loss(run, name, steps):
    def of(theta, q, p, dt):
        q, p = run(FORCES[name], theta, q, p, dt, steps)
        return (jnp.sin(q) * 1.3 + p**2 * 0.4 + q * p).sum()

    return of


def flat(tree):
    return [
        v.hex()
        for leaf in jax.tree.leaves(tree)
        for v in np.asarray(leaf, float).ravel().tolist()
    ]
