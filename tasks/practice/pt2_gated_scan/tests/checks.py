"""Compares the scan, run elsewhere, with the loop in double precision."""

import json

import torch
from grading import Report, candidate, equal

DRIVER = """
import json, sys
import torch
from scan import gated_scan

torch.set_num_threads(1)

def plain(tensor):
    return [str(tensor.dtype), list(tensor.shape), [float(v).hex() for v in tensor.detach().double().reshape(-1)]]

results = []
for case in json.load(sys.stdin):
    try:
        kind = getattr(torch, case["kind"])
        given = []
        for shape, values in case["inputs"]:
            one = torch.tensor([float.fromhex(v) for v in values], dtype=kind).reshape(shape)
            if case["strided"]:
                one = one.transpose(0, -1).contiguous().transpose(0, -1)
            given.append(one.requires_grad_())
        before = [one.detach().clone() for one in given]
        y = gated_scan(*given)
        weights = torch.tensor([float.fromhex(v) for v in case["weights"]], dtype=kind).reshape(y.shape)
        (y * weights).sum().backward()
        same = all(torch.equal(a, b.detach()) for a, b in zip(before, given))
        results.append([same, plain(y), *(plain(one.grad) for one in given)])
    except Exception as error:
        results.append(repr(error))
json.dump(results, sys.stdout)
"""
TWICE = """
import torch
from scan import gated_scan

torch.manual_seed(3)
given = [torch.randn(2, 7, 3), torch.randn(2, 7, 3), torch.randn(2, 3)]
given[1][0, 2] = 0
given = [one.double().requires_grad_() for one in given]
print(torch.autograd.gradcheck(gated_scan, given), torch.autograd.gradgradcheck(gated_scan, given))
"""
LONG = """
import resource, time
import torch
from scan import gated_scan

torch.set_num_threads(1)
torch.manual_seed(11)
n = 400_000
x = torch.randn(1, n, 2)
gate = 1 - 0.2 * torch.rand(1, n, 2)
gate[0, ::5000] = 0
start = torch.randn(1, 2)
given = [one.requires_grad_() for one in (x, gate, start)]
began = time.process_time()
y = gated_scan(*given)
(y * torch.cos(torch.arange(n))[None, :, None]).sum().backward()
took = time.process_time() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
# Without a loop it is a fifth of a second.
print(took < 3, peak < 6)
print(*(float(v).hex() for v in y[0, ::1000].reshape(-1)))
print(*(float(v).hex() for one in given[:2] for v in one.grad[0, 500::1000].reshape(-1)))
"""


def loop(values, gates, first):
    """One step after the other."""
    rows = []
    for value, a in zip(values.unbind(1), gates.unbind(1), strict=True):
        first = a * first + value
        rows.append(first)
    return torch.stack(rows, dim=1)


def expected(inputs, weights):
    """The loop in double precision: (y, gradients), and how large each may be."""
    found = []
    for given, factor in ((inputs, weights), ([one.abs() for one in inputs], weights.abs())):
        given = [one.double().requires_grad_() for one in given]
        y = loop(*given)
        (y * factor.double()).sum().backward()
        found.append([y.detach(), *(one.grad for one in given)])
    return found


def packed(tensor):
    return [float(value).hex() for value in tensor.double().reshape(-1)]


def check(answer, inputs, weights, kind):
    if isinstance(answer, str):
        raise AssertionError(answer)
    same, *found = answer
    equal(same, True)
    values, scales = expected(inputs, weights)
    tolerance = 1e-4 if kind == "float32" else 1e-10
    for what, got, wanted, scale in zip("y x gate start".split(), found, values, scales, strict=True):
        dtype, shape, numbers = got
        equal((what, dtype, shape), (what, "torch." + kind, list(wanted.shape)))
        value = torch.tensor([float.fromhex(v) for v in numbers], dtype=torch.float64)
        off = (value.reshape(shape) - wanted).abs().max()
        if not off <= tolerance * max(1e-30, float(scale.abs().max())):
            raise AssertionError("%s is off by %g" % (what, off))


def case(seed, shape, kind, gates, *, strided=False):
    g = torch.Generator().manual_seed(seed)
    batch, time, channels = shape
    x = torch.randn(shape, generator=g)
    start = torch.randn(batch, channels, generator=g)
    gate = gates(torch.rand(shape, generator=g))
    inputs = [one.to(getattr(torch, kind)) for one in (x, gate, start)]
    weights = torch.randn(shape, generator=g).to(getattr(torch, kind))
    return inputs, weights, kind, strided


def sometimes_zero(u):
    return torch.where(u < 0.2, torch.zeros_like(u), u)


GATES = {
    "usual gates": lambda u: 0.5 + u / 2,
    "gates that are sometimes zero": sometimes_zero,
    "all gates zero": torch.zeros_like,
    "all gates one": torch.ones_like,
    "negative gates": lambda u: 2 * u - 1,
    "gates above one": lambda u: 0.9 + 0.2 * u,
    "tiny gates": lambda u: u * 1e-30,
    "tiny and large gates in turn": lambda u: torch.where(u < 0.5, u * 1e-20, 1.0 + u),
}
CASES = {}
for number, (name, gates) in enumerate(GATES.items()):
    for kind in ("float32", "float64"):
        CASES["%s, %s" % (name, kind)] = case(number, (2, 100, 3), kind, gates)
for time in (1, 2, 3, 7, 8, 9, 64, 65):
    shape = (3, time, 2)
    CASES["%d steps" % time] = case(50 + time, shape, "float64", sometimes_zero)
CASES["inputs that are not contiguous"] = case(99, (2, 33, 4), "float64", sometimes_zero, strided=True)

with Report() as report:
    answers = []
    with report.test("it runs"):
        given = []
        for inputs, weights, kind, strided in CASES.values():
            shapes = [[list(one.shape), packed(one)] for one in inputs]
            given.append({"kind": kind, "strided": strided, "inputs": shapes, "weights": packed(weights)})
        done = candidate(["python3", "-c", DRIVER], input=json.dumps(given), timeout=60)
        equal((done.exit, done.errors[-500:] if done.exit else ""), (0, ""))
        answers = json.loads(done.out)
        equal(len(answers), len(CASES))
    for number, (name, (inputs, weights, kind, _)) in enumerate(CASES.items()):
        with report.test(name):
            check(answers[number], inputs, weights, kind)
    with report.test("gradients of gradients"):
        equal(candidate(["python3", "-c", TWICE], timeout=30).out, "True True\n")
    with report.test("four hundred thousand steps"):
        done = candidate(["python3", "-c", LONG], timeout=70)
        equal(done.exit, 0)
        within, values, gradients = done.out.splitlines()
        equal(within, "True True")
        torch.manual_seed(11)
        n = 400_000
        x = torch.randn(1, n, 2)
        gate = 1 - 0.2 * torch.rand(1, n, 2)
        gate[0, ::5000] = 0
        start = torch.randn(1, 2)
        # Pieces begin where a gate is zero: each can be computed by itself.
        pieces = [one.reshape(80, 5000, 2).double().requires_grad_() for one in (x, gate)]
        y = loop(*pieces, start.double().expand(80, 2))
        (y * torch.cos(torch.arange(n)).reshape(80, 5000, 1).double()).sum().backward()
        close = torch.tensor([float.fromhex(v) for v in values.split()]).double()
        wanted = y.detach().reshape(n, 2)[::1000].reshape(-1)
        equal(bool(((close - wanted).abs() < 1e-3).all()), True)
        close = torch.tensor([float.fromhex(v) for v in gradients.split()]).double()
        wanted = torch.cat([one.grad.reshape(n, 2)[500::1000].reshape(-1) for one in pieces])
        equal(bool(((close - wanted).abs() < 1e-2).all()), True)
