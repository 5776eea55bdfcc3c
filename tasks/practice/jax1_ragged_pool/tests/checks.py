"""Compares pooling, run elsewhere, with sums in Python over each segment."""

import json
import math
import random

from grading import Report, candidate, equal

DRIVER = """
import json, sys
import jax, jax.numpy as jnp, numpy as np
from pool import pool

def plain(array):
    return [list(array.shape), [v.hex() for v in np.asarray(array, float).ravel().tolist()]]

def numbers(rows):
    return [[float.fromhex(v) for v in row] if isinstance(row, list) else float.fromhex(row) for row in rows]

# Compiled once for each shape: the cases share a few, since compiling is what takes time.
jitted = jax.jit(pool, static_argnums=3)
loss = lambda v, s, segments, weights, count: (jitted(v, s, segments, count) * weights).sum()
gradients = jax.jit(jax.grad(loss, argnums=(0, 1)), static_argnums=4)
results = []
for case in json.load(sys.stdin):
    try:
        values = jnp.array(numbers(case["values"]), jnp.float32).reshape(-1, case["channels"])
        scores = jnp.array(numbers(case["scores"]), jnp.float32)
        segments = jnp.array(case["segments"], jnp.int32)
        count = case["count"]
        weights = jnp.array(numbers(case["weights"]), jnp.float32)
        grads = gradients(values, scores, segments, weights, count)
        eager = pool(values, scores, segments, count)
        results.append([plain(jitted(values, scores, segments, count)), plain(eager), *map(plain, grads)])
    except Exception as error:
        results.append(repr(error)[:500])
json.dump(results, sys.stdout)
"""
OTHER = """
import jax, jax.numpy as jnp, numpy as np
from pool import pool

rng = np.random.default_rng(5)
values = jnp.array(rng.normal(size=(4, 30, 2)), jnp.float32)
scores = jnp.array(rng.normal(size=(4, 30)), jnp.float32)
segments = jnp.array(rng.integers(-1, 9, size=(4, 30)), jnp.int32)
many = jax.vmap(lambda v, s, g: pool(v, s, g, 8))(values, scores, segments)
each = jnp.stack([pool(v, s, g, 8) for v, s, g in zip(values, scores, segments)])
print(bool(jnp.allclose(many, each, atol=1e-6)))
tangent = jnp.array(rng.normal(size=scores.shape), jnp.float32)
f = lambda s: pool(values[0], s, segments[0], 8)
_, out = jax.jvp(f, (scores[0],), (tangent[0],))
near = (f(scores[0] + 1e-2 * tangent[0]) - f(scores[0] - 1e-2 * tangent[0])) / 2e-2
print(bool(jnp.allclose(out, near, atol=2e-3)))
print(pool(values[0], scores[0], segments[0], 8).dtype)
traces = []
def counted(v, s, g):
    traces.append(1)
    return pool(v, s, g, 8)
jitted = jax.jit(counted)
for v, s, g in zip(values, scores, segments):
    jitted(v, s, jnp.sort(g))
print(len(traces))
"""
LARGE = """
import resource, time

# What takes far too much is to fail, and not to take the machine's memory and time.
resource.setrlimit(resource.RLIMIT_AS, (10 << 30, 10 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
import jax, jax.numpy as jnp, numpy as np
from pool import pool

rng = np.random.default_rng(6)
rows, count = 200_000, 50_000
values = jnp.array(rng.normal(size=(rows, 8)), jnp.float32)
scores = jnp.array(rng.normal(size=rows), jnp.float32)
segments = jnp.array(rng.permutation(rows) % count, jnp.int32)
began = time.process_time()
f = jax.jit(jax.grad(lambda v, s: (pool(v, s, segments, count) ** 2).sum(), argnums=(0, 1)))
found = jax.block_until_ready(f(values, scores))
took = time.process_time() - began
print(took < 10, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 3e6)
"""


def reference(case):
    """Result and gradients, in Python's double precision."""
    rows = range(len(case["scores"]))
    count, channels = case["count"], case["channels"]
    result = [[0.0] * channels for _ in range(count)]
    by_value = [[0.0] * channels for _ in rows]
    by_score = [0.0 for _ in rows]
    for segment in range(count):
        mine = [r for r in rows if case["segments"][r] == segment and case["scores"][r] > -math.inf]
        if not mine:
            continue
        top = max(case["scores"][r] for r in mine)
        powers = {r: math.exp(case["scores"][r] - top) for r in mine}
        total = math.fsum(powers.values())
        for c in range(channels):
            result[segment][c] = math.fsum(powers[r] / total * case["values"][r][c] for r in mine)
            for r in mine:
                weight = powers[r] / total
                by_value[r][c] = weight * case["weights"][segment][c]
                apart = case["values"][r][c] - result[segment][c]
                by_score[r] += weight * apart * case["weights"][segment][c]
    return result, result, by_value, by_score


def flat(numbers):
    return [v for row in numbers for v in (row if isinstance(row, list) else [row])]


def check(answer, case):
    if isinstance(answer, str):
        raise AssertionError(answer)
    names = ("under jit", "without jit", "gradient of values", "gradient of scores")
    for what, found, wanted in zip(names, answer, reference(case), strict=True):
        numbers = [float.fromhex(v) for v in found[1]]
        wanted = flat(wanted)
        equal((what, len(numbers)), (what, len(wanted)))
        scale = max(1.0, max(map(abs, wanted), default=0.0))
        for place, (got, right) in enumerate(zip(numbers, wanted, strict=True)):
            # Single precision has 24 bits; a few dozen additions lose some of them.
            if not abs(got - right) <= 1e-4 * scale:
                raise AssertionError("%s [%d]: found %r expected %r" % (what, place, got, right))


def case(seed, rows, count, channels=2, *, segments=None, scores=None, poison=None, spread=1.0, alone=False):
    """Of one shape with the others, by padding and segments without rows, if not alone."""
    chance = random.Random(seed)
    segments = segments or [chance.randint(-2, count + 1) for _ in range(rows)]
    if not alone:
        count = max(count, 4)
        more = max(0, 40 - rows)
        segments = segments + [chance.choice((-1, count)) for _ in range(more)]
        scores = scores and scores + [0.5] * more
        rows += more

    def single(value):
        # What a float32 can hold, so that both sides work on the same numbers.
        import struct
        return struct.unpack("f", struct.pack("f", value))[0]

    scores = scores or [single(chance.gauss(0, spread)) for _ in range(rows)]
    values = [[single(chance.gauss(0, 1)) for _ in range(channels)] for _ in range(rows)]
    if poison is not None:
        for r in range(rows):
            padding = not 0 <= segments[r] < count
            if padding or scores[r] == -math.inf:
                values[r] = [poison] * channels
            if padding:
                scores[r] = poison
    weights = [[single(chance.gauss(0, 1)) for _ in range(channels)] for _ in range(count)]
    return {"values": values, "scores": scores, "segments": segments, "count": count, "channels": channels, "weights": weights}


INF, NAN = math.inf, math.nan
CASES = {
    "a few segments": case(1, 12, 3),
    "one row a segment": case(2, 5, 5, segments=[3, 0, 4, 1, 2], alone=True),
    "one segment": case(3, 9, 1, segments=[0] * 9, alone=True),
    "segments without rows": case(4, 6, 9, segments=[0, 8, 8, 4, 0, 4], alone=True),
    "all rows are padding": case(5, 4, 3, segments=[-1, 4, 7, -2], poison=NAN),
    "NaN in the padding": case(6, 20, 4, poison=NAN),
    "infinity in the padding": case(7, 20, 4, poison=INF),
    "minus infinity in the padding": case(8, 20, 4, poison=-INF),
    "scores of 1e5": case(9, 8, 2, segments=[0, 1] * 4, scores=[1e5, -1e5, 1e5 - 1, -1e5 + 2, 1e5 + 1, -1e5, 9e4, -2e5]),
    "segments with scores of all sizes": case(10, 8, 2, segments=[0, 0, 0, 0, 1, 1, 1, 1], scores=[500.0, 501.0, 499.0, 500.5, -500.0, -501.0, -500.5, -499.0]),
    "some scores of minus infinity": case(11, 8, 2, segments=[0, 1] * 4, scores=[-INF, 1.0, 2.0, -INF, 0.5, 0.25, -INF, -1.0]),
    "minus infinity beside NaN in values": case(12, 8, 2, segments=[0, 1] * 4, scores=[-INF, 1.0, 2.0, -INF, 0.5, 0.25, -INF, -1.0], poison=NAN),
    "all scores of a segment minus infinity": case(13, 6, 3, segments=[0, 0, 1, 1, 2, 2], scores=[-INF, -INF, 1.0, 2.0, -INF, 0.0], poison=NAN),
    "every score minus infinity": case(14, 4, 2, segments=[0, 0, 1, 1], scores=[-INF] * 4, poison=INF),
    "equal scores": case(15, 9, 2, scores=[3.0] * 9),
    "wide scores": case(16, 40, 3, spread=40.0),
    "one channel": case(17, 15, 4, channels=1),
    "five hundred rows": case(18, 500, 17, channels=3, alone=True),
    "padding that is large": case(19, 10, 2, segments=[0, 1, 2, 99, 2147483647, -2147483648, 1, 0, 5, -1], poison=NAN),
}

with Report() as report:
    answers = []
    with report.test("it runs"):
        def coded(one):
            return {**one, "values": [[v.hex() for v in row] for row in one["values"]], "scores": [v.hex() for v in one["scores"]], "weights": [[v.hex() for v in row] for row in one["weights"]]}

        given = json.dumps([coded(each) for each in CASES.values()])
        done = candidate(["python3", "-c", DRIVER], input=given, timeout=240)
        equal((done.exit, done.errors[-500:] if done.exit else ""), (0, ""))
        answers = json.loads(done.out)
        equal(len(answers), len(CASES))
    for number, (name, one) in enumerate(CASES.items()):
        with report.test(name):
            check(answers[number], one)
    with report.test("vmap, jvp, type, and compiled once"):
        done = candidate(["python3", "-c", OTHER], timeout=240)
        equal((done.exit, done.out), (0, "True\nTrue\nfloat32\n1\n"))
    with report.test("many rows in many segments"):
        done = candidate(["python3", "-c", LARGE], timeout=240)
        equal((done.exit, done.out), (0, "True True\n"))
