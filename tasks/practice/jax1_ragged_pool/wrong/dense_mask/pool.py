import jax.numpy as jnp


def pool(values, scores, segments, count):
    used = (segments >= 0) & (segments < count) & (scores > -jnp.inf)
    mine = (segments[None] == jnp.arange(count)[:, None]) & used[None]
    logits = jnp.where(mine, jnp.where(used, scores, 0)[None], -1e30)
    weights = jnp.where(mine, jnp.exp(logits - logits.max(1, keepdims=True)), 0)
    total = weights.sum(1, keepdims=True)
    weights = weights / jnp.where(total > 0, total, 1)
    return weights @ jnp.where(used[:, None], values, 0)
