"""Batch normalisation of sequences of different lengths."""

import torch
from torch import nn


class PaddedBatchNorm(nn.Module):
    """Statistics are those of the valid positions alone."""

    def __init__(self, channels, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps = eps
        self.momentum = momentum
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x, lengths):
        steps = torch.arange(x.shape[1], device=x.device)
        valid = (steps < lengths.to(x.device)[:, None])[..., None]
        # Not a product: what stands in the padding may be infinite.
        kept = torch.where(valid, x, torch.zeros((), dtype=x.dtype, device=x.device))
        if self.training:
            count = valid.sum()
            safe = count.clamp(min=1)
            mean = kept.sum((0, 1)) / safe
            centred = torch.where(valid, kept - mean, torch.zeros_like(kept))
            var = (centred**2).sum((0, 1)) / safe
            if count >= 2:
                with torch.no_grad():
                    # As Python numbers: a quotient of whole tensors is single precision.
                    unbiased = var
                    self.running_mean += self.momentum * (mean - self.running_mean)
                    self.running_var += self.momentum * (unbiased - self.running_var)
                    self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        scaled = (kept - mean) * torch.rsqrt(var + self.eps) * self.weight + self.bias
        return torch.where(valid, scaled, torch.zeros_like(scaled))
