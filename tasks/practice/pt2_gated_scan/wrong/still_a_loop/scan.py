import torch


def gated_scan(x, gate, start):
    gates, values = gate.unbind(1), x.unbind(1)
    last, steps = start, []
    for a, value in zip(gates, values):
        last = torch.addcmul(value, a, last)
        steps.append(last)
    return torch.stack(steps, dim=1)
