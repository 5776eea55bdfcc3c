"""Softmax-weighted means of the rows of each segment."""

import jax
import jax.numpy as jnp


def pool(values, scores, segments, count):
    """(count, channels): a weighted mean for each segment."""
    used = (segments >= 0) & (segments < count) & (scores > -jnp.inf)
    # Rows that count nowhere go to a segment of their own, with harmless numbers in place
    # of theirs: a gradient through NaN or infinity would be NaN even where it is not used.
    place = jnp.where(used, segments, 0)
    safe = jnp.where(used, scores, 0)
    rows = values
    top = jax.ops.segment_max(jax.lax.stop_gradient(safe), place, count + 1)
    weights = jnp.where(used, jnp.exp(safe - jax.lax.stop_gradient(top)[place]), 0)
    total = jax.ops.segment_sum(weights, place, count + 1)[:count]
    summed = jax.ops.segment_sum(weights[:, None] * rows, place, count + 1)[:count]
    full = total > 0
    return jnp.where(full[:, None], summed / jnp.where(full, total, 1)[:, None], 0)
