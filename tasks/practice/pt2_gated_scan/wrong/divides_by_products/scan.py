import torch


def gated_scan(x, gate, start):
    product = torch.cumprod(gate, dim=1)
    return product * (start[:, None] + torch.cumsum(x / product, dim=1))
