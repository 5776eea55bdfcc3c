"""A gated running sum over time."""

import torch


def gated_scan(x, gate, start):
    """y[t] = gate[t] * y[t - 1] + x[t], with y[-1] = start."""
    steps, last = [], start
    for t in range(x.shape[1]):
        last = gate[:, t] * last + x[:, t]
        steps.append(last)
    return torch.stack(steps, dim=1)
