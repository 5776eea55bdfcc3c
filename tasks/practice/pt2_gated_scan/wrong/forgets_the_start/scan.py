"""A gated running sum over time, without a loop over time."""

import torch


def gated_scan(x, gate, start):
    """y[t] = gate[t] * y[t - 1] + x[t], with y[-1] = start; all steps at once.

    Two steps in a row are one: first (a, x) and then (b, z) is (a * b, b * x + z). After k
    rounds each place holds the last 2**k steps as one.
    """
    y = torch.cat([x[:, :1] + 0 * start[:, None], x[:, 1:]], dim=1)
    a = gate
    reach = 1
    while reach < x.shape[1]:
        y = torch.cat([y[:, :reach], y[:, reach:] + a[:, reach:] * y[:, :-reach]], dim=1)
        if 2 * reach < x.shape[1]:
            a = torch.cat([a[:, :reach], a[:, reach:] * a[:, :-reach]], dim=1)
        reach *= 2
    return y
