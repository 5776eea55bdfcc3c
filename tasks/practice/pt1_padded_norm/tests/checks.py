"""Compares the layer, run elsewhere, with nn.BatchNorm1d on the valid values alone."""

import json

import torch
from grading import Report, candidate, equal
from torch import nn

DRIVER = """
import json, sys
import torch
from padded_norm import PaddedBatchNorm

def plain(tensor):
    return None if tensor is None else [str(tensor.dtype), list(tensor.shape), [float(v).hex() for v in tensor.detach().double().reshape(-1)]]

def tensor(given):
    return torch.tensor([float.fromhex(v) for v in given[2]], dtype=getattr(torch, given[0].split(".")[1])).reshape(given[1])

results = []
for case in json.load(sys.stdin):
    try:
        layer = PaddedBatchNorm(case["channels"], eps=case["eps"], momentum=case["momentum"])
        state = {name: tensor(value) for name, value in case["state"].items()}
        layer.load_state_dict(state)
        if case["double"]:
            layer.double()
        steps = []
        for x, lengths, weights, training in case["steps"]:
            layer.train(training)
            layer.zero_grad()
            x = tensor(x).requires_grad_()
            y = layer(x, torch.tensor(lengths))
            (y * tensor(weights)).sum().backward()
            steps.append([plain(y), plain(x.grad), plain(layer.weight.grad), plain(layer.bias.grad)])
        results.append([steps, {name: plain(value) for name, value in layer.state_dict().items()}])
    except Exception as error:
        results.append(repr(error))
json.dump(results, sys.stdout)
"""


def packed(tensor):
    values = [float(value).hex() for value in tensor.detach().double().reshape(-1)]
    return [str(tensor.dtype), list(tensor.shape), values]


def unpacked(given):
    kind, shape, values = given
    found = torch.tensor([float.fromhex(v) for v in values], dtype=torch.float64)
    return kind, found.reshape(shape)


class Reference:
    """nn.BatchNorm1d in double precision, on the valid values alone."""

    def __init__(self, case):
        self.norm = nn.BatchNorm1d(case["channels"], eps=case["eps"], momentum=case["momentum"]).double()
        state = {}
        for name, value in case["state"].items():
            tensor = unpacked(value)[1]
            state[name] = tensor.long() if name == "num_batches_tracked" else tensor
        self.norm.load_state_dict(state)

    def step(self, x, lengths, weights, training):
        _, x = unpacked(x)
        _, weights = unpacked(weights)
        valid = torch.arange(x.shape[1]) < torch.tensor(lengths)[:, None]
        inner = x[valid].clone().requires_grad_()
        self.norm.train(training)
        self.norm.zero_grad()
        y, gradient = torch.zeros_like(x), torch.zeros_like(x)
        weight, bias = torch.zeros(x.shape[2]).double(), torch.zeros(x.shape[2]).double()
        if len(inner) == 1 and training:
            y[valid] = self.norm.bias.detach()
            bias = weights[valid][0]
        elif len(inner):
            out = self.norm(inner)
            (out * weights[valid]).sum().backward()
            y[valid], gradient[valid] = out.detach(), inner.grad
            weight, bias = self.norm.weight.grad, self.norm.bias.grad
        return [y, gradient, weight, bias]


def close(found, expected, kind, what):
    """Within what rounding explains: 24 or 53 bits, over a few hundred additions."""
    dtype, value = unpacked(found)
    equal((what, dtype, list(value.shape)), (what, kind, list(expected.shape)))
    tolerance = 2e-4 if kind == "torch.float32" else 1e-9
    scale = max(1.0, float(expected.abs().max()) if expected.numel() else 1.0)
    if not torch.allclose(value, expected.double(), rtol=tolerance, atol=tolerance * scale):
        raise AssertionError("%s: found %s expected %s" % (what, value, expected))


def case(seed, shapes, *, channels=3, double=False, poison=0.0, training=None, eps=1e-5, momentum=0.1, offset=0.0):
    g = torch.Generator().manual_seed(seed)
    kind = torch.float64 if double else torch.float32
    state = {
        "weight": torch.randn(channels, generator=g),
        "bias": torch.randn(channels, generator=g),
        "running_mean": torch.randn(channels, generator=g),
        "running_var": torch.rand(channels, generator=g) + 0.5,
        "num_batches_tracked": torch.tensor(seed % 7),
    }
    steps = []
    for number, (lengths, time) in enumerate(shapes):
        x = (torch.randn(len(lengths), time, channels, generator=g) * 2 + offset).to(kind)
        padding = torch.arange(time) >= torch.tensor(lengths)[:, None]
        x[padding] = poison if poison != 0.0 else 1e3
        weights = torch.randn(len(lengths), time, channels, generator=g).to(kind)
        is_training = training[number] if training else True
        steps.append([packed(x), lengths, packed(weights), is_training])
    return {
        "channels": channels, "eps": eps, "momentum": momentum, "double": double,
        "state": {name: packed(value) for name, value in state.items()}, "steps": steps,
    }


def with_types(case):
    case["state"]["num_batches_tracked"][0] = "torch.int64"
    return case


NAN, INF = float("nan"), float("inf")
LENGTHS = ([5, 2, 0, 4], 6)
CASES = {
    "lengths of every kind": case(1, [LENGTHS]),
    "no padding at all": case(2, [([6, 6, 6], 6)]),
    "several batches, one after the other": case(3, [LENGTHS, ([1, 1], 1), ([3, 7], 9)]),
    "double precision": case(4, [LENGTHS, ([2, 3], 4)], double=True),
    "NaN in the padding": case(5, [LENGTHS], poison=NAN),
    "infinity in the padding": case(6, [LENGTHS], poison=INF),
    "minus infinity in the padding, evaluating": case(7, [LENGTHS], poison=-INF, training=[False]),
    "evaluating": case(8, [LENGTHS, LENGTHS], training=[False, False]),
    "training, evaluating, training": case(9, [LENGTHS] * 3, training=[True, False, True]),
    "one valid position": case(10, [([0, 1, 0], 4)]),
    "one valid position beside NaN": case(11, [([1], 3)], poison=NAN),
    "no valid position": case(12, [([0, 0], 3)], poison=NAN),
    "no valid position, then some": case(13, [([0], 2), LENGTHS, ([1], 5), LENGTHS]),
    "two valid positions": case(14, [([1, 1], 5)]),
    "another momentum and another eps": case(15, [LENGTHS, LENGTHS], momentum=0.6, eps=0.3),
    "values far from zero": case(16, [([40, 60, 3], 60)], offset=300.0, double=True),
    "values far from zero, in single precision": case(17, [([40, 60, 3], 60)], offset=300.0),
    "one channel": case(18, [LENGTHS], channels=1),
    "evaluating one position": case(19, [([1], 2)], poison=NAN, training=[False]),
}

with Report() as report:
    answers = []
    with report.test("the layer runs, and loads the state of nn.BatchNorm1d"):
        given = json.dumps([with_types(each) for each in CASES.values()])
        done = candidate(["python3", "-c", DRIVER], input=given, timeout=60)
        equal((done.exit, done.errors[-500:] if done.exit else ""), (0, ""))
        answers = json.loads(done.out)
        equal(len(answers), len(CASES))
    for number, (name, one) in enumerate(CASES.items()):
        with report.test(name):
            steps, state = answers[number]
            reference = Reference(one)
            kind = "torch.float64" if one["double"] else "torch.float32"
            for step, found in zip(one["steps"], steps, strict=True):
                x, lengths, weights, training = step
                expected = reference.step(x, lengths, weights, training)
                names = ("y", "gradient of x", "gradient of weight", "gradient of bias")
                for what, got, wanted in zip(names, found, expected, strict=True):
                    close(got, wanted, kind, what)
            wanted = reference.norm.state_dict()
            equal(list(state), list(wanted))
            for key in wanted:
                counted = key == "num_batches_tracked"
                close(state[key], wanted[key], "torch.int64" if counted else kind, key)
