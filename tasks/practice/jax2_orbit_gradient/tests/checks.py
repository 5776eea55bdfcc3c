"""Compares gradients, computed elsewhere, with those of the steps by themselves."""

import json
from pathlib import Path

from cases import CASES
from grading import Report, candidate, equal

HERE = Path(__file__).parent
EXPECTED = json.loads((HERE / "expected.json").read_text())
COMMON = (HERE / "orbits.py").read_text()
DRIVER = COMMON + """
import json, sys
from orbit import rollout

# Compiling is what takes time here, and not the orbits.
jax.config.update("jax_disable_most_optimizations", True)
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
# The solution 5 to 9, with all states kept 14 to 27; what is kept out, from the start for each
# step, some 10,000. A limit near any of them would be decided by noise.
print(took[1] <= 100 * took[0])
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


def check(answer, case, expected):
    if isinstance(answer, str):
        raise AssertionError(answer)
    kinds, shapes, same, value, *found = answer
    wanted_shapes, wanted, *ends = expected
    kind = case[2]
    equal((kinds, same), ([kind], True))
    equal(shapes, wanted_shapes)
    # Reconstructing a state loses some digits of 53 or 24 bits, at each step a few.
    tolerance = 1e-6 if kind == "float64" else 2e-2
    wanted = float.fromhex(wanted)
    equal(abs(float.fromhex(value) - wanted) <= tolerance * max(1, abs(wanted)), True)
    names = ("end", "theta", "q", "p", "dt")
    for what, got, right in zip(names, found, ends, strict=True):
        right = [float.fromhex(v) for v in right]
        got = [float.fromhex(v) for v in got]
        equal((what, len(got)), (what, len(right)))
        scale = max(1e-3, *map(abs, right))
        for one, other in zip(got, right, strict=True):
            if not abs(one - other) <= tolerance * scale:
                raise AssertionError("%s: found %r expected %r" % (what, one, other))


with Report() as report:
    answers = []
    with report.test("it runs"):
        done = candidate(["python3", "-c", DRIVER], input=json.dumps(list(CASES.values())), timeout=240)
        equal((done.exit, done.errors[-500:] if done.exit else ""), (0, ""))
        answers = json.loads(done.out)
        equal(len(answers), len(CASES))
    for number, (name, one) in enumerate(CASES.items()):
        with report.test(name):
            check(answers[number], one, EXPECTED[name])
    with report.test("memory does not grow with the steps"):
        equal(candidate(["python3", "-c", MEMORY], timeout=240).out, "True\nTrue\n")
    with report.test("a gradient takes some times as long as the steps"):
        equal(candidate(["python3", "-c", TIME], timeout=240).out, "True\n")
    with report.test("vmap, and compiled once"):
        done = candidate(["python3", "-c", MAPPED], timeout=240)
        equal(done.out, "True\nTrue\nTrue\nTrue True\n")
