"""Compares gradients, computed elsewhere, with those of the steps by themselves."""

import json

from grading import Report, candidate, equal
import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)

COMMON = """
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
        found = {"k": 1 + 0.1 * draw(), "cubic": 0.2 * np.abs(draw(4))}, draw(4), draw(4)
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
    return [v.hex() for leaf in jax.tree.leaves(tree) for v in np.asarray(leaf, float).ravel().tolist()]
"""
DRIVER = COMMON + """
import json, sys
from orbit import rollout

results = []
for name, seed, kind, steps, dt, jitted in json.load(sys.stdin):
    try:
        kind = getattr(jnp, kind)
        theta, q, p = arguments(name, seed, kind)
        step = jnp.asarray(dt, kind)
        value = jax.value_and_grad(loss(rollout, name, steps), argnums=(0, 1, 2, 3))
        both = lambda *given: (value(*given), rollout(FORCES[name], *given[:3], dt, steps))
        (found, grads), end = (jax.jit(both) if jitted else both)(theta, q, p, step)
        kinds = sorted({str(leaf.dtype) for leaf in jax.tree.leaves((end, grads))})
        shapes = [jnp.shape(leaf) for leaf in jax.tree.leaves((end, grads))]
        same = jax.tree.structure(grads[0]) == jax.tree.structure(theta)
        results.append([kinds, shapes, same, float(found).hex(), flat(end), *map(flat, grads)])
    except Exception as error:
        results.append(repr(error)[:600])
json.dump(results, sys.stdout)
"""
MEMORY = COMMON + """
from orbit import rollout

for name in ("spring", "net"):
    theta, q, p = arguments(name, 1, jnp.float64)
    sizes = []
    for steps in (100, 100_000):
        f = jax.jit(jax.grad(loss(rollout, name, steps), argnums=(0, 1, 2, 3)))
        analysed = f.lower(theta, q, p, jnp.asarray(1e-3)).compile().memory_analysis()
        sizes.append(analysed.temp_size_in_bytes)
    print(sizes[1] <= 1.1 * sizes[0] + 20_000)
"""
TIME = COMMON + """
import time
from orbit import rollout

theta, q, p = arguments("chain", 2, jnp.float64)
forward = jax.jit(loss(rollout, "chain", 20_000))
backward = jax.jit(jax.grad(loss(rollout, "chain", 20_000), argnums=(0, 1, 2, 3)))
took = []
for f in (forward, backward):
    jax.block_until_ready(f(theta, q, p, 1e-3))
    times = []
    for _ in range(5):
        began = time.process_time()
        jax.block_until_ready(f(theta, q, p, 1e-3))
        times.append(time.process_time() - began)
    took.append(min(times))
print(took[1] <= 25 * took[0])
"""
MAPPED = COMMON + """
from orbit import rollout

thetas, qs, ps = zip(*(arguments("spring", seed, jnp.float64) for seed in range(5)))
stack = lambda *leaves: jnp.stack(leaves)
theta, q, p = jax.tree.map(stack, *thetas), jnp.stack(qs), jnp.stack(ps)
dts = jnp.linspace(0.01, 0.05, 5)
g = jax.grad(loss(rollout, "spring", 30), argnums=(0, 1, 2, 3))
one = jax.jit(g)
each = [one(thetas[i], qs[i], ps[i], dts[i]) for i in range(5)]
for f in (jax.vmap(g), jax.jit(jax.vmap(g))):
    many = f(theta, q, p, dts)
    print(all(jnp.allclose(a, b) for a, b in zip(jax.tree.leaves(many), jax.tree.leaves(jax.tree.map(stack, *each)))))
part = jax.vmap(g, in_axes=(None, 0, None, None))(thetas[0], q, ps[0], 0.02)
print(all(jnp.allclose(part[1][i], one(thetas[0], qs[i], ps[0], jnp.asarray(0.02))[1]) for i in range(5)))
traces = []
def counted(q, theta):
    traces.append(1)
    return spring(q, theta)
f = jax.jit(jax.grad(lambda q: rollout(counted, thetas[0], q, ps[0], 0.01, 50)[0].sum()))
f(qs[0])
once = len(traces)
f(qs[1])
print(len(traces) == once, once < 40)
"""
exec(COMMON)


def steps_alone(force, theta, q, p, dt, steps):
    def step(_, state):
        q, p = state
        half = p + dt / 2 * force(q, theta)
        q = q + dt * half
        return q, half + dt / 2 * force(q, theta)

    for number in range(steps) if steps < 5 else ():
        q, p = step(number, (q, p))
    if steps >= 5:
        (q, p), _ = jax.lax.scan(lambda state, _: (step(0, state), None), (q, p), None, length=steps)
    return q, p


def check(answer, case):
    if isinstance(answer, str):
        raise AssertionError(answer)
    name, seed, kind, steps, dt, _ = case
    kinds, shapes, same, value, *found = answer
    equal((kinds, same), ([kind], True))
    theta, q, p = arguments(name, seed, getattr(jnp, kind))
    theta, q, p = jax.tree.map(lambda leaf: leaf.astype(jnp.float64), (theta, q, p))
    step = jnp.asarray(jnp.asarray(dt, getattr(jnp, kind)), jnp.float64)
    value_of = jax.value_and_grad(loss(steps_alone, name, steps), argnums=(0, 1, 2, 3))
    both = lambda *given: (value_of(*given), steps_alone(FORCES[name], *given, steps))
    (wanted, grads), end = jax.jit(both)(theta, q, p, step)
    equal(shapes, [list(jnp.shape(leaf)) for leaf in jax.tree.leaves((end, grads))])
    # Reconstructing a state loses some digits of 53 or 24 bits, at each step a few.
    tolerance = 1e-6 if kind == "float64" else 2e-2
    equal(abs(float.fromhex(value) - float(wanted)) <= tolerance * max(1, abs(float(wanted))), True)
    names = ("end", "theta", "q", "p", "dt")
    for what, got, right in zip(names, found, (end, *grads), strict=True):
        right = [float.fromhex(v) for v in flat(right)]
        got = [float.fromhex(v) for v in got]
        equal((what, len(got)), (what, len(right)))
        scale = max(1e-3, *map(abs, right))
        for one, other in zip(got, right, strict=True):
            if not abs(one - other) <= tolerance * scale:
                raise AssertionError("%s: found %r expected %r" % (what, one, other))


CASES = {
    "no step": ("spring", 1, "float64", 0, 0.1, True),
    "one step": ("spring", 2, "float64", 1, 0.1, True),
    "two steps, without jit": ("spring", 3, "float64", 2, 0.1, False),
    "a spring": ("spring", 4, "float64", 300, 0.02, True),
    "a spring, backwards in time": ("spring", 5, "float64", 200, -0.03, True),
    "planets": ("planet", 6, "float64", 200, 0.01, True),
    "planets, without jit": ("planet", 7, "float64", 20, 0.02, False),
    "a small network": ("net", 8, "float64", 150, 0.05, True),
    "a chain": ("chain", 9, "float64", 400, 0.05, True),
    "a long orbit": ("chain", 10, "float64", 30_000, 0.001, True),
    "single precision": ("spring", 11, "float32", 60, 0.02, True),
    "single precision, a network": ("net", 12, "float32", 40, 0.05, True),
    "steps of no length": ("chain", 13, "float64", 10, 0.0, True),
}

with Report() as report:
    answers = []
    with report.test("it runs"):
        done = candidate(["python3", "-c", DRIVER], input=json.dumps(list(CASES.values())), timeout=240)
        equal((done.exit, done.errors[-500:] if done.exit else ""), (0, ""))
        answers = json.loads(done.out)
        equal(len(answers), len(CASES))
    for number, (name, one) in enumerate(CASES.items()):
        with report.test(name):
            check(answers[number], one)
    with report.test("memory does not grow with the steps"):
        equal(candidate(["python3", "-c", MEMORY], timeout=240).out, "True\nTrue\n")
    with report.test("a gradient takes some times as long as the steps"):
        equal(candidate(["python3", "-c", TIME], timeout=240).out, "True\n")
    with report.test("vmap, and compiled once"):
        done = candidate(["python3", "-c", MAPPED], timeout=240)
        equal(done.out, "True\nTrue\nTrue\nTrue True\n")
